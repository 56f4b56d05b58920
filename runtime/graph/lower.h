// SPDX-License-Identifier: Apache-2.0
// runtime/graph/lower.h: from an operator of a graph to kernels of the card.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/graph/contents.h"
#include "runtime/graph/step_list.h"
#include "weft/buffer.h"

namespace weft::graph {

// Lets products and convolutions apply the ReLU that is the only one to read their result. The same
// bits with one pass over memory less.
void fuse_relu(Contents& contents);

// The operator on `views`, one for each tensor of the graph that it names. `part` is the index of
// its seed in Scalars. kUnsupported where the device cannot hold a row.
[[nodiscard]] Result<ListedOperator> lower(const DeviceInfo& device, const Contents& contents,
                                           const Operator& operation,
                                           std::span<const std::optional<BufferView>> views,
                                           std::uint32_t part);

}  // namespace weft::graph
