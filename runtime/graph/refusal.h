// SPDX-License-Identifier: Apache-2.0
// runtime/graph/refusal.h: what the operators of a Graph have in common while they are recorded.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "runtime/graph/contents.h"

namespace weft::graph {

[[nodiscard]] inline std::string text(const Shape& shape) {
  if (!shape.map) return fmt::format("{} x {}", shape.rows, shape.cols);
  return fmt::format("{} maps of {} x {} x {}", shape.rows, shape.map->height, shape.map->width,
                     shape.map->channels);
}

// Records the first error of a graph.
inline Tensor refuse(Contents& contents, const std::string& what, const std::string& advice = {}) {
  if (!contents.error) contents.error = Error{Code::kInvalidArgument, what, advice};
  return {};
}

// "linear3": the name of the first output of the next operator.
[[nodiscard]] inline std::string next_name(const Contents& contents, std::string_view stem) {
  return fmt::format("{}{}", stem, contents.operators.size());
}

}  // namespace weft::graph
