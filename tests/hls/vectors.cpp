// SPDX-License-Identifier: Apache-2.0
#include "vectors.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "approximation.h"
#include "chain_vectors.h"
#include "fused_vectors.h"
#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/block_exponent_stochastic.h"
#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_divide.h"
#include "hls/functions/fp32_exp2.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_gelu.h"
#include "hls/functions/fp32_gelu_gradient.h"
#include "hls/functions/fp32_log2.h"
#include "hls/functions/fp32_sigmoid.h"
#include "hls/functions/fp32_sqrt.h"
#include "hls/functions/fp32_tanh.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"
#include "hls/functions/int32_to_int8.h"
#include "hls/functions/quantise.h"
#include "hls/functions/quantise_stochastic.h"
#include "hls/functions/random16.h"
#include "numbers.h"
#include "reference.h"

namespace weft::hls::test {
namespace {

Operands compare_vector(Random& random, std::uint64_t index) {
  Operands x{std::uint32_t(index & 7), fp32(random), fp32(random)};
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

// The error of a function that has one right result.
template <auto Reference>
double equals(const Operands& x, std::uint32_t result) {
  return result == Reference(x) ? 0 : std::numeric_limits<double>::infinity();
}

template <auto Source>
Function entry(const char* name, Operands (*vector)(Random&, std::uint64_t),
               double (*error)(const Operands&, std::uint32_t)) {
  return {name,
          Caller<Source>::kParameters,
          vector,
          Caller<Source>::call,
          reinterpret_cast<Subject>(Source),
          error};
}

const Function kFunctions[] = {
    entry<block_accumulate>("block_accumulate", accumulate_vector,
                            equals<reference::block_accumulate>),
    entry<fp32_fma>("fp32_fma", fma_vector, equals<reference::fp32_fma>),
    entry<fp32_compare>("fp32_compare", compare_vector, equals<reference::fp32_compare>),
    entry<int32_to_fp32>("int32_to_fp32", integer_vector, equals<reference::int32_to_fp32>),
    entry<fp32_to_int8>("fp32_to_int8", to_int8_vector, equals<reference::fp32_to_int8>),
    entry<fp32_to_bf16>("fp32_to_bf16", fp32_vector, equals<reference::fp32_to_bf16>),
    entry<bf16_to_fp32>("bf16_to_fp32", bf16_vector, equals<reference::bf16_to_fp32>),
    entry<int32_to_int8>("int32_to_int8", integer_vector, equals<reference::int32_to_int8>),
    entry<block_exponent>("block_exponent", exponent_vector, equals<reference::block_exponent>),
    entry<quantise>("quantise", quantise_vector, equals<reference::quantise>),
    entry<fp32_divide>("fp32_divide", divide_vector, equals<reference::fp32_divide>),
    entry<fp32_sqrt>("fp32_sqrt", sqrt_vector, equals<reference::fp32_sqrt>),
    entry<fp32_exp2>("fp32_exp2", unary_vector, approximation::fp32_exp2),
    entry<fp32_log2>("fp32_log2", unary_vector, approximation::fp32_log2),
    entry<fp32_sigmoid>("fp32_sigmoid", unary_vector, approximation::fp32_sigmoid),
    entry<fp32_tanh>("fp32_tanh", unary_vector, approximation::fp32_tanh),
    entry<fp32_gelu>("fp32_gelu", unary_vector, approximation::fp32_gelu),
    entry<fp32_gelu_gradient>("fp32_gelu_gradient", unary_vector,
                              approximation::fp32_gelu_gradient),
    entry<block_exponent_stochastic>("block_exponent_stochastic", stochastic_exponent_vector,
                                     equals<reference::block_exponent_stochastic>),
    entry<random16>("random16", random16_vector, equals<reference::random16>),
    entry<quantise_stochastic>("quantise_stochastic", stochastic_vector,
                               equals<reference::quantise_stochastic>),
};

}  // namespace

std::span<const Function> functions() {
  return kFunctions;
}

}  // namespace weft::hls::test
