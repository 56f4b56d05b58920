// SPDX-License-Identifier: Apache-2.0
// The segments of the tables of fp32_tanh, fp32_gelu and fp32_gelu_gradient: finer where the
// functions bend most.
//
//   magnitude  0..1  1..2  8..16  2..4   4..8
//   width      1/32  1/16  1/2    1/16   1/8
//   index      0     32    48     64     96
#pragma once

#include "hls/functions/float32.h"
#include "hls/functions/polynomial.h"

namespace weft::hls {

// The index for the magnitude of a number below 16, and the offset `u` from the segment's centre; a
// magnitude below 1 is cut to units of 2^-27.
inline Bits<7> octave_segment(const Float32& number, SignedBits<22>& u) {
  const Bits<8> distance = Bits<8>(126) - number.exponent;  // of a number below 1
  const Bits<5> shift = distance > 28 ? Bits<5>(28) : Bits<5>(distance);
  const Bits<27> small = Bits<27>((std::uint32_t(number.significand) << 3) >> shift);
  const Bits<23> fraction = Bits<23>(number.significand);
  const Bits<4> quarter = Bits<4>(fraction >> 19);
  const Bits<5> eighth = Bits<5>(fraction >> 18);

  const bool below_one = number.exponent < 127;
  const bool wide = number.exponent == 127 || number.exponent == 130;  // 16 segments
  const bool last = number.exponent == 130;
  const bool upper = number.exponent == 129;
  const Bits<7> of_16 = Bits<7>(last ? 48 : 32) | Bits<7>(quarter);
  const Bits<7> of_32 = Bits<7>(upper ? 96 : 64) | Bits<7>(eighth);
  const Bits<22> offset = below_one ? Bits<22>(small)
                          : wide    ? Bits<22>(Bits<22>(fraction) << 3)
                                    : Bits<22>(Bits<22>(fraction) << 4);
  u = from_centre(offset);
  return below_one ? Bits<7>(small >> 22) : wide ? of_16 : of_32;
}

}  // namespace weft::hls
