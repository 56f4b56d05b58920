// SPDX-License-Identifier: Apache-2.0
// runtime/graph/lower_maps.h: operators on feature maps to kernels of the card.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/graph/contents.h"
#include "runtime/graph/step_list.h"
#include "weft/kernel.h"

namespace weft::graph {

// Steps that no scalar changes.
template <class Arguments>
Result<MakeSteps> constant(const Result<kernels::Kernel<Arguments>>& kernel,
                           const Arguments& arguments) {
  if (!kernel) return tl::unexpected(kernel.error());
  return [steps = kernel->steps(arguments)](const Scalars&) -> Result<std::vector<Step>> {
    return steps;
  };
}

struct LoweredMaps {
  MakeSteps steps;
  double multiplies = 0;
  bool changes = false;  // whether scalars change the steps
};

// As lower() (runtime/graph/lower.h), of kReborder, convolutions and pooling.
[[nodiscard]] Result<LoweredMaps> lower_maps(const DeviceInfo& device, const Contents& contents,
                                             const Operator& operation,
                                             std::span<const std::optional<BufferView>> views,
                                             std::uint32_t part);

}  // namespace weft::graph
