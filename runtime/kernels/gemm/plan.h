// SPDX-License-Identifier: Apache-2.0
// Chooses the tiling of a gemm: lists those that fit the scratchpads, schedules each, and takes the
// one the cost model likes best.
#pragma once

#include <optional>

#include "runtime/kernels/gemm/schedule.h"
#include "runtime/kernels/gemm/tiling.h"
#include "weft/gemm.h"
#include "weft/spec.h"

namespace weft::kernels {

// Nothing if no tiling fits, which no configuration of the specification brings about.
// Large dimensions are planned on a part of them.
[[nodiscard]] std::optional<Tiling> plan(const GemmShape& shape, const spec::Config& config);

}  // namespace weft::kernels
