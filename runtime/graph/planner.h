// SPDX-License-Identifier: Apache-2.0
// runtime/graph/planner.h: where the intermediate tensors of a step lie in one arena.
//
// A tensor lives from the operator that writes it to the last that reads it, both included: an
// operator never finds an output on top of an input. Tensors whose lives overlap get ranges that
// do not; all others may share. Largest first, each at the lowest offset that is free while it
// lives (greedy by size): within a few per cent of the least possible for networks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/graph/contents.h"

namespace weft::graph {

struct Life {
  std::uint64_t bytes = 0;  // a multiple of 64; 0: the tensor does not lie in the arena
  std::size_t first = 0;    // operator that writes it
  std::size_t last = 0;     // last operator that reads it, or `first`
};

struct Plan {
  std::vector<std::uint64_t> offsets;  // by tensor
  std::uint64_t peak_bytes = 0;        // of the arena
  std::uint64_t total_bytes = 0;       // had every tensor a place of its own
};

[[nodiscard]] Plan plan_memory(std::span<const Life> lives);

// Bytes of a tensor, rounded up to a multiple of 64: bindings start at one.
[[nodiscard]] inline std::uint64_t padded_bytes(Shape shape) {
  return (shape.elements() * 4 + 63) / 64 * 64;
}

// The lives of the computed tensors of a graph except those that `elsewhere` marks.
[[nodiscard]] std::vector<Life> find_lives(const Contents& contents,
                                           const std::vector<bool>& elsewhere);

}  // namespace weft::graph
