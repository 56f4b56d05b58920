// SPDX-License-Identifier: Apache-2.0
// What each function of hls/ must return, by the host's floating-point unit under FTZ and DAZ
// (class HostFlush) or, where that has no such operation, by its definition in double precision.
#pragma once

#include "vectors.h"

namespace weft::hls::test::reference {

std::uint32_t block_accumulate(const Operands& x);
std::uint32_t fp32_fma(const Operands& x);
std::uint32_t fp32_compare(const Operands& x);
std::uint32_t int32_to_fp32(const Operands& x);
std::uint32_t fp32_to_int8(const Operands& x);
std::uint32_t fp32_to_bf16(const Operands& x);
std::uint32_t bf16_to_fp32(const Operands& x);
std::uint32_t int32_to_int8(const Operands& x);
std::uint32_t block_exponent(const Operands& x);
std::uint32_t quantise(const Operands& x);
std::uint32_t fp32_divide(const Operands& x);
std::uint32_t fp32_sqrt(const Operands& x);
std::uint32_t block_exponent_stochastic(const Operands& x);
std::uint32_t random16(const Operands& x);
std::uint32_t quantise_stochastic(const Operands& x);

}  // namespace weft::hls::test::reference
