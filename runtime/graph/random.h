// SPDX-License-Identifier: Apache-2.0
// runtime/graph/random.h: the numbers the host draws: initial weights, orders of samples, seeds.
//
// A draw is a pure function of (seed, purpose, stream, index), so that any of them can be made
// again without those before it: training that resumes needs no state of a generator. It is the
// finaliser of SplitMix64 (Steele, Lea, Flood, 2014), applied once per key:
//   h = mix(seed + golden * (purpose + 1)); h = mix(h + golden * (stream + 1));
//   draw = mix(h + golden * (index + 1))
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace weft::graph {

// What a draw is for: draws of different purposes are independent.
enum class Purpose : std::uint8_t { kInitial, kShuffle, kRounding };

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

[[nodiscard]] constexpr std::uint64_t draw(std::uint64_t seed, Purpose purpose,
                                           std::uint64_t stream, std::uint64_t index) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;
  const std::uint64_t of_purpose = mix(seed + kGolden * (static_cast<std::uint64_t>(purpose) + 1));
  return mix(mix(of_purpose + kGolden * (stream + 1)) + kGolden * (index + 1));
}

// Uniform in [-1, 1), a multiple of 2^-23.
[[nodiscard]] constexpr double uniform(std::uint64_t bits) {
  return static_cast<double>(bits >> 40) * 0x1p-23 - 1.0;
}

// The seed of stochastic rounding for one part of one step.
[[nodiscard]] constexpr std::uint32_t rounding_seed(std::uint64_t seed, std::uint64_t step,
                                                    std::uint32_t part) {
  return static_cast<std::uint32_t>(draw(seed, Purpose::kRounding, step, part) >> 32);
}

// The numbers 0..count-1 in the order of an epoch: Fisher and Yates, from the last place down.
// Place i takes place (draw * (i + 1)) / 2^64: a bias below count / 2^64.
[[nodiscard]] inline std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed,
                                                         std::uint64_t epoch) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::size_t i = count; i-- > 1;) {
    const auto bits = static_cast<unsigned __int128>(draw(seed, Purpose::kShuffle, epoch, i));
    std::swap(order[i], order[static_cast<std::size_t>(bits * (i + 1) >> 64)]);
  }
  return order;
}

}  // namespace weft::graph
