// SPDX-License-Identifier: Apache-2.0
// fp32_to_bf16: FP32 rounded to BF16 (the upper 16 bits of an FP32).
//
// Nearest even; a subnormal gives zero of its sign, NaN gives 0x7fc0, overflow gives infinity.
// Error: at most 0.5 ulp of BF16 (2^-9 relative). Source: IEEE 754-2019, 4.3.1.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint16_t fp32_to_bf16(std::uint32_t x) {
  const std::uint32_t flushed = flush(x);
  const std::uint32_t rounded = (flushed + 0x7fffu + ((flushed >> 16) & 1)) >> 16;
  return std::uint16_t(is_nan(x) ? kNan >> 16 : rounded);
}

}  // namespace weft::hls
