// SPDX-License-Identifier: Apache-2.0
// Exact-width integers and the shifters that the functions of this folder share.
//
// `Bits<N>` and `SignedBits<N>` wrap modulo 2^N and are not promoted to int: what is written here
// is the width of the wire in hardware. The hardware compiler and the host read the same text.
// Needs a compiler with _BitInt in C++ (clang 14 or newer).
#pragma once

namespace weft::hls {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wbit-int-extension"
template <unsigned N>
using Bits = unsigned _BitInt(N);
template <unsigned N>
using SignedBits = signed _BitInt(N);
#pragma clang diagnostic pop

// x >> distance, with every bit that falls out ORed into bit 0 ("jamming"), so that a later
// rounding above bit 1 sees whether the value was exact. distance < 2^Steps; Steps mux levels.
template <unsigned N, unsigned Steps>
inline Bits<N> shift_right_jam(Bits<N> x, Bits<Steps> distance) {
  bool lost = false;
  for (unsigned step = 0; step < Steps; ++step) {
    const unsigned shift = 1u << step;
    if ((distance >> step) & 1) {
      if (shift < N) {
        lost |= Bits<N>(x << (N - shift)) != 0;
        x = x >> shift;
      } else {
        lost |= x != 0;
        x = 0;
      }
    }
  }
  return x | Bits<N>(lost);
}

// Shifts x left until its top bit is set; `distance` says how far (meaningless for zero).
// N <= 2^Steps. (An out-parameter because a returned struct of odd widths goes through memory.)
template <unsigned N, unsigned Steps>
inline Bits<N> normalise(Bits<N> x, Bits<Steps>& distance) {
  distance = 0;
  for (unsigned remaining = Steps; remaining > 0; --remaining) {
    const unsigned shift = 1u << (remaining - 1);
    if (shift < N && (x >> (N - shift)) == 0) {
      x = x << shift;
      distance = distance | Bits<Steps>(shift);
    }
  }
  return x;
}

}  // namespace weft::hls
