// SPDX-License-Identifier: Apache-2.0
// weft/reductions.h: sums along rows and columns, and their counterpart, a vector added to rows.
//
// Conventions of weft/kernel.h. The order of sums, each addition rounded once (docs/numerics.md,
// reductions): a column is folded from +0 in ascending order of its rows, whatever their number; a
// row in 16 lanes, element c in lane c mod 16 in ascending order, then the fixed tree of the lanes.
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

// y[r][c] = x[r][c] + column[c]: a bias.
struct AddColumnArguments {
  BufferView x;       // rows x cols
  BufferView column;  // cols
  BufferView y;       // rows x cols, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<AddColumnArguments>> add_column(const DeviceInfo& device, Shape shape);

// y[c] = sum over r of x[r][c]: the gradient of a bias.
struct SumArguments {
  BufferView x;  // rows x cols
  BufferView y;  // cols (column_sum) or rows (row_sum), written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<SumArguments>> column_sum(const DeviceInfo& device, Shape shape);

// y[r] = sum over c of x[r][c]. A row fits V.
[[nodiscard]] Result<Kernel<SumArguments>> row_sum(const DeviceInfo& device, Shape shape);

// y[0] = (sum over i of x[i]) / count: the sum as of one row, of any length, then one division.
struct MeanArguments {
  BufferView x;  // count
  BufferView y;  // 1, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<MeanArguments>> mean(const DeviceInfo& device, std::uint64_t count);

}  // namespace weft::kernels
