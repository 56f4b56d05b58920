// SPDX-License-Identifier: Apache-2.0
// describe_fault: a completion record with a fault as an Error a person can act on: the fault, the
// program, the command's index and assembly, the unit, and the advice of the specification.
#pragma once

#include <span>

#include "runtime/core/device_core.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft::core {

[[nodiscard]] Error describe_fault(const spec::Completion& record,
                                   std::span<const PlacedStep> steps);

}  // namespace weft::core
