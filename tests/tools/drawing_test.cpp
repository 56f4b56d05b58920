// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/drawing.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weft::tools {
namespace {

Architecture two_pixels() {
  Architecture network;
  network.rows = 1;
  network.cols = 2;
  network.maximum = 16;
  network.labels = {"zero", "one"};
  return network;
}

TEST(Drawing, ShowsShadesAndAnswers) {
  const std::vector<float> values{0, 16, 8, NAN};
  const std::vector<std::uint32_t> predictions{1, 0};
  const std::vector<std::uint32_t> labels{1, 1};
  const auto lines = draw_images(two_pixels(), values, predictions, labels, 5);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "  @@   ++??   ");
  EXPECT_EQ(lines[1].substr(0, 6), "-> one");
  EXPECT_NE(lines[1].find("-> zero (is one)"), std::string::npos);
}

TEST(Drawing, ShowsNothingWhenAskedForNothing) {
  EXPECT_TRUE(draw_images(two_pixels(), {}, {}, {}, 3).empty());
}

}  // namespace
}  // namespace weft::tools
