// SPDX-License-Identifier: Apache-2.0
// runtime/tools/host_network.h: a network in double precision on the host: what the logits of a
// device are compared with. Shares no code with the runtime.
#pragma once

#include <span>
#include <vector>

#include "runtime/tools/network_file.h"

namespace weft::tools {

// Logits of all rows of `x`, which are already scaled.
[[nodiscard]] std::vector<float> run_on_host(const SavedNetwork& network, std::span<const float> x);

}  // namespace weft::tools
