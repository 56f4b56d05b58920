// SPDX-License-Identifier: Apache-2.0
// fp32_gelu_gradient: Phi(x) + x phi(x), the derivative of x * Phi(x); phi and Phi are the density
// and the distribution function of the standard normal distribution.
//
// Less one half it is odd; that of |x| is a table of polynomials up to 16 (1/2 above). +infinity
// gives 1, -infinity and what cancels to nothing +0, NaN 0x7fc00000.
//
// Error: at most 1 ulp for x >= 0; for x < 0 (where the result has a zero near -0.75 and vanishes
// towards -infinity) at most 2^-26 + 0.5 ulp (measured: docs/numerics.md).
// Source: the derivative of fp32_gelu.h; table of hls/tables.py.
#pragma once

#include "hls/functions/gelu_gradient_table.h"
#include "hls/functions/octave_segment.h"
#include "hls/functions/round_fp32.h"

namespace weft::hls {

inline std::uint32_t fp32_gelu_gradient(std::uint32_t x) {
  const Float32 number = unpack(x);
  SignedBits<22> u;
  const Bits<7> segment = octave_segment(number, u);
  const SignedBits<29> tabled =
      cubic(gelu_gradient_table::kC0[segment], gelu_gradient_table::kC1[segment],
            gelu_gradient_table::kC2[segment], gelu_gradient_table::kC3[segment], u);
  constexpr SignedBits<30> kHalf = SignedBits<30>(1) << 27;  // units of 2^-28
  const SignedBits<30> odd_part = number.exponent > 130 ? kHalf : SignedBits<30>(tabled);
  const SignedBits<30> value = number.sign ? kHalf - odd_part : kHalf + odd_part;

  const bool negative = value < 0;
  const Bits<29> magnitude = Bits<29>(negative ? -value : value);
  Bits<5> leading_zeros;
  const Bits<29> normal = normalise<29, 5>(magnitude, leading_zeros);
  const SignedBits<11> exponent = SignedBits<11>(127) - SignedBits<11>(leading_zeros);
  const std::uint32_t result = round_fp32<29>(negative, exponent, normal);
  if (number.nan) return kNan;
  return magnitude == 0 ? 0 : result;
}

}  // namespace weft::hls
