// SPDX-License-Identifier: Apache-2.0
// weft/embedding.h: rows of a table picked by tokens, and the gradient of the table.
//
// Conventions of weft/kernel.h; tokens are int32.
//
// Errors    kInvalidArgument for a size of 0; kUnsupported for a vocabulary of more than 2^24 or
//           rows of 4 GiB or more.
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

struct EmbeddingShape {
  std::uint32_t tokens = 0;
  std::uint32_t vocabulary = 0;  // rows of the table
  std::uint32_t width = 0;       // columns
};

// y[r] = table[tokens[r]], no bit changed; any 32-bit data. A token that is negative or not below
// the vocabulary ends the launch with the fault index_out_of_range.
struct EmbeddingArguments {
  BufferView tokens;
  BufferView table;  // vocabulary x width
  BufferView y;      // tokens x width, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<EmbeddingArguments>> embedding(const DeviceInfo& device,
                                                           const EmbeddingShape& shape);

// dtable[v] = sum of dy[r] over the r with tokens[r] = v, from +0 in ascending order of r, each
// addition rounded once; so +0 where there is none. Tokens that are none of the vocabulary count
// for nothing. Each row of the table takes a pass over all of dy: see docs/kernels.md for the cost.
struct EmbeddingGradientArguments {
  BufferView tokens;
  BufferView dy;      // tokens x width
  BufferView dtable;  // vocabulary x width, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<EmbeddingGradientArguments>> embedding_gradient(
    const DeviceInfo& device, const EmbeddingShape& shape);

}  // namespace weft::kernels
