// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/answers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weft::tools {
namespace {

TEST(Answers, NanNeverWins) {
  EXPECT_EQ(argmax(std::vector<float>{NAN, 1, 2, NAN, NAN, NAN, 3, NAN, 1}, 3),
            (std::vector<std::uint32_t>{2, 0, 0}));
}

TEST(Answers, ADifferenceToNanIsNan) {
  EXPECT_EQ(largest_difference(std::vector<float>{1, 2}, std::vector<float>{1, -1}), 3);
  EXPECT_TRUE(std::isnan(largest_difference(std::vector<float>{1, NAN}, std::vector<float>{9, 0})));
}

}  // namespace
}  // namespace weft::tools
