// SPDX-License-Identifier: Apache-2.0
// Random operands: mostly moderate numbers, with zeros, subnormals, huge values, infinities and
// NaN among them, so that results neither drown in NaN nor miss a special case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/conformance/random.h"
#include "weft/spec.h"

namespace weft::test {

// rows x cols elements as they lie in memory at a row stride of `stride` bytes; what lies between
// the rows is random. mxint8: packed panels, whatever the stride, padding not zero.
[[nodiscard]] std::vector<std::byte> random_matrix(Dice& dice, spec::LoadFormat format,
                                                   std::size_t rows, std::size_t cols,
                                                   std::size_t stride);

[[nodiscard]] std::vector<std::byte> random_bytes(Dice& dice, std::size_t count);

[[nodiscard]] std::uint32_t random_fp32(Dice& dice);

}  // namespace weft::test
