// SPDX-License-Identifier: Apache-2.0
// Extents of the scratchpads, as the files of the oracle count in them. For these only.
#pragma once

#include <cstddef>

#include "weft/spec.h"

namespace weft::test {

inline constexpr std::size_t kRows = spec::kGroupRows;       // of a cell
inline constexpr std::size_t kColumns = spec::kCellColumns;  // of a cell, along the contraction
inline constexpr std::size_t kBlock = spec::kBlock;          // elements that share a scale
inline constexpr std::size_t kWord = spec::kWordElements;    // of V

}  // namespace weft::test
