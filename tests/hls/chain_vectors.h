// SPDX-License-Identifier: Apache-2.0
// Vectors of the functions of the vector chain and of stochastic rounding.
#pragma once

#include "vectors.h"

namespace weft::hls::test {

// For the functions of one number: all exponents, segment boundaries, thresholds, small and random.
Operands unary_vector(Random& random, std::uint64_t index);
// Also squares of numbers next to the middle of two numbers, where rounding is hardest.
Operands sqrt_vector(Random& random, std::uint64_t index);
Operands divide_vector(Random& random, std::uint64_t index);

Operands stochastic_exponent_vector(Random& random, std::uint64_t index);
Operands stochastic_vector(Random& random, std::uint64_t index);
Operands random16_vector(Random& random, std::uint64_t index);

}  // namespace weft::hls::test
