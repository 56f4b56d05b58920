// SPDX-License-Identifier: Apache-2.0
#include "fused_vectors.h"

#include <algorithm>
#include <bit>

#include "numbers.h"
#include "reference.h"

namespace weft::hls::test {
namespace {

std::uint32_t sign(Random& random) {
  return below(random, 2) << 31;
}

std::uint32_t clamped(int exponent) {
  return std::uint32_t(std::clamp(exponent, 0, 254));
}

std::uint32_t middle_exponent(Random& random) {
  return 90 + below(random, 74);
}

// At most two ones after the leading one: ties, and sticky bits that hang on a single bit.
std::uint32_t sparse(Random& random, int exponent) {
  const std::uint32_t ones = (below(random, 2) << below(random, 23)) | (1u << below(random, 24));
  return sign(random) | (clamped(exponent) << 23) | (ones & 0x7fffff);
}

// Next to a power of two, above or below.
std::uint32_t at_binade(Random& random, int exponent) {
  const std::uint32_t fraction = (below(random, 8) - 4) & 0x7fffff;
  return sign(random) | (clamped(exponent) << 23) | fraction;
}

// Zero, subnormal, infinity, NaN, and the largest and smallest numbers meet each other.
std::uint32_t special(Random& random) {
  constexpr std::uint32_t kSpecial[] = {0x00000000, 0x007fffff, 0x00800000, 0x3f800000,
                                        0x7f7fffff, 0x7f800000, 0x7f800000, 0x7fc00000};
  return kSpecial[below(random, std::size(kSpecial))] | sign(random);
}

// Of odd a, modulo 2^32.
std::uint32_t inverse(std::uint32_t a) {
  std::uint32_t x = a;
  for (int step = 0; step < 5; ++step) x *= 2 - a * x;
  return x;
}

// One or two of the lowest `bits` bits.
std::uint32_t few_ones(Random& random, unsigned bits) {
  return (1u << below(random, bits)) | (below(random, 2) << below(random, bits));
}

struct Factors {
  std::uint32_t a;
  std::uint32_t b;
};

// a * b, of `a_bits` and `b_bits` bits, whose lower `b_bits` hold one or two ones, with zeros
// above them up to bit b_bits + distance - 2: where an addend larger by `distance` places makes a
// tie, those ones are all that decides it.
Factors lonely_factors(Random& random, unsigned a_bits, unsigned b_bits, unsigned distance) {
  for (;;) {
    const std::uint32_t a_top = 1u << (a_bits - 1);
    const std::uint32_t a = a_top | 1 | (std::uint32_t(random()) & (a_top - 1));
    const std::uint32_t low = few_ones(random, b_bits);
    const std::uint32_t b = (inverse(a) * low) & ((1u << b_bits) - 1);
    const std::uint64_t above = (std::uint64_t(a) * b) >> b_bits;
    const std::uint64_t zeros = (std::uint64_t(1) << (distance - 1)) - 1;
    if (b >> (b_bits - 1) != 0 && (above & zeros) == 0) return {a, b};
  }
}

// An addend for a product of about 2^(exponent - 127): near it, cancelling it, or anything.
std::uint32_t addend(Random& random, int exponent, std::uint32_t product) {
  switch (below(random, 4)) {
    case 0:
      return fp32(random);
    case 1:
      return (product ^ 0x80000000) + below(random, 5) - 2;
    default:
      return fp32(random, clamped(exponent + 40 - int(below(random, 80))));
  }
}

struct Exponents {
  int first;
  int second;
  int product;  // first + second - 127
};

// Such that the product is near underflow, near overflow, or anywhere.
Exponents product_exponents(Random& random) {
  const std::uint32_t kind = below(random, 4);
  const int product = kind == 0   ? int(below(random, 6)) - 3
                      : kind == 1 ? 252 + int(below(random, 5))
                                  : 20 + int(below(random, 220));
  const int first = std::clamp(product + 126 - int(below(random, 254)), 1, 254);
  return {first, std::clamp(product + 127 - first, 1, 254), product};
}

// How far above the product the addend of a sparse vector lies: about the tie, or anything.
int sparse_distance(Random& random) {
  return below(random, 2) != 0 ? int(below(random, 100)) - 50 : 22 + int(below(random, 4));
}

// A sum of a block, signed, with `magnitude`, as the low 21 bits.
std::uint32_t block_sum(Random& random, std::uint32_t magnitude) {
  return (below(random, 2) != 0 ? magnitude : 0u - magnitude) & 0x1fffff;
}

// One that occurs: of any size, or among the largest of 32 products of int8 and of 21 bits.
std::uint32_t any_block_sum(Random& random) {
  constexpr std::uint32_t kLargest[] = {0x7ffff, 0x80000, 0x7fffe, 0xfffff, 0x100000};
  const std::uint32_t any = std::uint32_t(random()) >> (11 + below(random, 21));
  return block_sum(random,
                   below(random, 4) == 0 ? kLargest[below(random, std::size(kLargest))] : any);
}

}  // namespace

Operands fma_vector(Random& random, std::uint64_t index) {
  const int first = int(middle_exponent(random));
  const int second = int(middle_exponent(random));
  switch (index % 8) {
    case 0:
      return {special(random), special(random), special(random)};
    case 1: {
      const unsigned distance = 1 + below(random, 10);
      const Factors x = lonely_factors(random, 24, 24, distance);
      return {sign(random) | (std::uint32_t(first) << 23) | (x.a & 0x7fffff),
              (std::uint32_t(second) << 23) | (x.b & 0x7fffff),
              fp32(random, clamped(first + second - 126 + int(distance) - int(below(random, 2))))};
    }
    case 2:
      return {sparse(random, first), sparse(random, second),
              sparse(random, first + second - 127 + sparse_distance(random))};
    case 3:
      return {at_binade(random, first), at_binade(random, second),
              at_binade(random, first + second - 129 + int(below(random, 6)))};
    case 4:
      return {fp32(random), fp32(random), fp32(random)};
    default: {
      const Exponents exponents = product_exponents(random);
      Operands x{fp32(random, clamped(exponents.first)), fp32(random, clamped(exponents.second))};
      x[2] = addend(random, exponents.product, reference::fp32_fma(x));
      return x;
    }
  }
}

Operands accumulate_vector(Random& random, std::uint64_t index) {
  const int first = int(middle_exponent(random));
  const int second = int(middle_exponent(random));
  const std::uint32_t any_sum = any_block_sum(random);
  const unsigned top = below(random, 21);
  switch (index % 8) {
    case 0:
      return {1, (below(random, 3) - 1) & 0x1fffff, (special(random) >> 23) & 255,
              special(random) >> 13, special(random)};
    case 1: {
      const unsigned distance = 1 + below(random, 8);
      const Factors x = lonely_factors(random, 20, 11, distance);
      return {1, block_sum(random, x.a), std::uint32_t(first),
              (std::uint32_t(second) << 10) | (x.b & 0x3ff),
              fp32(random, clamped(first + second - 126 + 19 + int(below(random, 12))))};
    }
    case 2: {
      const std::uint32_t ones = (1u << top) | (1u << below(random, top + 1));
      return {1, block_sum(random, ones), std::uint32_t(first), sparse(random, second) >> 13,
              sparse(random, first + second - 127 + int(top) + sparse_distance(random))};
    }
    case 3:  // sums, scales and accumulators at powers of two
      return {
          1, block_sum(random, (1u << top) + below(random, 5) - 2), std::uint32_t(first),
          (sign(random) >> 13) | (std::uint32_t(second) << 10) | ((below(random, 4) - 2) & 0x3ff),
          at_binade(random, first + second - 129 + int(top) + int(below(random, 6)))};
    case 4:
      return {below(random, 4) != 0, any_sum, below(random, 256), fp32(random) >> 13, fp32(random)};
    default: {
      const Exponents exponents = product_exponents(random);
      Operands x{1, any_sum, clamped(exponents.first),
                 fp32(random, clamped(exponents.second)) >> 13, 0};
      x[4] = addend(random, exponents.product + int(below(random, 20)),
                    reference::block_accumulate(x));
      return x;
    }
  }
}

}  // namespace weft::hls::test
