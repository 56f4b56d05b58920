// SPDX-License-Identifier: Apache-2.0
// The device `fast:`: the functional model behind the transport interface. Keys: config, memory,
// digests.
#pragma once

#include <memory>

#include "runtime/core/transport.h"
#include "runtime/core/uri.h"
#include "weft/result.h"

namespace weft::fast {

[[nodiscard]] Result<std::unique_ptr<core::Transport>> open(core::Uri uri);

}  // namespace weft::fast
