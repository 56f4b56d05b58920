// SPDX-License-Identifier: Apache-2.0
// How far a result of an approximating function of hls/ lies from the exact one, as a multiple of
// the bound that hls/functions.toml states: at most 1 is right, infinity stands for a wrong
// special.
//
// The exact values come from the C library in double precision, whose error of about 2^-52 is
// 2^-28 ulp of FP32. An ulp is the distance of FP32 numbers in the binade of the exact value.
#pragma once

#include "vectors.h"

namespace weft::hls::test::approximation {

double fp32_exp2(const Operands& x, std::uint32_t result);           // 1 ulp
double fp32_log2(const Operands& x, std::uint32_t result);           // 1 ulp
double fp32_sigmoid(const Operands& x, std::uint32_t result);        // 1.25 ulp
double fp32_tanh(const Operands& x, std::uint32_t result);           // 1 ulp
double fp32_gelu(const Operands& x, std::uint32_t result);           // 1 ulp; |x| 2^-26 + 0.5 ulp
double fp32_gelu_gradient(const Operands& x, std::uint32_t result);  // 1 ulp; 2^-26 + 0.5 ulp

}  // namespace weft::hls::test::approximation
