// SPDX-License-Identifier: Apache-2.0
// runtime/tools/answers.h: from logits to classes, and how good they are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weft::tools {

// Position of the largest of each row; NaN never wins, a row of NaN gives position 0.
[[nodiscard]] std::vector<std::uint32_t> argmax(std::span<const float> logits,
                                                std::uint32_t outputs);

// How many predictions are their label; there is one for each label.
[[nodiscard]] std::uint64_t count_right(std::span<const std::uint32_t> predictions,
                                        std::span<const std::uint32_t> labels);

// NaN where either of two is.
[[nodiscard]] double largest_difference(std::span<const float> x, std::span<const float> y);

}  // namespace weft::tools
