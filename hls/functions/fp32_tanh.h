// SPDX-License-Identifier: Apache-2.0
// fp32_tanh: the hyperbolic tangent of x.
//
// Odd. Below 1 it is x times the polynomial of tanh(x) / x, so small numbers keep their relative
// accuracy; from 1 on the polynomial of tanh(x) itself; from 16 on (and for infinity) 1. Zeros give
// zero of their sign, NaN 0x7fc00000.
//
// Error: at most 1 ulp (measured: docs/numerics.md). Source: the definition; table of
// hls/tables.py.
#pragma once

#include "hls/functions/octave_segment.h"
#include "hls/functions/round_fp32.h"
#include "hls/functions/tanh_table.h"

namespace weft::hls {

inline std::uint32_t fp32_tanh(std::uint32_t x) {
  const Float32 number = unpack(x);
  SignedBits<22> u;
  const Bits<7> segment = octave_segment(number, u);
  const Bits<29> factor = Bits<29>(cubic(tanh_table::kC0[segment], tanh_table::kC1[segment],
                                         tanh_table::kC2[segment], tanh_table::kC3[segment], u));

  const bool below_one = number.exponent < 127;
  const Bits<24> significand = below_one ? number.significand : Bits<24>(Bits<24>(1) << 23);
  const Bits<52> product = Bits<52>(significand) * Bits<52>(factor);  // units of 2^-51, 0.76..2
  const bool shifted = (product >> 51) == 0;
  const Bits<52> normal = shifted ? Bits<52>(product << 1) : product;
  const SignedBits<11> top = below_one ? SignedBits<11>(number.exponent) : SignedBits<11>(127);
  const SignedBits<11> exponent = shifted ? SignedBits<11>(top - SignedBits<11>(1)) : top;
  const std::uint32_t result = round_fp32<52>(number.sign, exponent, normal);
  if (number.nan) return kNan;
  if (number.exponent > 130) return (number.sign ? kSign : 0) | 0x3f800000u;
  return result;
}

}  // namespace weft::hls
