// SPDX-License-Identifier: Apache-2.0
// How a gemm is cut into commands.
//
// C is cut into blocks of rows and columns, K into panels; a matmul command works on one block of C
// and one panel. Blocks are multiples of 16 rows (a cell) except the last. The first block of rows
// and of columns may be smaller, so that the array starts after little was loaded.
//
// Blocks of B stay in their scratchpad for a group of blocks of columns, blocks of A stream. With
// more than one panel, a group of blocks of C stays in V while the panels pass:
//
//   for each group of columns
//     for each group of rows              (with one panel: all rows are one group)
//       for each panel
//         for each block of rows in the group
//           for each block of columns in the group: one matmul
#pragma once

#include <cstdint>
#include <vector>

#include "weft/gemm.h"

namespace weft::kernels {

struct Tiling {
  std::uint32_t m_block = 0;  // rows of C
  std::uint32_t n_block = 0;  // columns of C
  std::uint32_t m_first = 0;  // rows of the first block
  std::uint32_t n_first = 0;  // columns of the first block
  std::uint32_t k_panel = 0;  // contraction indices, a multiple of 64 unless there is one panel
  std::uint32_t m_group = 0;  // blocks
  std::uint32_t n_group = 0;  // blocks
};

// A piece of a dimension.
struct Piece {
  std::uint32_t start = 0;
  std::uint32_t size = 0;
};

// [start, start + size) as pieces of `block`, the first of `first`, the last of what is left.
[[nodiscard]] std::vector<Piece> cut(Piece whole, std::uint32_t first, std::uint32_t block);

constexpr std::uint32_t ceil_div(std::uint32_t value, std::uint32_t by) {
  return (value + by - 1) / by;
}

}  // namespace weft::kernels
