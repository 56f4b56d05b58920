// SPDX-License-Identifier: Apache-2.0
// runtime/graph/planner.h: where the intermediate tensors of a step lie in one arena.
//
// A tensor lives from the operator that writes it to the last that reads it, both included: an
// operator never finds an output on top of an input. Tensors whose lives overlap get ranges that
// do not; all others may share. Largest first, each at the lowest offset that is free while it
// lives (greedy by size): within a few per cent of the least possible for networks.
//
// Feature maps with a border lie behind these. Kernels write their interior only and read zeros
// from the border, so a border must stay as the arena was allocated: zero. Their ranges are shared
// too, but only among maps of one layout (same images, extents and border), whose borders are the
// same bytes: nothing but an interior is ever written.
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
  // Of maps with a border: equal for maps of one layout. 0: no border.
  std::uint32_t layout = 0;
};

struct Plan {
  std::vector<std::uint64_t> offsets;  // by tensor
  std::uint64_t peak_bytes = 0;        // of the arena
  std::uint64_t zeroed_from = 0;       // maps with a border begin here; peak_bytes: there are none
  std::uint64_t total_bytes = 0;       // had every tensor a place of its own
};

[[nodiscard]] Plan plan_memory(std::span<const Life> lives);

// Bytes of elements, of a parameter or of any tensor, rounded up to a multiple of 64: bindings
// start at one.
[[nodiscard]] inline std::uint64_t padded_bytes(std::uint64_t elements) {
  return (elements * 4 + 63) / 64 * 64;
}
[[nodiscard]] inline std::uint64_t padded_bytes(const Shape& shape) {
  return padded_bytes(shape.elements());
}
[[nodiscard]] inline std::uint64_t padded_bytes(const TensorEntry& tensor) {
  return padded_bytes(tensor.stored_elements());
}

// The lives of the computed tensors of a graph except those that `elsewhere` marks.
[[nodiscard]] std::vector<Life> find_lives(const Contents& contents,
                                           const std::vector<bool>& elsewhere);

}  // namespace weft::graph
