// SPDX-License-Identifier: Apache-2.0
// The four units of the functional model: each executes one command that passed its checks, at
// once and completely. Runs inside a FloatEnvironment; allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/devices/fast/scratchpads.h"
#include "weft/spec.h"

namespace weft::fast {

using Scalars = std::array<std::uint32_t, spec::kScalars>;

// The first index of a load that gathers rows which its table does not have.
std::optional<std::uint32_t> bad_index(const spec::Load& command, const Scratchpads& pads);

// `memory` is the binding the command names, at least as long as the command reaches; for a load
// from V it is not looked at. Indices are good.
void run_load(const spec::Load& command, std::span<const std::byte> memory, const Scalars& scalars,
              Scratchpads& pads);
void run_matmul(const spec::Matmul& command, Scratchpads& pads);
void run_vector(const spec::Vector& command, const Scalars& scalars, Scratchpads& pads);
void run_store(const spec::Store& command, std::span<std::byte> memory, const Scratchpads& pads);

}  // namespace weft::fast
