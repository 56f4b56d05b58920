// SPDX-License-Identifier: Apache-2.0
// The cost model of a gemm: how many cycles a list of commands takes on a card, so that tilings can
// be compared. Deliberately simple:
//
//   matmul  a quad of four tiles (array_rows x array_columns results each) takes
//           4 * (32 / array_depth) cycles per block of 32, at least kQuadCycles; results are
//           visible kPipelineCycles after the last quad
//   load    moves axi_bytes per cycle, data arrives kLatencyCycles after the request; requests of
//           the next command follow those of this one; a transposed source is read in strips of
//           kStripBytes of each row
//   store   moves axi_bytes per cycle, answered kLatencyCycles later; its beats and those of load
//           together cannot exceed one per cycle over the whole launch
//   vector  one word of `array_columns` elements per cycle
//
// Every command takes its unit kSetupCycles more. Units start their commands in order, as soon as
// `after` allows. kLaunchCycles precede the first.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/kernels/gemm/schedule.h"
#include "weft/spec.h"

namespace weft::kernels {

inline constexpr std::uint64_t kLaunchCycles = 400;
inline constexpr std::uint64_t kLatencyCycles = 100;
inline constexpr std::uint64_t kPipelineCycles = 40;
inline constexpr std::uint64_t kQuadCycles = 32;
inline constexpr std::uint64_t kSetupCycles = 2;
inline constexpr std::uint64_t kStripBytes = 64;

struct Cost {
  std::uint64_t cycles = 0;
  std::uint64_t beats = 0;  // moved over the memory port
};

[[nodiscard]] Cost estimate(std::span<const Command> commands, const spec::Config& config);

}  // namespace weft::kernels
