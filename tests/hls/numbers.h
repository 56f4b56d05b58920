// SPDX-License-Identifier: Apache-2.0
// Random numbers for the vectors of hls/: FP32 with many edges.
#pragma once

#include <iterator>

#include "vectors.h"

namespace weft::hls::test {

inline constexpr std::uint32_t kEdges[] = {
    0x00000000, 0x00000001, 0x00400000, 0x007fffff,              // zero, subnormals
    0x00800000, 0x00800001, 0x00ffffff, 0x01000000,              // smallest normals
    0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff,              // about one half and one
    0x3f800000, 0x3f800001, 0x3fc00000, 0x3fffffff, 0x40000000,  // one to two
    0x40200000, 0x42fe0000, 0x42feffff, 0x42ff0000, 0x42ff0001,  // 2.5, 127, 127.5
    0x43000000, 0x43008000, 0x43008001, 0x4b800000, 0x4effffff,  // 128, 128.5, 2^24
    0x4f000000, 0x7f000000, 0x7f7effff, 0x7f7f7fff, 0x7f7f8000,  // 2^31, up to the largest
    0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff};  // infinity, NaN

inline std::uint32_t below(Random& random, std::uint32_t limit) {
  return std::uint32_t(random() % limit);
}

inline std::uint32_t edge(Random& random) {
  return kEdges[below(random, std::size(kEdges))] | (below(random, 2) << 31);
}

// Fractions with long runs of equal bits, where carries and sticky bits go wrong.
inline std::uint32_t fraction(Random& random) {
  const std::uint32_t any = std::uint32_t(random()) & 0x7fffff;
  const std::uint32_t run = (1u << below(random, 24)) - 1;
  switch (below(random, 6)) {
    case 0:
      return run & 0x7fffff;
    case 1:
      return ~run & 0x7fffff;
    case 2:
      return (1u << below(random, 23));
    case 3:
      return any & ~run;
    default:
      return any;
  }
}

inline std::uint32_t fp32(Random& random, std::uint32_t exponent) {
  return (below(random, 2) << 31) | ((exponent & 255) << 23) | fraction(random);
}

inline std::uint32_t fp32(Random& random) {
  switch (below(random, 4)) {
    case 0:
      return edge(random);
    case 1:
      return std::uint32_t(random());
    case 2:
      return fp32(random, 112 + below(random, 32));
    default:
      return fp32(random, below(random, 256));
  }
}

}  // namespace weft::hls::test
