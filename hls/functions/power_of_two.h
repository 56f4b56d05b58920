// SPDX-License-Identifier: Apache-2.0
// 2^x of a fixed-point number: the core of fp32_exp2 and fp32_sigmoid.
#pragma once

#include "hls/functions/exp2_table.h"
#include "hls/functions/polynomial.h"

namespace weft::hls {

// 2^f, f in units of 2^-28, in units of 2^-29: 1..2, wrong by less than 2^-26.2 (2^-27.2 from the
// polynomial, 1.5 units from its evaluation, 0.8 from the coefficients).
inline Bits<31> power_of_two(Bits<28> f) {
  const Bits<6> segment = Bits<6>(f >> 22);
  const SignedBits<22> u = from_centre(Bits<22>(f));
  return Bits<31>(
      quadratic(exp2_table::kC0[segment], exp2_table::kC1[segment], exp2_table::kC2[segment], u));
}

// significand * 2^(exponent - 127) (significand below 4, in units of 2^-35) in units of 2^-28, cut.
// exponent is at most 134; above, the result means nothing.
inline Bits<37> fixed_point(Bits<37> significand, Bits<8> exponent) {
  const Bits<8> distance = Bits<8>(134) - exponent;
  const Bits<6> shift = distance > 40 ? Bits<6>(40) : Bits<6>(distance);
  return Bits<37>(Bits<64>(significand) >> shift);
}

}  // namespace weft::hls
