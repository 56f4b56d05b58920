// SPDX-License-Identifier: Apache-2.0
// fp32_divide: z / divisor.
//
// Correctly rounded (nearest even) as IEEE 754-2019, with the flushes and the NaN of float32.h:
// x / 0 is infinity of the sign, 0 / 0 and infinity / infinity are NaN.
//
// The quotient of the significands, made 1..2 by doubling the dividend if need be, is estimated
// from the reciprocal to better than half an ulp. So the exact quotient lies within half an ulp of
// the estimate's cell k..k+1 (in ulp), and rounds to k or k + 1: above or below the middle of the
// cell, which one multiplication decides. The middle itself cannot occur: 2k + 1 has 25 bits, and
// an odd number of 25 bits times the divisor's 24 is no dividend of 25. The difference is small, so
// its lowest 27 bits hold it, sign included.
//
// Error: at most 0.5 ulp. Source: J.-M. Muller et al., Handbook of Floating-Point Arithmetic,
// 2nd edition, 4.7 (division by approximation and a remainder).
#pragma once

#include "hls/functions/float32.h"
#include "hls/functions/reciprocal.h"

namespace weft::hls {

inline std::uint32_t fp32_divide(std::uint32_t z, std::uint32_t divisor) {
  const Float32 a = unpack(z);
  const Float32 b = unpack(divisor);
  const bool doubled = a.significand < b.significand;
  const Bits<25> dividend =
      doubled ? Bits<25>(Bits<25>(a.significand) << 1) : Bits<25>(a.significand);

  // dividend * reciprocal: units of 2^-51. The cell is in units of 2^-23, its leading one dropped.
  const Bits<29> inverse = reciprocal(Bits<23>(b.significand));
  const Bits<54> estimate = Bits<54>(dividend) * Bits<54>(inverse);
  const Bits<24> cell = Bits<24>(estimate >> 28);
  const Bits<27> middle = (Bits<27>(cell) << 1) | Bits<27>(1);
  const Bits<27> rest = (Bits<27>(dividend) << 24) - middle * Bits<27>(b.significand);
  const bool up = (rest >> 26) == 0;

  using Exponent = SignedBits<11>;
  const Exponent exponent =
      Exponent(a.exponent) - Exponent(b.exponent) + Exponent(doubled ? 125 : 126);
  // The leading one of the cell goes into the exponent.
  const Bits<34> rounded = (Bits<34>(Bits<11>(exponent)) << 23) + Bits<34>(cell) + Bits<34>(up);
  const Exponent rounded_exponent = Exponent(Bits<11>(rounded >> 23));

  const std::uint32_t sign = a.sign != b.sign ? kSign : 0;
  if (a.nan || b.nan || (a.zero && b.zero) || (a.infinite && b.infinite)) return kNan;
  if (a.infinite || b.zero) return sign | kInfinity;
  if (a.zero || b.infinite || rounded_exponent <= 0) return sign;
  if (rounded_exponent >= 255) return sign | kInfinity;
  return sign | (std::uint32_t(rounded) & kMagnitude);
}

}  // namespace weft::hls
