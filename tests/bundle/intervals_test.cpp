// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/intervals.h"

#include <gtest/gtest.h>

#include <bitset>

#include "tests/common/mutate.h"

namespace weft::bundle {
namespace {

TEST(Intervals, EqualASetOfBytes) {
  constexpr std::size_t kSize = 64;
  test::Random random(test::chosen_seed());
  for (int round = 0; round < 2000; ++round) {
    Intervals intervals;
    std::bitset<kSize> bytes;
    for (int i = 0; i < 8; ++i) {
      const std::size_t begin = test::below(random, kSize);
      const std::size_t end = begin + test::below(random, kSize - begin + 1);
      std::bitset<kSize> gap;
      intervals.each_gap(begin, end, [&](std::uint64_t first, std::uint64_t last) {
        for (auto byte = first; byte < last; ++byte) gap.set(byte);
      });
      for (std::size_t byte = 0; byte < kSize; ++byte) {
        EXPECT_EQ(gap[byte], byte >= begin && byte < end && !bytes[byte]);
      }
      intervals.insert(begin, end);
      for (std::size_t byte = begin; byte < end; ++byte) bytes.set(byte);
    }
    std::bitset<kSize> listed;
    std::uint64_t previous = kSize;
    for (const auto& [begin, end] : intervals.ranges()) {
      EXPECT_LT(begin, end);
      EXPECT_NE(begin, previous) << "ranges that touch are joined";
      previous = end;
      for (auto byte = begin; byte < end; ++byte) listed.set(byte);
    }
    EXPECT_EQ(listed, bytes);
  }
}

}  // namespace
}  // namespace weft::bundle
