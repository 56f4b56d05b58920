// SPDX-License-Identifier: Apache-2.0
// bf16_to_fp32: BF16 widened to FP32.
//
// Exact, but a subnormal gives zero of its sign and NaN gives 0x7fc00000.
// Source: BF16 is the upper half of IEEE 754-2019 binary32.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint32_t bf16_to_fp32(std::uint16_t x) {
  const std::uint32_t wide = std::uint32_t(x) << 16;
  return is_nan(wide) ? kNan : flush(wide);
}

}  // namespace weft::hls
