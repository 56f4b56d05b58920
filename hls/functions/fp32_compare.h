// SPDX-License-Identifier: Apache-2.0
// fp32_compare: the compare and select step of the vector chain.
//
// op 0: y, bits unchanged. 1: the larger of y and o. 2: the smaller. 3: y where o > 0, else +0.
// 4 (and above): 1 where y equals o, else +0. NaN in y or o gives 0x7fc00000 (in op 3: NaN in o, or
// in a y that is selected). Subnormals count as zero of their sign; -0 is smaller than +0 for 1 and
// 2, and equal to it for 4.
//
// Error: none, but for the flushed subnormals. Source: IEEE 754-2019, 9.6 maximum and minimum, 5.11
// compareQuietEqual.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint32_t fp32_compare(Bits<3> op, std::uint32_t y, std::uint32_t o) {
  const std::uint32_t left = flush(y);
  const std::uint32_t right = flush(o);
  const bool left_sign = (left & kSign) != 0;
  const bool right_sign = (right & kSign) != 0;
  const bool larger = (left & kMagnitude) > (right & kMagnitude);
  // Of equal numbers either may be taken.
  const bool left_above = left_sign != right_sign ? right_sign : larger != left_sign;
  const bool take_left = left_above == (op == 1);
  const bool positive = !right_sign && right != 0;
  const std::uint32_t extreme = take_left ? left : right;
  const std::uint32_t gated = positive ? left : 0;
  const bool zeros = ((left | right) & kMagnitude) == 0;
  const std::uint32_t equal = left == right || zeros ? 0x3f800000u : 0;
  const std::uint32_t chosen = op >= 4 ? equal : op == 3 ? gated : extreme;
  const bool nan = is_nan(o) || (is_nan(y) && (op != 3 || positive));
  if (op == 0) return y;
  return nan ? kNan : chosen;
}

}  // namespace weft::hls
