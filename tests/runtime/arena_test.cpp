// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/arena.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weft::core {
namespace {

TEST(Arena, HandsOutAlignedRangesThatDoNotOverlap) {
  Arena arena(1 << 16);
  std::mt19937 random(1);
  std::map<std::uint64_t, std::uint64_t> live;
  for (int i = 0; i < 5000; ++i) {
    if (live.empty() || random() % 3 != 0) {
      const std::uint64_t bytes = 1 + random() % 3000;
      const auto offset = arena.allocate(bytes);
      if (!offset) continue;
      EXPECT_EQ(*offset % Arena::kAlignment, 0u);
      const auto next = live.lower_bound(*offset);
      if (next != live.end()) EXPECT_LE(*offset + bytes, next->first);
      if (next != live.begin()) {
        EXPECT_LE(std::prev(next)->first + std::prev(next)->second, *offset);
      }
      EXPECT_LE(*offset + bytes, 1u << 16);
      live.emplace(*offset, bytes);
    } else {
      const auto victim = std::next(live.begin(), static_cast<long>(random() % live.size()));
      arena.free(victim->first);
      live.erase(victim);
    }
  }
  for (const auto& [offset, bytes] : live) arena.free(offset);
  EXPECT_EQ(arena.free_bytes(), 1u << 16);
  EXPECT_EQ(arena.largest_free_bytes(), 1u << 16);
}

TEST(Arena, TakesTheSmallestRangeThatFits) {
  Arena arena(1024);
  const auto a = arena.allocate(256);
  const auto b = arena.allocate(64);
  const auto c = arena.allocate(128);
  const auto d = arena.allocate(64);
  ASSERT_TRUE(a && b && c && d);
  arena.free(*a);
  arena.free(*c);
  EXPECT_EQ(arena.allocate(100), c);
  EXPECT_EQ(arena.allocate(200), a);
}

TEST(Arena, SaysNothingWhenFull) {
  Arena arena(128);
  EXPECT_FALSE(arena.allocate(129));
  EXPECT_FALSE(arena.allocate(~std::uint64_t{0}));
  EXPECT_TRUE(arena.allocate(65));
  EXPECT_FALSE(arena.allocate(1));
}

}  // namespace
}  // namespace weft::core
