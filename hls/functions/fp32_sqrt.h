// SPDX-License-Identifier: Apache-2.0
// fp32_sqrt: the square root of x.
//
// Correctly rounded (nearest even) as IEEE 754-2019: zeros (and subnormals) give zero of their
// sign, negative numbers NaN.
//
// The significand, doubled if the exponent is odd, lies in 1..4 and its root in 1..2. A polynomial
// estimates the root to better than half an ulp, so the root rounds to the ends k or k + 1 of the
// estimate's cell (in ulp): it lies above or below the middle, as m lies above or below its square.
// No root is a middle: the square of an odd number of 25 bits has more bits than m. m and the
// square differ by less than 2^27 (in units of 2^-48), so their lowest 29 bits decide.
//
// Error: at most 0.5 ulp. Source: J.-M. Muller et al., Handbook of Floating-Point Arithmetic,
// 2nd edition, 4.8 (square root by approximation and a remainder).
#pragma once

#include "hls/functions/float32.h"
#include "hls/functions/polynomial.h"
#include "hls/functions/sqrt_table.h"

namespace weft::hls {

inline std::uint32_t fp32_sqrt(std::uint32_t x) {
  const Float32 number = unpack(x);
  const bool odd = (number.exponent & 1) == 0;  // the exponent field is offset by 127
  const Bits<7> segment = (Bits<7>(odd) << 6) | Bits<7>(Bits<6>(number.significand >> 17));
  const SignedBits<17> u = from_centre(Bits<17>(number.significand));
  const Bits<29> estimate = Bits<29>(quadratic(sqrt_table::kC0[segment], sqrt_table::kC1[segment],
                                               sqrt_table::kC2[segment], u));  // units of 2^-27
  const Bits<25> cell = Bits<25>(estimate >> 4);
  const Bits<29> middle = (Bits<29>(cell) << 1) | Bits<29>(1);
  const Bits<29> m = odd ? Bits<29>(number.significand) << 26 : Bits<29>(number.significand) << 25;
  const bool up = ((m - middle * middle) >> 28) == 0;

  // Half the exponent; the cell's leading one makes up for 63 instead of 64.
  const Bits<32> half = Bits<32>(Bits<8>(Bits<8>(number.exponent >> 1) + Bits<8>(odd ? 62 : 63)));
  const Bits<32> rounded = (half << 23) + Bits<32>(cell) + Bits<32>(up);
  if (number.zero) return x & kSign;
  if (number.nan || number.sign) return kNan;
  if (number.infinite) return kInfinity;
  return std::uint32_t(rounded);
}

}  // namespace weft::hls
