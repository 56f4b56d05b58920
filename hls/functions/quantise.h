// SPDX-License-Identifier: Apache-2.0
// quantise: the MXINT8 mantissa of an FP32 number under an e8m0 scale.
//
// Nearest even of x / 2^(scale - 127), saturated to -127..127 (with the scale of block_exponent
// nothing saturates); 0 under scale 255. A subnormal counts as zero, infinity and NaN saturate.
//
// Error: at most half a step of the scale. Source: OCP Microscaling Formats v1.0, 6.3.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::int8_t quantise(std::uint32_t x, std::uint8_t scale) {
  const Float32 number = unpack(x);
  // x / 2^(scale - 127) = significand / 2^shift
  const SignedBits<10> shift =
      SignedBits<10>(scale) - SignedBits<10>(number.exponent) + SignedBits<10>(23);
  const bool small = number.zero || shift > 24;             // below 0.5
  const bool large = shift < 17 || number.exponent == 255;  // 128 and above
  const Bits<8> rounded = round_significand(number.significand, Bits<5>(shift));
  const Bits<7> magnitude = large || rounded > 127 ? Bits<7>(127) : Bits<7>(rounded);
  if (small || scale == 255) return 0;
  return std::int8_t(number.sign ? -std::int32_t(magnitude) : std::int32_t(magnitude));
}

}  // namespace weft::hls
