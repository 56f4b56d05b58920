// SPDX-License-Identifier: Apache-2.0
// weft/phase.h: what the cycles of a training step are counted as.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft {

enum class StepPhase : std::uint8_t {
  kForward,    // operators of the network, and the loss of each row
  kDgrad,      // gradients of activations
  kWgrad,      // gradients of weights
  kOptimizer,  // the update
  kOther,      // the mean loss, sums over parts
};
inline constexpr std::size_t kNumStepPhases = 5;

[[nodiscard]] std::string_view name(StepPhase phase);

struct PhaseCost {
  std::uint64_t cycles = 0;
  double multiplies = 0;  // M N K of its products
};
using PhaseCosts = std::array<PhaseCost, kNumStepPhases>;

}  // namespace weft
