// SPDX-License-Identifier: Apache-2.0
// The digest of what a command just wrote, from its footprint and the state it left.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/core/digest.h"
#include "runtime/devices/fast/scratchpads.h"
#include "runtime/program/image.h"
#include "weft/spec.h"

namespace weft::fast {

// After the command has been executed; `arena` is what bindings are windows of.
[[nodiscard]] core::Digest write_digest(const CommandBytes& command,
                                        std::span<const spec::Binding> bindings,
                                        const Scratchpads& pads, std::span<const std::byte> arena);

}  // namespace weft::fast
