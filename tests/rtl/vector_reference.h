// SPDX-License-Identifier: Apache-2.0
// What a vector command does to V, written plainly from docs/numerics.md: element by element, with
// the functions of hls/. Values are immediates; the command is legal.
#pragma once

#include <cstdint>
#include <span>

#include "weft/spec.h"

namespace weft::test::plain {

void vector(const spec::Vector& command, std::span<std::uint32_t> v);

}  // namespace weft::test::plain
