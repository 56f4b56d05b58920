// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/answers.h"

#include <algorithm>
#include <cmath>

namespace weft::tools {

std::vector<std::uint32_t> argmax(std::span<const float> logits, std::uint32_t outputs) {
  std::vector<std::uint32_t> positions;
  for (; !logits.empty(); logits = logits.subspan(outputs)) {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < outputs; ++i) {
      if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
    }
    positions.push_back(std::isnan(logits[best]) ? 0 : best);
  }
  return positions;
}

std::uint64_t count_right(std::span<const std::uint32_t> predictions,
                          std::span<const std::uint32_t> labels) {
  std::uint64_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predictions[i] == labels[i];
  return right;
}

double largest_difference(std::span<const float> x, std::span<const float> y) {
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double difference = std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i]));
    if (std::isnan(difference)) return difference;
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace weft::tools
