// SPDX-License-Identifier: Apache-2.0
// int32_to_int8: saturates a two's complement integer to -128..127.
//
// Error: none within the range.
#pragma once

#include <cstdint>

namespace weft::hls {

inline std::uint8_t int32_to_int8(std::uint32_t x) {
  const std::uint32_t shifted = x + 128;  // 0..255 exactly when x fits
  const std::uint8_t limit = (x >> 31) != 0 ? 0x80 : 0x7f;
  return shifted < 256 ? std::uint8_t(x) : limit;
}

}  // namespace weft::hls
