// SPDX-License-Identifier: Apache-2.0
// Vectors of the two fused multiply-adds, drawn from classes that each aim at one way to get a
// rounding wrong; uniformly random operands would miss most of them.
#pragma once

#include "vectors.h"

namespace weft::hls::test {

Operands fma_vector(Random& random, std::uint64_t index);
Operands accumulate_vector(Random& random, std::uint64_t index);

}  // namespace weft::hls::test
