// SPDX-License-Identifier: Apache-2.0
// The bound on a launch that XRT would wait for without one.
#include "runtime/devices/xilinx/poll.h"

#include <gtest/gtest.h>

namespace weft::xilinx {
namespace {

using Clock = std::chrono::steady_clock;

TEST(PollUntil, AsksOnceIfTheAnswerIsYes) {
  int asked = 0;
  EXPECT_TRUE(poll_until(std::chrono::hours(1), [&] { return ++asked == 1; }));
  EXPECT_EQ(asked, 1);
}

TEST(PollUntil, EndsAtItsBound) {
  const auto begin = Clock::now();
  EXPECT_FALSE(poll_until(std::chrono::milliseconds(50), [] { return false; }));
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(50));
}

TEST(PollUntil, AsksAgainWhenTheBoundIsOver) {
  const auto begin = Clock::now();
  // Says yes only after the bound: the question that counts is the last one.
  EXPECT_TRUE(poll_until(std::chrono::milliseconds(20),
                         [&] { return Clock::now() - begin > std::chrono::milliseconds(20); }));
}

}  // namespace
}  // namespace weft::xilinx
