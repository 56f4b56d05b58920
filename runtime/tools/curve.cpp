// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weft::tools {
namespace {

constexpr std::size_t kColumns = 60;
constexpr std::size_t kLines = 10;

struct Range {
  double low = 0;
  double high = 1;

  // 0 at the lowest value, 1 at the highest.
  [[nodiscard]] double place(double value) const {
    return high > low ? (value - low) / (high - low) : 0;
  }
};

Range range_of(std::span<const double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {.low = *low, .high = *high};
}

std::vector<double> at_most(std::span<const double> values, std::size_t columns) {
  if (values.size() <= columns) return {values.begin(), values.end()};
  std::vector<double> means;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t begin = i * values.size() / columns;
    const std::size_t end = (i + 1) * values.size() / columns;
    double sum = 0;
    for (std::size_t j = begin; j < end; ++j) sum += values[j];
    means.push_back(sum / static_cast<double>(end - begin));
  }
  return means;
}

}  // namespace

std::vector<std::string> draw_curve(std::span<const double> values) {
  if (values.empty()) return {};
  const std::vector<double> columns = at_most(values, kColumns);
  const Range range = range_of(columns);
  std::vector<std::string> lines(kLines, std::string(columns.size(), ' '));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double up = range.place(columns[i]) * static_cast<double>(kLines - 1);
    lines[kLines - 1 - static_cast<std::size_t>(std::lround(up))][i] = '*';
  }
  for (std::size_t i = 0; i < kLines; ++i) {
    std::string label;
    if (i == 0) label = fmt::format("{:.4g}", range.high);
    if (i == kLines - 1) label = fmt::format("{:.4g}", range.low);
    lines[i] = fmt::format("  {:>9} |{}", label, lines[i]);
  }
  return lines;
}

std::string curve_svg(std::span<const double> values, const std::string& title,
                      const std::string& unit) {
  constexpr double kWidth = 640;
  constexpr double kHeight = 360;
  constexpr double kMargin = 56;
  std::string points;
  const Range range = values.empty() ? Range{} : range_of(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double right =
        values.size() > 1 ? static_cast<double>(i) / static_cast<double>(values.size() - 1) : 0;
    points += fmt::format("{:.1f},{:.1f} ", kMargin + right * (kWidth - 2 * kMargin),
                          kHeight - kMargin - range.place(values[i]) * (kHeight - 2 * kMargin));
  }
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" font-family="sans-serif"
     font-size="14">
<rect width="{0}" height="{1}" fill="white"/>
<text x="{2}" y="28">{3}</text>
<path d="M{2} {2} V{4} H{5}" fill="none" stroke="black"/>
<text x="{6}" y="{7}" text-anchor="end">{8:.4g}</text>
<text x="{6}" y="{4}" text-anchor="end">{9:.4g}</text>
<text x="{2}" y="{10}">1</text>
<text x="{5}" y="{10}" text-anchor="end">{11} {12}</text>
<polyline points="{13}" fill="none" stroke="#0060a0" stroke-width="2"/>
</svg>
)",
      kWidth, kHeight, kMargin, title, kHeight - kMargin, kWidth - kMargin, kMargin - 6,
      kMargin + 5, range.high, range.low, kHeight - kMargin + 20, values.size(), unit, points);
}

}  // namespace weft::tools
