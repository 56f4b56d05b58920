// SPDX-License-Identifier: Apache-2.0
// block_exponent: the e8m0 scale of a block from its largest magnitude.
//
// `largest` is the maximum of the bits below the sign over the block's elements. The result is the
// smallest scale, at least 1 (2^-126), for which no element rounds beyond 127 (see quantise.h);
// 255 if the block holds infinity or NaN. Subnormals count as zero.
//
// Error: none: with E the exponent field, 2^(E - 127 - 6) brings the largest to 64..128, and the
// scale doubles when it would round to 128, that is from 127.5 on: a fraction of at least 127/128.
// Source: OCP Microscaling Formats v1.0, 5.3 MXINT8 and 6.3, with a scale that never saturates.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint8_t block_exponent(Bits<31> largest) {
  const Bits<8> exponent = Bits<8>(largest >> 23);
  const Bits<7> fraction = Bits<7>(largest >> 16);
  const Bits<8> scale = exponent - Bits<8>(6) + Bits<8>(fraction == 127);
  if (exponent == 255) return 255;
  return exponent < 7 ? 1 : std::uint8_t(scale);
}

}  // namespace weft::hls
