// SPDX-License-Identifier: Apache-2.0
#include "weft/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "hls/functions/block_exponent.h"
#include "hls/functions/quantise.h"
#include "weft/spec.h"

namespace weft {
namespace {

// Second half of a last chunk of at most 32 indices: no block, scale 1.
constexpr std::byte kPaddingScale{127};

std::uint64_t chunks_of(std::uint32_t depth) {
  return (std::uint64_t{depth} + spec::kCellColumns - 1) / spec::kCellColumns;
}

// Where a chunk of 64 mantissas and its two scales lie in a packed panel.
struct ChunkPlace {
  std::uint64_t mantissas;
  std::uint64_t scales;
};

ChunkPlace place(std::uint64_t chunk) {
  const std::uint64_t run = chunk / spec::kRunChunks;
  const std::uint64_t in_run = chunk % spec::kRunChunks;
  const std::uint64_t header = run * (spec::kRunChunks + 1) * spec::kCellColumns;
  return {.mantissas = header + (1 + in_run) * spec::kCellColumns, .scales = header + 2 * in_run};
}

// Visits every chunk of a packed matrix: visit(row, first index, indices in it, panel start,
// place).
template <class Visit>
void each_chunk(std::uint32_t rows, std::uint32_t depth, Visit visit) {
  std::uint64_t panel_start = 0;
  const std::uint32_t step = packed_tensor_depth(depth);
  for (std::uint32_t first = 0; first < depth; first += step) {
    const std::uint32_t tensor_depth = std::min(step, depth - first);
    const std::uint64_t chunks = chunks_of(tensor_depth);
    for (std::uint32_t row0 = 0; row0 < rows; row0 += spec::kGroupRows) {
      const std::uint32_t panel_rows = std::min(spec::kGroupRows, rows - row0);
      for (std::uint32_t row = 0; row < panel_rows; ++row) {
        for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
          const std::uint32_t index = chunk * spec::kCellColumns;
          const std::uint32_t count = std::min(spec::kCellColumns, tensor_depth - index);
          visit(row0 + row, first + index, count, panel_start, place(row * chunks + chunk));
        }
      }
      panel_start += packed_panel_bytes(panel_rows, tensor_depth);
    }
  }
}

std::uint8_t block_scale(std::span<const float> values) {
  std::uint32_t amax = 0;
  for (const float value : values) {
    amax = std::max(amax, std::bit_cast<std::uint32_t>(value) & 0x7fffffffu);
  }
  return hls::block_exponent(amax);
}

Result<void> check_shape(std::uint32_t rows, std::uint32_t depth) {
  if (rows > 0 && depth > 0) return {};
  return fail(Code::kInvalidArgument, fmt::format("a matrix of {} x {} elements", rows, depth));
}

}  // namespace

std::uint64_t packed_panel_bytes(std::uint32_t rows, std::uint32_t depth) {
  const std::uint64_t chunks = rows * chunks_of(depth);
  return spec::kCellColumns * (chunks + (chunks + spec::kRunChunks - 1) / spec::kRunChunks);
}

std::uint64_t packed_tensor_bytes(std::uint32_t rows, std::uint32_t depth) {
  const std::uint32_t whole = rows / spec::kGroupRows;
  return whole * packed_panel_bytes(spec::kGroupRows, depth) +
         packed_panel_bytes(rows % spec::kGroupRows, depth);
}

std::uint32_t packed_tensor_depth(std::uint32_t depth) {
  const std::uint32_t tensors = (depth + kPackedDepth - 1) / kPackedDepth;
  if (tensors <= 1) return depth;
  const std::uint32_t chunks = static_cast<std::uint32_t>(chunks_of(depth));
  return (chunks + tensors - 1) / tensors * spec::kCellColumns;
}

std::uint64_t packed_tensor_offset(std::uint32_t rows, std::uint32_t depth, std::uint32_t first) {
  const std::uint32_t tensor = packed_tensor_depth(depth);
  return first / tensor * packed_tensor_bytes(rows, tensor);
}

std::uint64_t packed_bytes(std::uint32_t rows, std::uint32_t depth) {
  if (depth == 0) return 0;
  const std::uint32_t last = (depth - 1) / packed_tensor_depth(depth) * packed_tensor_depth(depth);
  return packed_tensor_offset(rows, depth, last) + packed_tensor_bytes(rows, depth - last);
}

Result<std::vector<std::byte>> pack_mxint8(std::span<const float> values, std::uint32_t rows,
                                           std::uint32_t depth, std::uint64_t row_stride) {
  if (auto shape = check_shape(rows, depth); !shape) return tl::unexpected(shape.error());
  const std::uint64_t stride = row_stride == 0 ? depth : row_stride;
  if (stride < depth || values.size() < (rows - 1) * stride + depth) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} values do not make {} rows of {} at a stride of {}", values.size(),
                            rows, depth, stride));
  }
  std::vector<std::byte> packed(packed_bytes(rows, depth));
  each_chunk(rows, depth,
             [&](std::uint32_t row, std::uint32_t first, std::uint32_t count, std::uint64_t panel,
                 const ChunkPlace& chunk) {
               const auto from = values.subspan(row * stride + first, count);
               for (std::uint32_t block = 0; block < spec::kCellColumns / spec::kBlock; ++block) {
                 std::byte& scale_byte = packed[panel + chunk.scales + block];
                 scale_byte = kPaddingScale;
                 const std::uint32_t start = block * spec::kBlock;
                 if (start >= count) continue;
                 const auto part = from.subspan(start, std::min(spec::kBlock, count - start));
                 const std::uint8_t scale = block_scale(part);
                 scale_byte = std::byte{scale};
                 for (std::size_t i = 0; i < part.size(); ++i) {
                   const std::int8_t mantissa =
                       hls::quantise(std::bit_cast<std::uint32_t>(part[i]), scale);
                   packed[panel + chunk.mantissas + start + i] = static_cast<std::byte>(mantissa);
                 }
               }
             });
  return packed;
}

Result<std::vector<float>> unpack_mxint8(std::span<const std::byte> packed, std::uint32_t rows,
                                         std::uint32_t depth) {
  if (auto shape = check_shape(rows, depth); !shape) return tl::unexpected(shape.error());
  if (packed.size() < packed_bytes(rows, depth)) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} bytes are not a packed matrix of {} x {}, which has {}",
                            packed.size(), rows, depth, packed_bytes(rows, depth)));
  }
  std::vector<float> values(std::uint64_t{rows} * depth);
  each_chunk(
      rows, depth,
      [&](std::uint32_t row, std::uint32_t first, std::uint32_t count, std::uint64_t panel,
          const ChunkPlace& chunk) {
        for (std::uint32_t i = 0; i < count; ++i) {
          const auto scale =
              std::to_integer<std::uint32_t>(packed[panel + chunk.scales + i / spec::kBlock]);
          const auto mantissa = static_cast<std::int8_t>(packed[panel + chunk.mantissas + i]);
          const float unit = scale == 0     ? 0.0f
                             : scale == 255 ? std::bit_cast<float>(0x7fc00000u)
                                            : std::ldexp(1.0f, static_cast<int>(scale) - 127);
          values[std::uint64_t{row} * depth + first + i] = static_cast<float>(mantissa) * unit;
        }
      });
  return values;
}

}  // namespace weft
