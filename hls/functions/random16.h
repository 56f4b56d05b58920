// SPDX-License-Identifier: Apache-2.0
// random16: 16 random bits of one element, for stochastic rounding.
//
// A function of (seed, tensor, index) without state, so that the draw of an element does not depend
// on the order of work. Neighbouring indices, tensors and seeds give independent-looking bits (the
// tests say how independent); it is no cryptographic generator.
//
// Seven steps of exclusive or and addition, each a row of LUTs; no multiplication.
// Source: R. Jenkins, lookup3.c (2006, public domain), final(), in which every bit of three words
// reaches every bit of c; with sums for differences (half the LUTs), the halves of c folded, and,
// of the ways to assign the words, one that passes the tests in all three. The constants (the
// first hexadecimal digits of pi) keep zeros from staying zeros.
#pragma once

#include <cstdint>

namespace weft::hls {

inline std::uint16_t random16(std::uint32_t seed, std::uint16_t tensor, std::uint32_t index) {
  const auto turn = [](std::uint32_t x, unsigned n) { return (x << n) | (x >> (32 - n)); };
  std::uint32_t a = ((std::uint32_t(tensor) << 16) | tensor) ^ 0x243f6a88u;
  std::uint32_t b = index ^ 0x85a308d3u;
  std::uint32_t c = seed ^ 0x13198a2eu;
  c = (c ^ b) + turn(b, 14);
  a = (a ^ c) + turn(c, 11);
  b = (b ^ a) + turn(a, 25);
  c = (c ^ b) + turn(b, 16);
  a = (a ^ c) + turn(c, 4);
  b = (b ^ a) + turn(a, 14);
  c = (c ^ b) + turn(b, 24);
  return std::uint16_t(c ^ (c >> 16));
}

}  // namespace weft::hls
