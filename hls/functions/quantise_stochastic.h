// SPDX-License-Identifier: Apache-2.0
// quantise_stochastic: an MXINT8 mantissa, rounded away from zero with the probability of the rest.
//
// floor(|x| / 2^(scale - 127) + random / 2^16) with the sign of x, saturated to -127..127 (with the
// scale of block_exponent_stochastic nothing saturates); 0 under scale 255. A subnormal counts as
// zero, infinity and NaN saturate.
//
// Error: below one step of the scale. Over all values of `random` the mean is |x| in steps cut to a
// multiple of 2^-16: a bias towards zero of less than 2^-16 step, and none where |x| has no finer
// bits. Source: S. Gupta et al., Deep Learning with Limited Numerical Precision, ICML 2015, 3.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::int8_t quantise_stochastic(std::uint32_t x, std::uint8_t scale, std::uint16_t random) {
  const Float32 number = unpack(x);
  // |x| in units of 2^-16 steps is significand / 2^shift.
  const SignedBits<10> shift =
      SignedBits<10>(scale) - SignedBits<10>(number.exponent) + SignedBits<10>(7);
  const bool large = shift < 1 || number.exponent == 255;  // 128 and above
  const Bits<5> distance = shift > 24 ? Bits<5>(24) : Bits<5>(shift);
  const Bits<24> units = Bits<24>(std::uint32_t(number.significand) >> distance) + Bits<24>(random);
  const Bits<8> rounded = Bits<8>(units >> 16);
  const Bits<7> magnitude = large || rounded > 127 ? Bits<7>(127) : Bits<7>(rounded);
  if (number.zero || scale == 255) return 0;
  return std::int8_t(number.sign ? -std::int32_t(magnitude) : std::int32_t(magnitude));
}

}  // namespace weft::hls
