// SPDX-License-Identifier: Apache-2.0
#include "chain_vectors.h"

#include <algorithm>

#include "numbers.h"

namespace weft::hls::test {
namespace {

std::uint32_t sign(Random& random) {
  return below(random, 2) << 31;
}

// Where a function of the chain changes its branch, overflows or underflows: exp2 at 128, -126 and
// 2^-28, sigmoid at 16.6, 87.3 and 103, tanh, gelu and gradient at powers of two, at 5.5 and 9.01
// (where they reach their limits) and at the gradient's zero.
constexpr std::uint32_t kThresholds[] = {0x43000000, 0x42fc0000, 0x31800000, 0x4185115a, 0x42aeac50,
                                         0x42ce8ed0, 0x3f800000, 0x40000000, 0x40800000, 0x41000000,
                                         0x41800000, 0x40b00000, 0x41102cb4, 0x3f406e70, 0x3fc00000,
                                         0x3f400000, 0x3f000000, 0x40b6db6e};

// A multiple of 2^-8 of a binade, or next to one: the segments of the tables begin and end there.
std::uint32_t at_segment(Random& random) {
  const std::uint32_t exponent = 118 + below(random, 14);
  return (exponent << 23) + (below(random, 256) << 15) + below(random, 9) - 4;
}

}  // namespace

Operands unary_vector(Random& random, std::uint64_t index) {
  const std::uint32_t walk = std::uint32_t(index >> 3) & 0x1ff;  // sign and exponent
  switch (index & 7) {
    case 0:
      return {fp32(random)};
    case 1:
      return {(walk << 23) | fraction(random)};
    case 2:
      return {sign(random) | at_segment(random)};
    case 3:
      return {sign(random) | (0x3f800000 + below(random, 1u << (1 + below(random, 18))) -
                              below(random, 1u << (1 + below(random, 18))))};
    case 4:
      return {sign(random) |
              (kThresholds[below(random, std::size(kThresholds))] + below(random, 65) - 32)};
    case 5:
      return {sign(random) | ((125 + below(random, 9)) << 23) | fraction(random)};
    default:
      return {sign(random) | ((114 + below(random, 20)) << 23) |
              (std::uint32_t(random()) & 0x7fffff)};
  }
}

Operands sqrt_vector(Random& random, std::uint64_t index) {
  if ((index & 1) == 0) return unary_vector(random, index >> 1);
  // The square of an odd number of 25 bits, cut to 24 bits and a few to either side.
  const std::uint64_t middle = 1 | (std::uint64_t(1) << 24) | (random() & 0xffffff);
  std::uint64_t square = middle * middle;  // 2^48..2^50
  const bool doubled = (square >> 49) != 0;
  square >>= doubled ? 26 : 25;
  const std::uint32_t significand = std::uint32_t(square) + below(random, 5) - 2;
  const std::uint32_t exponent = 2 * (1 + below(random, 126)) + (doubled ? 0 : 1);
  return {(exponent << 23) | (significand & 0x7fffff)};
}

Operands divide_vector(Random& random, std::uint64_t index) {
  const std::uint32_t first = 64 + below(random, 128);
  const std::uint32_t second = 64 + below(random, 128);
  switch (index & 7) {
    case 0:
      return {edge(random), edge(random)};
    case 1:
      return {fp32(random), fp32(random)};
    case 2:
    case 3: {  // next to the middle of two quotients
      const std::uint32_t divisor = 0x800000 | fraction(random);
      const std::uint64_t middle = 1 | (std::uint64_t(1) << 24) | (random() & 0xffffff);
      std::uint64_t product = (middle * divisor) >> 24;  // 2^23..2^25
      if ((product >> 24) != 0) product >>= 1;
      const std::uint32_t dividend = (std::uint32_t(product) + below(random, 3) - 1) & 0x7fffff;
      return {sign(random) | (first << 23) | dividend,
              sign(random) | (second << 23) | (divisor & 0x7fffff)};
    }
    case 4: {  // equal or nearly equal significands
      const std::uint32_t significand = fraction(random);
      return {sign(random) | (first << 23) | ((significand + below(random, 5) - 2) & 0x7fffff),
              sign(random) | (second << 23) | significand};
    }
    case 5: {  // about overflow and underflow
      const int quotient =
          below(random, 2) != 0 ? int(below(random, 5)) - 2 : 252 + int(below(random, 5));
      const int divisor = 127 + int(below(random, 120)) - 60;
      return {fp32(random, std::uint32_t(std::clamp(quotient + divisor - 127, 1, 254))),
              fp32(random, std::uint32_t(divisor))};
    }
    default:
      return {sign(random) | (first << 23) | (std::uint32_t(random()) & 0x7fffff),
              sign(random) | (second << 23) | (std::uint32_t(random()) & 0x7fffff)};
  }
}

// All exponents, with the fraction at 63/64, one more or less, or anything.
Operands stochastic_exponent_vector(Random& random, std::uint64_t index) {
  const std::uint32_t exponent = std::uint32_t(index & 0xff) << 23;
  switch ((index >> 8) & 3) {
    case 0:
      return {exponent | (0x7e0000 + below(random, 5) - 2)};
    case 1:
      return {exponent | fraction(random)};
    case 2:
      return {exponent | (below(random, 128) << 16) | (below(random, 2) != 0 ? 0xffffu : 0u)};
    default:
      return {exponent | (std::uint32_t(random()) & 0x7fffff)};
  }
}

// All scales; numbers that such a scale can hold, and random values next to what decides.
Operands stochastic_vector(Random& random, std::uint64_t index) {
  const std::uint32_t scale = std::uint32_t(index & 0xff);
  const std::uint32_t any = std::uint32_t(random()) & 0xffff;
  switch ((index >> 8) & 3) {
    case 0:
      return {fp32(random), scale, any};
    case 1: {
      // The fraction of |x| in steps, plus `draw`, is next to one.
      const std::uint32_t exponent = std::min(std::max(1u, scale + below(random, 7)), 254u);
      const std::uint32_t x = fp32(random, exponent);
      const std::uint32_t steps = exponent > scale ? exponent - scale : 0;
      const std::uint32_t rest = (x & 0x7fffff) << steps & 0x7fffff;
      return {x, scale, ((0x800000 - rest) / 128 + below(random, 3) - 1) & 0xffff};
    }
    case 2:
      return {fp32(random, std::uint32_t(std::max(0, int(scale) - 18 + int(below(random, 28))))),
              scale, below(random, 2) != 0 ? 0xffff - below(random, 4) : below(random, 4)};
    default:
      return {fp32(random, std::uint32_t(std::max(0, int(scale) - 3 + int(below(random, 12))))),
              scale, any};
  }
}

Operands random16_vector(Random& random, std::uint64_t index) {
  if ((index & 1) == 0) {
    return {std::uint32_t(random()), std::uint32_t(random()) & 0xffff, std::uint32_t(random())};
  }
  return {below(random, 16), below(random, 16), std::uint32_t(index >> 1)};
}

}  // namespace weft::hls::test
