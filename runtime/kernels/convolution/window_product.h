// SPDX-License-Identifier: Apache-2.0
// The product that a convolution and its input gradient are: for each pixel of a map `to`,
//
//   to[pixel][n] = bias[n] + sum over pieces of sum over k of from[window + k] * weights[n][k]
//
// where windows step through the map `from` as pixels step through `to`, and k runs over contiguous
// elements of a window.
//
// Pixels of `to` may be of several phases, each with pieces of its own. A phase is cut into blocks
// of pixels. Per block and piece one load brings the windows of all its
// pixels to A, and one matmul adds their products to what the pieces before have left in V. So the
// order of additions is that of the pieces, whatever the blocks. Weights stay in B as far as they
// fit, windows in A. Bindings: from, weights, to, bias.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/kernels/convolution/stored_map.h"
#include "weft/kernel.h"

namespace weft::kernels {

struct WindowProduct {
  // Where the contraction finds its elements: `length` of a window and of the weights.
  struct Piece {
    std::int64_t line = 0;  // of the window of the first pixel of the phase
    std::int64_t column = 0;
    std::uint64_t first = 0;   // element of the window
    std::uint64_t weight = 0;  // bytes from the first weight of n = 0
    std::uint32_t length = 0;
  };

  // Every `to_step`-th pixel of `to`, both ways: lines x columns of them. Without pieces they are
  // 0.
  struct Phase {
    std::uint32_t line = 0;  // of the first
    std::uint32_t column = 0;
    std::uint32_t lines = 0;
    std::uint32_t columns = 0;
    std::vector<Piece> pieces;
  };

  std::string name;
  StoredMap from;
  StoredMap to;
  std::uint32_t from_step = 1;  // pixels of `from` from a pixel of a phase to the next
  std::uint32_t to_step = 1;    // the same of `to`
  std::vector<Phase> phases;
  std::uint64_t weight_elements = 0;
  std::uint32_t filter_bytes = 0;   // of all weights of a filter
  bool filters_contracted = false;  // k runs over filters; else n is the filter
  bool bias = false;
  bool relu = false;
  spec::Rounding rounding = spec::Rounding::kNearest;
  std::uint16_t from_tensor = 0;
  std::uint16_t weights_tensor = 0;
};

[[nodiscard]] Result<Programs> make_programs(const DeviceInfo& device,
                                             const WindowProduct& product);

}  // namespace weft::kernels
