// SPDX-License-Identifier: Apache-2.0
#include "vectors.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"
#include "hls/functions/int32_to_int8.h"
#include "hls/functions/quantise.h"
#include "reference.h"

namespace weft::hls::test {
namespace {

constexpr std::uint32_t kEdges[] = {
    0x00000000, 0x00000001, 0x00400000, 0x007fffff,              // zero, subnormals
    0x00800000, 0x00800001, 0x00ffffff, 0x01000000,              // smallest normals
    0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff,              // about one half and one
    0x3f800000, 0x3f800001, 0x3fc00000, 0x3fffffff, 0x40000000,  // one to two
    0x40200000, 0x42fe0000, 0x42feffff, 0x42ff0000, 0x42ff0001,  // 2.5, 127, 127.5
    0x43000000, 0x43008000, 0x43008001, 0x4b800000, 0x4effffff,  // 128, 128.5, 2^24
    0x4f000000, 0x7f000000, 0x7f7effff, 0x7f7f7fff, 0x7f7f8000,  // 2^31, up to the largest
    0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff};  // infinity, NaN

std::uint32_t below(Random& random, std::uint32_t limit) {
  return std::uint32_t(random() % limit);
}

std::uint32_t edge(Random& random) {
  return kEdges[below(random, std::size(kEdges))] | (below(random, 2) << 31);
}

// Fractions with long runs of equal bits, where carries and sticky bits go wrong.
std::uint32_t fraction(Random& random) {
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

std::uint32_t fp32(Random& random, std::uint32_t exponent) {
  return (below(random, 2) << 31) | ((exponent & 255) << 23) | fraction(random);
}

std::uint32_t fp32(Random& random) {
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

// An addend for a product of about 2^(exponent - 127): near it, cancelling it, or anything.
std::uint32_t addend(Random& random, int exponent, std::uint32_t product) {
  switch (below(random, 4)) {
    case 0:
      return fp32(random);
    case 1:
      return (product ^ 0x80000000) + below(random, 5) - 2;
    default:
      return fp32(random, std::uint32_t(
                              std::max(0, std::min(254, exponent + 40 - int(below(random, 80))))));
  }
}

// Exponents of a product: any, or such that it is close to underflow or to overflow.
int product_exponent(Random& random) {
  switch (below(random, 4)) {
    case 0:
      return int(below(random, 6)) - 3;
    case 1:
      return 252 + int(below(random, 5));
    default:
      return 20 + int(below(random, 220));
  }
}

// At most two ones after the leading one: ties, and sticky bits that hang on a single bit.
std::uint32_t sparse(Random& random, int exponent) {
  const std::uint32_t ones = (below(random, 2) << below(random, 23)) | (1u << below(random, 24));
  const std::uint32_t clamped = std::uint32_t(std::max(0, std::min(254, exponent)));
  return (below(random, 2) << 31) | (clamped << 23) | (ones & 0x7fffff);
}

// Of odd a, modulo 2^32.
std::uint32_t inverse(std::uint32_t a) {
  std::uint32_t x = a;
  for (int step = 0; step < 5; ++step) x *= 2 - a * x;
  return x;
}

// A product whose lower 24 bits hold a single one, and a larger addend: the one is all that the
// alignment loses.
Operands lonely_bit_vector(Random& random) {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  while (b < 0x800000) {
    a = 0x800001 | std::uint32_t(random() & 0x7fffff);
    b = (inverse(a) << below(random, 12)) & 0xffffff;
  }
  const std::uint32_t first = 100 + below(random, 20);
  const std::uint32_t second = 100 + below(random, 20);
  return {(below(random, 2) << 31) | (first << 23) | (a & 0x7fffff),
          (second << 23) | (b & 0x7fffff), fp32(random, first + second - 126 + below(random, 12))};
}

Operands fma_vector(Random& random, std::uint64_t index) {
  if (index % 8 == 1) return lonely_bit_vector(random);
  if (index % 8 == 0) {
    const int first = 90 + int(below(random, 74));
    const int second = 90 + int(below(random, 74));
    const int distance =
        (index & 4) != 0 ? int(below(random, 100)) - 50 : 22 + int(below(random, 4));
    return {sparse(random, first), sparse(random, second),
            sparse(random, first + second - 127 + distance)};
  }
  if (below(random, 4) == 0) return {fp32(random), fp32(random), fp32(random)};
  const int exponent = product_exponent(random);
  const int first = std::max(1, std::min(254, exponent + 127 - 1 - int(below(random, 254))));
  const int second = std::max(1, std::min(254, exponent + 127 - first));
  Operands x{fp32(random, std::uint32_t(first)), fp32(random, std::uint32_t(second))};
  x[2] = addend(random, exponent, reference::fp32_fma(x));
  return x;
}

// The same for block_accumulate: the lower 11 bits of the product.
Operands lonely_bit_accumulate(Random& random) {
  std::uint32_t sum = 0;
  std::uint32_t b = 0;
  while (b < 0x400) {
    sum = 0x80001 | std::uint32_t(random() & 0x7ffff);
    b = (inverse(sum) << below(random, 8)) & 0x7ff;
  }
  const std::uint32_t first = 100 + below(random, 20);
  const std::uint32_t second = 100 + below(random, 20);
  if (below(random, 2) != 0) sum = 0u - sum;
  return {1, sum & 0x1fffff, first, (second << 10) | (b & 0x3ff),
          fp32(random, first + second - 127 + 20 + below(random, 12))};
}

Operands accumulate_vector(Random& random, std::uint64_t index) {
  if (index % 8 == 1) return lonely_bit_accumulate(random);
  if (index % 8 == 0) {
    const std::uint32_t ones = (1u << below(random, 20)) | (1u << below(random, 20));
    const int top = 31 - __builtin_clz(ones);
    const int first = 90 + int(below(random, 74));
    const int second = 90 + int(below(random, 74));
    const int distance =
        (index & 4) != 0 ? int(below(random, 80)) - 40 : 22 + int(below(random, 4));
    return {1, (below(random, 2) != 0 ? ones : 0u - ones) & 0x1fffff, std::uint32_t(first),
            sparse(random, second) >> 13, sparse(random, first + second - 127 + top + distance)};
  }
  const std::uint32_t magnitude = std::uint32_t(random()) >> (12 + below(random, 20));
  const std::uint32_t sum = below(random, 16) == 0  ? below(random, 2) << 20
                            : below(random, 2) == 0 ? magnitude
                                                    : 0u - magnitude;
  Operands x{below(random, 8) != 0, sum & 0x1fffff, below(random, 256), fp32(random) >> 13,
             std::uint32_t(random())};
  if (below(random, 4) == 0) {
    x[4] = fp32(random);
    return x;
  }
  const int exponent = product_exponent(random);
  const int first = std::max(1, std::min(254, exponent + 127 - 1 - int(below(random, 254))));
  const int second = std::max(1, std::min(254, exponent + 127 - first));
  x[2] = std::uint32_t(first);
  x[3] = fp32(random, std::uint32_t(second)) >> 13;
  Operands product = x;
  product[0] = 1;
  product[4] = 0;
  x[4] = addend(random, exponent + int(below(random, 20)), reference::block_accumulate(product));
  return x;
}

Operands compare_vector(Random& random, std::uint64_t index) {
  Operands x{std::uint32_t(index & 3), fp32(random), fp32(random)};
  if (below(random, 4) == 0) x[2] = x[1] + below(random, 3) - 1;
  if (below(random, 8) == 0) x[2] = x[1] ^ 0x80000000;
  return x;
}

Operands integer_vector(Random& random, std::uint64_t index) {
  const std::uint32_t magnitude = std::uint32_t(random()) >> below(random, 32);
  const std::uint32_t run = (1u << below(random, 32)) + below(random, 5) - 2;
  const std::uint32_t x = (index & 4) != 0   ? magnitude
                          : (index & 2) != 0 ? run
                                             : below(random, 600) - 300;
  return {(index & 1) != 0 ? x : 0u - x};
}

// Half of the numbers lie where the result is neither 0 nor saturated.
Operands to_int8_vector(Random& random, std::uint64_t index) {
  return {(index & 1) != 0 ? fp32(random) : fp32(random, 124 + below(random, 12))};
}

Operands fp32_vector(Random& random, std::uint64_t) {
  return {fp32(random)};
}

Operands bf16_vector(Random&, std::uint64_t index) {
  return {std::uint32_t(index & 0xffff)};
}

// All exponents and upper 7 fraction bits, with the lower bits 0, all ones, or random.
Operands exponent_vector(Random& random, std::uint64_t index) {
  const std::uint32_t upper = std::uint32_t(index & 0x7fff) << 16;
  const std::uint32_t lower = std::uint32_t(random()) & 0xffff;
  switch ((index >> 15) % 3) {
    case 0:
      return {upper};
    case 1:
      return {upper | 0xffff};
    default:
      return {upper | lower};
  }
}

// All scales, with edges and with numbers that such a scale can hold.
Operands quantise_vector(Random& random, std::uint64_t index) {
  const std::uint32_t scale = std::uint32_t(index & 0xff);
  if (((index >> 8) & 3) == 0) return {fp32(random), scale};
  return {fp32(random, std::uint32_t(std::max(0, int(scale) - 3 + int(below(random, 12))))), scale};
}

// Calls a function of the type of Source, whatever the widths of its parameters.
template <auto Source>
struct Caller;
template <typename Result, typename... Parameters, Result (*Source)(Parameters...)>
struct Caller<Source> {
  static std::uint32_t call(Subject subject, const Operands& x) {
    const auto function = reinterpret_cast<Result (*)(Parameters...)>(subject);
    const auto result = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return function(Parameters(x[I])...);
    }(std::index_sequence_for<Parameters...>());
    return std::make_unsigned_t<Result>(result);
  }
  static constexpr unsigned kParameters = sizeof...(Parameters);
};

template <auto Source>
Function entry(const char* name, Operands (*vector)(Random&, std::uint64_t),
               std::uint32_t (*reference)(const Operands&)) {
  return {name,
          Caller<Source>::kParameters,
          vector,
          Caller<Source>::call,
          reinterpret_cast<Subject>(Source),
          reference};
}

const Function kFunctions[] = {
    entry<block_accumulate>("block_accumulate", accumulate_vector, reference::block_accumulate),
    entry<fp32_fma>("fp32_fma", fma_vector, reference::fp32_fma),
    entry<fp32_compare>("fp32_compare", compare_vector, reference::fp32_compare),
    entry<int32_to_fp32>("int32_to_fp32", integer_vector, reference::int32_to_fp32),
    entry<fp32_to_int8>("fp32_to_int8", to_int8_vector, reference::fp32_to_int8),
    entry<fp32_to_bf16>("fp32_to_bf16", fp32_vector, reference::fp32_to_bf16),
    entry<bf16_to_fp32>("bf16_to_fp32", bf16_vector, reference::bf16_to_fp32),
    entry<int32_to_int8>("int32_to_int8", integer_vector, reference::int32_to_int8),
    entry<block_exponent>("block_exponent", exponent_vector, reference::block_exponent),
    entry<quantise>("quantise", quantise_vector, reference::quantise),
};

}  // namespace

std::span<const Function> functions() {
  return kFunctions;
}

}  // namespace weft::hls::test
