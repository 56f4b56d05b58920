// SPDX-License-Identifier: Apache-2.0
// Random groups of rows of loads and stores that have rows, cols and row_stride already.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/program/footprint.h"
#include "tests/conformance/random.h"
#include "tests/conformance/random_data.h"
#include "weft/spec.h"

namespace weft::test {

// Of the rows, groups now and then, as many as are whole.
template <class Transfer>
void split_rows(Dice& dice, Transfer& transfer) {
  if (dice.one_in(2)) return;
  const auto all = transfer.rows;
  transfer.rows = static_cast<std::uint16_t>(dice.between(1, all));
  transfer.extra_groups = static_cast<std::uint16_t>(all / transfer.rows - 1u);
}

// Groups one behind the other, or each row beside the same row of the other groups; strides grow by
// up to `gap` elements.
template <class Transfer>
void space_groups(Dice& dice, Transfer& transfer, std::uint64_t gap) {
  if (transfer.extra_groups == 0) return;
  const auto size = element_bytes(transfer.format);
  const auto behind = transfer.rows * std::uint64_t{transfer.row_stride};
  const auto base = dice.one_in(3) ? transfer.cols * size : behind;
  transfer.group_stride = static_cast<std::uint32_t>(base + dice.between(0, gap) * size);
  if (transfer.group_stride >= behind) return;
  const auto line = (transfer.extra_groups + 1u) * std::uint64_t{transfer.group_stride};
  transfer.row_stride = static_cast<std::uint32_t>(line + dice.between(0, gap) * size);
}

// Windows that may have elements in common.
inline void overlap_groups(Dice& dice, spec::Load& load) {
  if (load.extra_groups == 0) return;
  load.group_stride =
      static_cast<std::uint32_t>(dice.between(0, 2 * load.cols) * element_bytes(load.format));
}

// What a load finds in memory.
inline std::vector<std::byte> random_source(Dice& dice, const spec::Load& load) {
  if (load.extra_groups == 0) {
    return random_matrix(dice, load.format, load.rows, load.cols, load.row_stride);
  }
  const auto last_row = load.extra_groups * std::uint64_t{load.group_stride} +
                        (load.rows - 1u) * std::uint64_t{load.row_stride};
  const auto elements = last_row / element_bytes(load.format) + load.cols;
  return random_matrix(dice, load.format, 1, elements, 0);
}

}  // namespace weft::test
