// SPDX-License-Identifier: Apache-2.0
// runtime/program/check.h: the checks the sequencer makes on one command before dispatch.
//
// The fast model, the verifier and, in hardware, the sequencer apply the same rules in the same
// order: bad_opcode, bad_field, bad_after, bad_binding, no_rights, binding_range, scratch_range.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "weft/spec.h"

namespace weft {

// A number of commands per unit.
using UnitCounts = std::array<std::uint32_t, spec::kNumUnits>;

// The first fault the command raises, or kNone. `earlier` counts the commands before it in its
// program. Any bytes are safe.
[[nodiscard]] spec::Fault check_command(std::span<const std::byte, spec::kCommandBytes> command,
                                        const UnitCounts& earlier,
                                        std::span<const spec::Binding> bindings,
                                        const spec::Config& config);

}  // namespace weft
