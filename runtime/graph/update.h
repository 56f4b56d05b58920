// SPDX-License-Identifier: Apache-2.0
// runtime/graph/update.h: what follows the gradients in a step, on the flat buffers of a Store.
#pragma once

#include <string>
#include <vector>

#include "runtime/graph/step_list.h"
#include "runtime/graph/store.h"

namespace weft::graph {

// Stems of an optimizer's tensors, in the order of the store's moments.
[[nodiscard]] std::vector<std::string> moment_names(const Optimizer& optimizer);

// gradient(to) = gradient(to) + gradient(from)
[[nodiscard]] Result<ListedOperator> accumulate(const DeviceInfo& device, const Store& store,
                                                std::size_t from, std::size_t to);

// Updates weights and moments from gradient(0).
[[nodiscard]] Result<ListedOperator> optimize(const DeviceInfo& device, const Store& store,
                                              const Optimizer& optimizer);

}  // namespace weft::graph
