// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace weft::graph {
namespace {

TEST(Random, MixIsSplitMix64) {
  // The first numbers of SplitMix64 from state 1234567, as published with the generator.
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15u;
  EXPECT_EQ(mix(1234567 + kGolden), 6457827717110365317u);
  EXPECT_EQ(mix(1234567 + 2 * kGolden), 3203168211198807973u);
  EXPECT_EQ(mix(1234567 + 3 * kGolden), 9817491932198370423u);
}

TEST(Random, UniformFillsItsRange) {
  EXPECT_EQ(uniform(0), -1.0);
  EXPECT_EQ(uniform(~std::uint64_t{0}), 1.0 - 0x1p-23);
  constexpr int kCount = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = uniform(draw(1, Purpose::kInitial, 0, static_cast<std::uint64_t>(i)));
    sum += value;
    squares += value * value;
  }
  // Mean 0 with deviation 1 / sqrt(3 count); mean of squares 1/3 with sqrt(4 / 45 count): 5 each.
  EXPECT_LT(std::abs(sum / kCount), 5 / std::sqrt(3.0 * kCount));
  EXPECT_LT(std::abs(squares / kCount - 1.0 / 3), 5 * std::sqrt(4.0 / 45 / kCount));
}

TEST(Random, AnOrderHasEachNumberOnce) {
  for (const std::uint32_t count : {1u, 2u, 3u, 100u, 1437u}) {
    const auto order = shuffled(count, 1, 0);
    EXPECT_EQ(std::set(order.begin(), order.end()).size(), count);
  }
}

TEST(Random, OrdersDependOnSeedAndEpoch) {
  EXPECT_EQ(shuffled(100, 1, 2), shuffled(100, 1, 2));
  EXPECT_NE(shuffled(100, 1, 2), shuffled(100, 1, 3));
  EXPECT_NE(shuffled(100, 1, 2), shuffled(100, 2, 2));
}

TEST(Random, OrdersOfThreeAreEquallyLikely) {
  constexpr int kRounds = 60000;
  std::array<int, 9> counts{};
  for (int epoch = 0; epoch < kRounds; ++epoch) {
    const auto order = shuffled(3, 7, static_cast<std::uint64_t>(epoch));
    ++counts[order[0] * 3 + order[1]];
  }
  for (const std::size_t pair : {1u, 2u, 3u, 5u, 6u, 7u}) {
    // Binomial with p = 1/6: five deviations.
    EXPECT_LT(std::abs(counts[pair] - kRounds / 6.0), 5 * std::sqrt(kRounds * 5.0 / 36));
  }
}

TEST(Random, SeedsOfRoundingDiffer) {
  std::set<std::uint32_t> seeds;
  for (std::uint64_t step = 0; step < 100; ++step) {
    for (std::uint32_t part = 0; part < 10; ++part) seeds.insert(rounding_seed(1, step, part));
  }
  // Two of 1000 numbers of 32 bits are equal with a probability of 1e-4; these are not.
  EXPECT_EQ(seeds.size(), 1000u);
}

}  // namespace
}  // namespace weft::graph
