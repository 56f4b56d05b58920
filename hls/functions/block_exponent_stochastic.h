// SPDX-License-Identifier: Apache-2.0
// block_exponent_stochastic: the e8m0 scale of a block that is rounded stochastically.
//
// `largest` is the maximum of the bits below the sign over the block's elements. The result is the
// smallest scale, at least 1 (2^-126), with largest <= 127 * 2^(scale - 127), so that no element
// can round beyond 127 (quantise_stochastic.h); 255 if the block holds infinity or NaN. Subnormals
// count as zero.
//
// Error: none: with E the exponent field, 2^(E - 127 - 6) brings the largest to 64..128, and the
// scale doubles when it lies above 127, a fraction above 63/64.
// Source: OCP Microscaling Formats v1.0, 5.3 MXINT8, with a scale that never saturates.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

inline std::uint8_t block_exponent_stochastic(Bits<31> largest) {
  const Bits<8> exponent = Bits<8>(largest >> 23);
  const Bits<23> fraction = Bits<23>(largest);
  const Bits<8> scale = exponent - Bits<8>(6) + Bits<8>(fraction > 0x7e0000);
  if (exponent == 255) return 255;
  return exponent < 7 ? 1 : std::uint8_t(scale);
}

}  // namespace weft::hls
