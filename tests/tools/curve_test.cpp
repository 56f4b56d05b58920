// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/curve.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::tools {
namespace {

TEST(Curve, DrawsOnePointForEachValue) {
  const std::vector<double> values{3, 2, 1.5, 1};
  const auto lines = draw_curve(values);
  ASSERT_EQ(lines.size(), 10u);
  EXPECT_EQ(lines.front().substr(0, 14), "          3 |*");
  EXPECT_EQ(lines.back(), "          1 |   *");
  std::size_t points = 0;
  for (const auto& line : lines) {
    points += static_cast<std::size_t>(std::count(line.begin(), line.end(), '*'));
  }
  EXPECT_EQ(points, values.size());
}

TEST(Curve, JoinsValuesThatDoNotFit) {
  const auto lines = draw_curve(std::vector<double>(1000, 2.0));
  for (const auto& line : lines) EXPECT_LE(line.size(), 80u);
}

TEST(Curve, OfNothingAndOfOneValue) {
  EXPECT_TRUE(draw_curve({}).empty());
  EXPECT_EQ(draw_curve(std::vector<double>{1}).size(), 10u);
  EXPECT_NE(curve_svg({}, "Loss", "epochs").find("</svg>"), std::string::npos);
}

TEST(Curve, SvgHasAllPoints) {
  const std::string svg = curve_svg(std::vector<double>{2, 1}, "Loss", "epochs");
  EXPECT_NE(svg.find("points=\"56.0,56.0 584.0,304.0 \""), std::string::npos) << svg;
}

}  // namespace
}  // namespace weft::tools
