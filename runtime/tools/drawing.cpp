// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace weft::tools {
namespace {

constexpr std::string_view kShades = " .:-=+*#%@";
constexpr std::size_t kLineWidth = 100;
constexpr std::size_t kMaxSide = 40;

char shade(float value, float maximum) {
  const float part = std::clamp(value / maximum, 0.0f, 1.0f);  // NaN stays NaN
  if (!(part >= 0)) return '?';
  return kShades[static_cast<std::size_t>(part * static_cast<float>(kShades.size() - 1) + 0.5f)];
}

}  // namespace

std::vector<std::string> draw_images(const Architecture& network, std::span<const float> values,
                                     std::span<const std::uint32_t> predictions,
                                     std::span<const std::uint32_t> labels, std::size_t count) {
  std::vector<std::string> lines;
  if (network.rows > kMaxSide || network.cols > kMaxSide) return lines;
  count = std::min(count, predictions.size());
  const std::size_t width = 2 * network.cols + 3;  // pixels are drawn twice: letters are tall
  const std::size_t per_line = std::max<std::size_t>(1, kLineWidth / width);
  for (std::size_t first = 0; first < count; first += per_line) {
    const std::size_t end = std::min(count, first + per_line);
    for (std::size_t row = 0; row < network.rows; ++row) {
      std::string line;
      for (std::size_t image = first; image < end; ++image) {
        for (std::size_t col = 0; col < network.cols; ++col) {
          const std::size_t pixel = (image * network.rows + row) * network.cols + col;
          line += std::string(2, shade(values[pixel * network.channels], network.maximum));
        }
        line += "   ";
      }
      lines.push_back(line);
    }
    std::string answers;
    for (std::size_t image = first; image < end; ++image) {
      const std::string answer = network.label(predictions[image]);
      const bool wrong = !labels.empty() && labels[image] != predictions[image];
      answers +=
          fmt::format("{:<{}}",
                      wrong ? fmt::format("-> {} (is {})", answer, network.label(labels[image]))
                            : "-> " + answer,
                      width);
    }
    lines.push_back(answers);
    lines.emplace_back();
  }
  return lines;
}

}  // namespace weft::tools
