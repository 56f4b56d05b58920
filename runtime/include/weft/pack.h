// SPDX-License-Identifier: Apache-2.0
// weft/pack.h: packed MXINT8 matrices, the layout a load of format mxint8 reads.
//
// A matrix of `rows` x `depth` (depth contiguous, the contraction of a gemm) is quantised in blocks
// of 32 along its rows: per block one power of two, the smallest for which no mantissa leaves
// -127..127, and 32 mantissas rounded to nearest even. A block with a NaN or infinity becomes NaN
// as a whole. Subnormals count as zero.
//
// It is stored as packed tensors of equal depth, at most 512 contraction indices each so that even
// the smallest configuration holds two of them; a tensor as panels of 16 rows, a panel as 64-byte
// chunks of mantissas behind headers of scales.
//
// Threads   Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weft/result.h"

namespace weft {

// Most contraction indices of one packed tensor.
inline constexpr std::uint32_t kPackedDepth = 512;

// Contraction indices of each tensor of a matrix `depth` deep, a multiple of 64 if there is more
// than one; the last may have fewer.
[[nodiscard]] std::uint32_t packed_tensor_depth(std::uint32_t depth);

// Bytes of one panel of at most 16 rows, `depth` deep.
[[nodiscard]] std::uint64_t packed_panel_bytes(std::uint32_t rows, std::uint32_t depth);

// Bytes of one packed tensor: all its panels.
[[nodiscard]] std::uint64_t packed_tensor_bytes(std::uint32_t rows, std::uint32_t depth);

// Bytes of a packed matrix: its tensors one after another.
[[nodiscard]] std::uint64_t packed_bytes(std::uint32_t rows, std::uint32_t depth);

// Where the tensor that begins at contraction index `first` starts in a packed matrix.
[[nodiscard]] std::uint64_t packed_tensor_offset(std::uint32_t rows, std::uint32_t depth,
                                                 std::uint32_t first);

// Quantises and packs `values`, row-major, rows `row_stride` elements apart (0: depth).
// kInvalidArgument if a size is 0 or `values` is too short.
[[nodiscard]] Result<std::vector<std::byte>> pack_mxint8(std::span<const float> values,
                                                         std::uint32_t rows, std::uint32_t depth,
                                                         std::uint64_t row_stride = 0);

// The values a packed matrix stands for, row-major and dense: mantissa * 2^(scale - 127).
[[nodiscard]] Result<std::vector<float>> unpack_mxint8(std::span<const std::byte> packed,
                                                       std::uint32_t rows, std::uint32_t depth);

}  // namespace weft
