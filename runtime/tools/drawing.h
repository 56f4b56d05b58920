// SPDX-License-Identifier: Apache-2.0
// runtime/tools/drawing.h: images as text, several side by side.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/tools/architecture.h"

namespace weft::tools {

// Lines that show the first `count` images with what the network took them for, and the label
// where that was something else; of pixels with channels the first.
[[nodiscard]] std::vector<std::string> draw_images(const Architecture& network,
                                                   std::span<const float> values,
                                                   std::span<const std::uint32_t> predictions,
                                                   std::span<const std::uint32_t> labels,
                                                   std::size_t count);

}  // namespace weft::tools
