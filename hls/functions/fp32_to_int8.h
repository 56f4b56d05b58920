// SPDX-License-Identifier: Apache-2.0
// fp32_to_int8: an FP32 number as an integer in -128..127, given as a 32-bit two's complement word.
//
// Rounds to nearest even, then saturates; NaN gives 0.
// Error: at most 0.5 within the range. Source: IEEE 754-2019, 5.8 convertToIntegerTiesToEven.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint32_t fp32_to_int8(std::uint32_t x) {
  const Float32 number = unpack(x);
  const bool small = number.exponent < 126;   // below 0.5
  const bool large = number.exponent >= 134;  // 128 and above
  const Bits<5> shift = Bits<5>(150 % 32) - Bits<5>(number.exponent);
  const Bits<8> rounded = small ? Bits<8>(0) : round_significand(number.significand, shift);
  const Bits<8> limit = number.sign ? Bits<8>(128) : Bits<8>(127);
  const Bits<8> magnitude = large || rounded > limit ? limit : rounded;
  const std::uint32_t value = std::uint32_t(magnitude);
  if (number.nan) return 0;
  return number.sign ? 0u - value : value;
}

}  // namespace weft::hls
