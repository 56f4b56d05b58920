// SPDX-License-Identifier: Apache-2.0
// A tiling turned into commands with their `after` counts.
//
// Blocks of A and B are kept in rings of cells, the oldest are overwritten first; blocks of C take
// turns in the four banks of V, so that matmul, vector and store work in different ones. Per cell
// and per word the last command that used it is known, so each command waits for exactly the
// commands whose data it needs or overwrites, and the load of the next block overlaps the matmul of
// this one as far as the scratchpads allow.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/kernels/command.h"
#include "runtime/kernels/gemm/tiling.h"
#include "weft/gemm.h"
#include "weft/spec.h"

namespace weft::kernels {

// Indices of the bindings of a gemm program.
inline constexpr std::uint8_t kBindingA = 0;
inline constexpr std::uint8_t kBindingB = 1;
inline constexpr std::uint8_t kBindingC = 2;
inline constexpr std::uint8_t kBindingBias = 3;

// Numbers of its scalars: the seed where rounding is stochastic, and behind it the scale.
inline constexpr std::uint8_t kScalarSeed = 0;
constexpr std::uint8_t scalar_scale(const GemmShape& shape) {
  return shape.rounding == spec::Rounding::kStochastic ? 1 : 0;
}

// The part of C one program computes.
struct Part {
  Piece m;
  Piece n;
};

// Strides in `shape` are the real ones, not 0. Nothing if the scratchpads of `config` are too small
// for the tiling.
[[nodiscard]] std::optional<std::vector<Command>> schedule(const GemmShape& shape,
                                                           const spec::Config& config,
                                                           const Tiling& tiling, const Part& part);

}  // namespace weft::kernels
