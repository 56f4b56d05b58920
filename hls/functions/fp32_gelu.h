// SPDX-License-Identifier: Apache-2.0
// fp32_gelu: x * Phi(x), Phi the distribution function of the standard normal distribution.
//
// Phi(|x|) - 1/2 is a table of polynomials up to 16 (1/2 above). +infinity gives +infinity,
// -infinity -0, zeros zero of their sign, NaN 0x7fc00000.
//
// Error: at most 1 ulp for x >= 0; for x < 0 at most |x| * 2^-26 + 0.5 ulp, since Phi is known to
// an absolute 2^-26 (measured: docs/numerics.md). Source: D. Hendrycks, K. Gimpel, Gaussian Error
// Linear Units, arXiv:1606.08415 (the exact form); table of hls/tables.py.
#pragma once

#include "hls/functions/gelu_table.h"
#include "hls/functions/octave_segment.h"
#include "hls/functions/round_fp32.h"

namespace weft::hls {

inline std::uint32_t fp32_gelu(std::uint32_t x) {
  const Float32 number = unpack(x);
  SignedBits<22> u;
  const Bits<7> segment = octave_segment(number, u);
  const SignedBits<29> tabled = cubic(gelu_table::kC0[segment], gelu_table::kC1[segment],
                                      gelu_table::kC2[segment], gelu_table::kC3[segment], u);
  constexpr SignedBits<30> kHalf = SignedBits<30>(1) << 27;  // units of 2^-28
  const SignedBits<30> above_half = number.exponent > 130 ? kHalf : SignedBits<30>(tabled);
  const Bits<29> phi = Bits<29>(number.sign ? SignedBits<30>(kHalf - above_half)
                                            : SignedBits<30>(kHalf + above_half));

  Bits<5> leading_zeros;
  const Bits<29> normal = normalise<29, 5>(phi, leading_zeros);
  const Bits<53> product = Bits<53>(number.significand) * Bits<53>(normal);  // 1..4, units of 2^-51
  const bool shifted = (product >> 52) == 0;
  const Bits<53> significand = shifted ? Bits<53>(product << 1) : product;
  const SignedBits<11> exponent = SignedBits<11>(number.exponent) - SignedBits<11>(leading_zeros) +
                                  SignedBits<11>(SignedBits<2>(shifted ? 0 : 1));
  const std::uint32_t sign = number.sign ? kSign : 0;
  const std::uint32_t result = round_fp32<53>(number.sign, exponent, significand);
  if (number.nan) return kNan;
  if (phi == 0) return sign;
  if (number.infinite) return kInfinity;
  return result;
}

}  // namespace weft::hls
