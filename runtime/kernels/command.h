// SPDX-License-Identifier: Apache-2.0
// A command of any unit, as kernels make them.
#pragma once

#include <variant>

#include "weft/spec.h"

namespace weft::kernels {

using Command = std::variant<spec::Load, spec::Matmul, spec::Vector, spec::Store>;

}  // namespace weft::kernels
