// SPDX-License-Identifier: Apache-2.0
// runtime/tools/curve.h: a curve as text and as a picture.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace weft::tools {

// Lines that draw `values` from left to right, one column each, or several values to a column where
// there are more than 60 (their mean). Labelled with the largest and the smallest value.
[[nodiscard]] std::vector<std::string> draw_curve(std::span<const double> values);

// The same as a complete SVG file.
[[nodiscard]] std::string curve_svg(std::span<const double> values, const std::string& title,
                                    const std::string& unit);

}  // namespace weft::tools
