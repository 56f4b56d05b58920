// SPDX-License-Identifier: Apache-2.0
// int32_to_fp32: a two's complement integer as FP32. 0 gives +0.
//
// Error: at most 0.5 ulp (nearest even; exact up to 2^24).
// Source: IEEE 754-2019, 5.4.1 convertFromInt.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint32_t int32_to_fp32(std::uint32_t x) {
  const std::uint32_t sign = x & kSign;
  const Bits<32> magnitude = sign != 0 ? Bits<32>(0u - x) : Bits<32>(x);
  Bits<5> leading_zeros;
  const Bits<32> normal = normalise<32, 5>(magnitude, leading_zeros);
  const Bits<8> exponent = Bits<8>(158) - Bits<8>(leading_zeros);
  const Bits<23> fraction = Bits<23>(normal >> 8);
  const bool half = ((normal >> 7) & 1) != 0;
  const bool up = half && (Bits<7>(normal) != 0 || (fraction & 1) != 0);
  const std::uint32_t rounded =
      ((std::uint32_t(exponent) << 23) | std::uint32_t(fraction)) + std::uint32_t(up);
  return magnitude == 0 ? 0 : sign | rounded;
}

}  // namespace weft::hls
