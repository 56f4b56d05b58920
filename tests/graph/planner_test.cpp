// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace weft::graph {
namespace {

bool meet(const Life& x, const Life& y) {
  return x.first <= y.last && y.first <= x.last;
}

// The most bytes that are alive at once: no plan needs less.
std::uint64_t least(const std::vector<Life>& lives, std::size_t operators) {
  std::uint64_t most = 0;
  for (std::size_t at = 0; at < operators; ++at) {
    std::uint64_t bytes = 0;
    for (const Life& life : lives) {
      if (life.first <= at && at <= life.last) bytes += life.bytes;
    }
    most = std::max(most, bytes);
  }
  return most;
}

TEST(Planner, TensorsThatFollowEachOtherShare) {
  const std::vector<Life> lives{{.bytes = 128, .first = 0, .last = 1},
                                {.bytes = 64, .first = 1, .last = 2},
                                {.bytes = 128, .first = 2, .last = 3}};
  const Plan plan = plan_memory(lives);
  EXPECT_EQ(plan.offsets[0], plan.offsets[2]);
  EXPECT_EQ(plan.peak_bytes, 192u);
  EXPECT_EQ(plan.total_bytes, 320u);
}

TEST(Planner, AnOutputDoesNotLieOnAnInputOfItsOperator) {
  const std::vector<Life> lives{{.bytes = 64, .first = 0, .last = 1},
                                {.bytes = 64, .first = 1, .last = 1}};
  const Plan plan = plan_memory(lives);
  EXPECT_NE(plan.offsets[0], plan.offsets[1]);
}

TEST(Planner, MapsWithABorderShareWithMapsOfTheirLayoutOnly) {
  const std::vector<Life> lives{{.bytes = 128, .first = 0, .last = 1, .layout = 1},
                                {.bytes = 128, .first = 2, .last = 3, .layout = 2},
                                {.bytes = 128, .first = 2, .last = 3, .layout = 1},
                                {.bytes = 128, .first = 3, .last = 4, .layout = 1},
                                {.bytes = 64, .first = 5, .last = 6}};
  const Plan plan = plan_memory(lives);
  EXPECT_EQ(plan.offsets[0], plan.offsets[2]);
  EXPECT_NE(plan.offsets[0], plan.offsets[1]);
  EXPECT_NE(plan.offsets[2], plan.offsets[3]);
  // What is overwritten at will lies in front.
  EXPECT_EQ(plan.offsets[4], 0u);
  EXPECT_EQ(plan.zeroed_from, 64u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_GE(plan.offsets[i], plan.zeroed_from);
  EXPECT_EQ(plan.peak_bytes, 64u + 3 * 128u);
  EXPECT_EQ(plan.total_bytes, 64u + 4 * 128u);
}

TEST(Planner, TensorsElsewhereTakeNothing) {
  const std::vector<Life> lives(3);
  EXPECT_EQ(plan_memory(lives).peak_bytes, 0u);
}

TEST(Planner, RandomLivesNeverOverlap) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    constexpr std::size_t kOperators = 40;
    std::vector<Life> lives;
    for (std::size_t i = 0; i < 60; ++i) {
      const std::size_t first = random() % kOperators;
      const std::size_t last = std::min<std::size_t>(kOperators - 1, first + random() % 10);
      lives.push_back({.bytes = 64 * (random() % 20), .first = first, .last = last});
    }
    const Plan plan = plan_memory(lives);
    EXPECT_GE(plan.peak_bytes, least(lives, kOperators));
    EXPECT_LE(plan.peak_bytes, plan.total_bytes);
    for (std::size_t i = 0; i < lives.size(); ++i) {
      EXPECT_LE(plan.offsets[i] + lives[i].bytes, plan.peak_bytes);
      for (std::size_t j = 0; j < i; ++j) {
        if (!meet(lives[i], lives[j]) || lives[i].bytes == 0 || lives[j].bytes == 0) continue;
        EXPECT_TRUE(plan.offsets[i] + lives[i].bytes <= plan.offsets[j] ||
                    plan.offsets[j] + lives[j].bytes <= plan.offsets[i])
            << "round " << round;
      }
    }
  }
}

}  // namespace
}  // namespace weft::graph
