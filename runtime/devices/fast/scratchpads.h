// SPDX-License-Identifier: Apache-2.0
// The scratchpads of the functional model, laid out for the host's vector units.
//
// Cells, words, rows and blocks mean what they mean on the card (spec/commands.toml); only the
// order of bytes inside a cell is private. Mantissas are kept as int16, scales as FP32 (e8m0 0 as
// +0, 255 as NaN), so that matmul converts nothing.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "weft/spec.h"

namespace weft::fast {

inline constexpr std::size_t kCellElements = spec::kGroupRows * spec::kCellColumns;
inline constexpr std::size_t kBlocksPerCell = spec::kCellColumns / spec::kBlock;
inline constexpr std::size_t kBlockElements = spec::kGroupRows * spec::kBlock;
inline constexpr std::uint32_t kNan = 0x7fc00000;

// Copies elements of V; words and half words, the usual short rows, at sizes the compiler knows.
inline void copy_elements(const void* from, void* to, std::size_t count) {
  constexpr std::size_t kBytes = sizeof(std::uint32_t);
  if (count == spec::kWordElements) {
    std::memcpy(to, from, spec::kWordElements * kBytes);
  } else if (count == spec::kWordElements / 2) {
    std::memcpy(to, from, spec::kWordElements / 2 * kBytes);
  } else {
    std::memcpy(to, from, count * kBytes);
  }
}

inline float scale_value(std::uint8_t e8m0) {
  return std::bit_cast<float>(e8m0 == 255 ? kNan : std::uint32_t{e8m0} << 23);
}

// The byte scale_value() made a scale of.
inline std::uint8_t scale_byte(float scale) {
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(scale) >> 23);
}

// Mantissas and scales of one block of 16 rows. Pair p of row r holds contraction indices 2 p (low
// half) and 2 p + 1: at [r][p] or at [p][r].
inline constexpr std::size_t kBlockPairs = spec::kBlock / 2;
static_assert(kBlockPairs == spec::kGroupRows);
using PairTile = std::array<std::array<std::uint32_t, kBlockPairs>, spec::kGroupRows>;
struct RowMantissas {
  [[nodiscard]] std::int16_t* mantissas() { return reinterpret_cast<std::int16_t*>(pairs.data()); }
  alignas(64) PairTile pairs;
};
struct PairMantissas {
  alignas(64) PairTile pairs;
};
using TileScales = std::array<std::uint8_t, spec::kGroupRows>;

// A: in a cell block, 16 rows of 32 mantissas. B: in a cell block, 16 pairs along k, in each the
// two mantissas of 16 rows, so that a vector holds 16 columns of the result.
enum class OperandLayout : std::uint8_t { kRows, kPairs };

template <OperandLayout kLayout>
class OperandPad {
 public:
  explicit OperandPad(std::size_t bytes)
      : mantissas_(bytes / spec::kCellBytes * kCellElements),
        scales_(bytes / spec::kCellBytes * kBlocksPerCell * spec::kGroupRows) {}

  // The mantissas of a block of a cell, kBlockElements of them.
  [[nodiscard]] const std::int16_t* block(std::size_t cell, std::size_t block) const {
    return mantissas_.data() + cell * kCellElements + block * kBlockElements;
  }
  [[nodiscard]] std::int16_t* block(std::size_t cell, std::size_t block) {
    return mantissas_.data() + cell * kCellElements + block * kBlockElements;
  }
  // The scales of a block of a cell, one per row.
  [[nodiscard]] const float* scales(std::size_t cell, std::size_t block) const {
    return scales_.data() + (cell * kBlocksPerCell + block) * spec::kGroupRows;
  }

  [[nodiscard]] std::int8_t mantissa(std::size_t cell, std::size_t block, std::size_t row,
                                     std::size_t k) const {
    const std::int16_t* from = this->block(cell, block);
    return static_cast<std::int8_t>(kLayout == OperandLayout::kRows
                                        ? from[row * spec::kBlock + k]
                                        : from[(k / 2 * spec::kGroupRows + row) * 2 + k % 2]);
  }

  // One row of one block.
  void put_mantissas(std::size_t cell, std::size_t block, std::size_t row,
                     const std::int8_t* from) {
    std::int16_t* to = this->block(cell, block);
    if constexpr (kLayout == OperandLayout::kRows) {
      for (std::size_t k = 0; k < spec::kBlock; ++k) to[row * spec::kBlock + k] = from[k];
    } else {
      std::array<std::int16_t, spec::kBlock> wide;
      for (std::size_t k = 0; k < spec::kBlock; ++k) wide[k] = from[k];
      for (std::size_t pair = 0; pair < spec::kBlock / 2; ++pair) {
        std::memcpy(to + (pair * spec::kGroupRows + row) * 2, &wide[2 * pair], 2 * sizeof wide[0]);
      }
    }
  }
  // The first `rows` rows of one block, in the form of this pad.
  using Mantissas =
      std::conditional_t<kLayout == OperandLayout::kRows, RowMantissas, PairMantissas>;
  void put_tile(std::size_t cell, std::size_t block, std::size_t rows, const Mantissas& mantissas) {
    std::int16_t* to = this->block(cell, block);
    if (rows == spec::kGroupRows) {
      std::memcpy(to, &mantissas.pairs, sizeof mantissas.pairs);
    } else if constexpr (kLayout == OperandLayout::kRows) {
      std::memcpy(to, &mantissas.pairs, rows * sizeof mantissas.pairs[0]);
    } else {
      for (std::size_t pair = 0; pair < kBlockPairs; ++pair) {
        std::memcpy(to + 2 * pair * spec::kGroupRows, mantissas.pairs[pair].data(),
                    rows * sizeof mantissas.pairs[0][0]);
      }
    }
  }
  void put_scales(std::size_t cell, std::size_t block, std::size_t rows, const TileScales& scales) {
    for (std::size_t row = 0; row < rows; ++row) put_scale(cell, block, row, scales[row]);
  }
  void put_scale(std::size_t cell, std::size_t block, std::size_t row, std::uint8_t e8m0) {
    scales_[(cell * kBlocksPerCell + block) * spec::kGroupRows + row] = scale_value(e8m0);
  }

 private:
  std::vector<std::int16_t> mantissas_;
  std::vector<float> scales_;
};

using APad = OperandPad<OperandLayout::kRows>;
using BPad = OperandPad<OperandLayout::kPairs>;

struct Scratchpads {
  explicit Scratchpads(const spec::Config& config)
      : a(config.a_bytes), b(config.b_bytes), v(config.v_bytes / sizeof(std::uint32_t)) {}

  APad a;
  BPad b;
  std::vector<std::uint32_t> v;  // elements; word w starts at 16 * w
};

}  // namespace weft::fast
