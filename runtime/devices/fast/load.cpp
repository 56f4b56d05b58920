// SPDX-License-Identifier: Apache-2.0
// The load unit of the functional model.
#include <algorithm>
#include <cstring>

#include "runtime/devices/fast/simd.h"
#include "runtime/devices/fast/units.h"
#include "runtime/program/operands.h"
#include "weft/pack.h"

namespace weft::fast {
namespace {

// A value per row: of the first, and the steps to the next row and to the next group of `rows`.
template <class Value, class Step>
struct Rows {
  Value first{};
  Step step = 0;
  Step group_step = 0;
  std::size_t rows = 1;

  [[nodiscard]] Value at(std::size_t row) const {
    if (row < rows) return first + static_cast<Step>(row) * step;
    return first + static_cast<Step>(row / rows) * group_step +
           static_cast<Step>(row % rows) * step;
  }
};

// Where the rows of a load lie, in memory or in V, and how elements are drawn for there.
struct Source {
  Rows<const std::byte*, std::size_t> places;  // steps in bytes
  bool stochastic = false;
  std::uint32_t seed = 0;
  std::uint16_t tensor = 0;
  Rows<std::uint32_t, std::uint32_t> indices;  // logical, of the first elements

  [[nodiscard]] const std::byte* row(std::size_t number) const { return places.at(number); }

  // For `rows` rows from there on.
  [[nodiscard]] Draws draws_at(std::size_t row, std::size_t rows, std::size_t column) const {
    Draws draws{.seed = seed, .tensor = tensor, .first = {}};
    for (std::size_t i = 0; i < rows; ++i) {
      draws.first[i] = indices.at(row + i) + static_cast<std::uint32_t>(column);
    }
    return draws;
  }
};

// One block of a row on its way into an operand: zero padded mantissas, and a scale but for int8.
struct Block {
  std::array<std::int8_t, spec::kBlock> mantissas;
  std::uint8_t scale = 0;
};

// Whole blocks, the usual case, are copied at a size the compiler knows.
void copy_mantissas(const std::byte* from, std::size_t valid, Block& block) {
  if (valid == spec::kBlock) {
    std::memcpy(block.mantissas.data(), from, spec::kBlock);
  } else {
    block.mantissas.fill(0);
    std::memcpy(block.mantissas.data(), from, valid);
  }
}

// Readers give the blocks of a row; `first` is the block's first column, `valid` how many of its
// columns there are.
template <spec::LoadFormat kFormat>
class RowReader {
 public:
  RowReader(const spec::Load& /*command*/, const Source& source) : source_(source) {}

  void read(std::size_t row, std::size_t first, std::size_t valid, Block& block) const {
    const std::byte* start = source_.row(row);
    if constexpr (kFormat == spec::LoadFormat::kInt8) {
      copy_mantissas(start + first, valid, block);
    } else if constexpr (kFormat == spec::LoadFormat::kFp32) {
      const std::byte* from = start + first * sizeof(float);
      if (valid == spec::kBlock) return quantise(from, row, first, block);
      std::array<float, spec::kBlock> numbers{};
      std::memcpy(numbers.data(), from, valid * sizeof(float));
      quantise(std::as_bytes(std::span(numbers)).data(), row, first, block);
    } else {
      std::array<std::uint32_t, spec::kBlock> numbers{};
      widen_bf16(start + first * 2, numbers.data(), valid);
      quantise(std::as_bytes(std::span(numbers)).data(), row, first, block);
    }
  }

 private:
  void quantise(const std::byte* from, std::size_t row, std::size_t first, Block& block) const {
    if (source_.stochastic) {
      const Draws draws = source_.draws_at(row, 1, first);
      block.scale = quantise_block(from, &draws, block.mantissas.data());
    } else {
      block.scale = quantise_block(from, nullptr, block.mantissas.data());
    }
  }

  const Source& source_;
};

// Packed panels.
template <>
class RowReader<spec::LoadFormat::kMxint8> {
 public:
  RowReader(const spec::Load& command, const Source& source)
      : base_(source.places.first),
        chunks_((command.cols + spec::kCellColumns - 1u) / spec::kCellColumns),
        panel_bytes_(packed_panel_bytes(spec::kGroupRows, command.cols)) {}

  void read(std::size_t row, std::size_t first, std::size_t valid, Block& block) const {
    const std::size_t chunk =
        row % spec::kGroupRows * chunks_ + first / spec::kCellColumns;  // of the panel
    const std::size_t in_run = chunk % spec::kRunChunks;
    const std::size_t half = first % spec::kCellColumns / spec::kBlock;
    const std::byte* header =
        base_ + row / spec::kGroupRows * panel_bytes_ +
        chunk / spec::kRunChunks * (spec::kRunChunks + 1) * spec::kCellColumns;
    block.scale = std::to_integer<std::uint8_t>(header[2 * in_run + half]);
    copy_mantissas(header + (1 + in_run) * spec::kCellColumns + half * spec::kBlock, valid, block);
  }

 private:
  const std::byte* base_;
  std::size_t chunks_;
  std::uint64_t panel_bytes_;
};

template <spec::LoadFormat kFormat, class Pad>
void load_rows(const spec::Load& command, const Source& source, Pad& pad) {
  const RowReader<kFormat> reader(command, source);
  Block block;
  const std::size_t rows = all_rows(command);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t first_cell = command.dst + row / spec::kGroupRows * command.dst_pitch;
    const std::size_t in_group = row % spec::kGroupRows;
    for (std::size_t first = 0; first < command.cols; first += spec::kBlock) {
      reader.read(row, first, std::min<std::size_t>(spec::kBlock, command.cols - first), block);
      const std::size_t cell = first_cell + first / spec::kCellColumns;
      const std::size_t part = first % spec::kCellColumns / spec::kBlock;
      pad.put_mantissas(cell, part, in_group, block.mantissas.data());
      if (kFormat != spec::LoadFormat::kInt8) pad.put_scale(cell, part, in_group, block.scale);
    }
  }
}

// `rows` x `columns` elements of the source from (row, column) on, padded with zeros.
void gather(const Source& source, spec::LoadFormat format, std::size_t row, std::size_t rows,
            std::size_t column, std::size_t columns, Tile& tile) {
  if (rows < spec::kBlock || columns < spec::kGroupRows) tile = {};
  const std::size_t size = format == spec::LoadFormat::kBf16 ? 2 : 4;
  for (std::size_t k = 0; k < rows; ++k) {
    const std::byte* from = source.row(row + k) + column * size;
    if (format == spec::LoadFormat::kBf16) {
      widen_bf16(from, tile[k].data(), columns);
    } else if (columns == spec::kGroupRows) {
      std::memcpy(tile[k].data(), from, sizeof tile[k]);
    } else {
      std::memcpy(tile[k].data(), from, columns * size);
    }
  }
}

// Columns of the source become rows of the operand.
template <class Pad>
void load_transposed(const spec::Load& command, const Source& source, Pad& pad) {
  Tile tile;
  TileMantissas mantissas;
  TileScales scales;
  const std::size_t contraction = all_rows(command);
  for (std::size_t k = 0; k < contraction; k += spec::kBlock) {
    const std::size_t deep = std::min<std::size_t>(spec::kBlock, contraction - k);
    const std::size_t part = k % spec::kCellColumns / spec::kBlock;
    for (std::size_t row = 0; row < command.cols; row += spec::kGroupRows) {
      const std::size_t wide = std::min<std::size_t>(spec::kGroupRows, command.cols - row);
      gather(source, command.format, k, deep, row, wide, tile);
      if (source.stochastic) {
        const Draws draws = source.draws_at(k, deep, row);
        quantise_tile(tile, &draws, mantissas, scales);
      } else {
        quantise_tile(tile, nullptr, mantissas, scales);
      }
      const std::size_t cell =
          command.dst + row / spec::kGroupRows * command.dst_pitch + k / spec::kCellColumns;
      pad.put_tile(cell, part, wide, mantissas, scales);
    }
  }
}

template <class Pad>
void load_operand(const spec::Load& command, const Source& source, Pad& pad) {
  if (command.transpose == spec::Transpose::kYes) return load_transposed(command, source, pad);
  switch (command.format) {
    case spec::LoadFormat::kInt8:
      return load_rows<spec::LoadFormat::kInt8>(command, source, pad);
    case spec::LoadFormat::kMxint8:
      return load_rows<spec::LoadFormat::kMxint8>(command, source, pad);
    case spec::LoadFormat::kFp32:
      return load_rows<spec::LoadFormat::kFp32>(command, source, pad);
    case spec::LoadFormat::kBf16:
      return load_rows<spec::LoadFormat::kBf16>(command, source, pad);
  }
}

void load_v(const spec::Load& command, const Source& source, Scratchpads& pads) {
  const std::size_t rows = all_rows(command);
  for (std::size_t row = 0; row < rows; ++row) {
    std::uint32_t* to =
        pads.v.data() + (command.dst + row * command.dst_pitch) * spec::kWordElements;
    if (command.format == spec::LoadFormat::kBf16) {
      widen_bf16(source.row(row), to, command.cols);
    } else {
      std::memcpy(to, source.row(row), command.cols * sizeof *to);
    }
  }
}

Rows<std::uint32_t, std::uint32_t> indices_of(const spec::Load& command) {
  const std::uint32_t size = command.format == spec::LoadFormat::kBf16 ? 2 : 4;
  return {.first = static_cast<std::uint32_t>(command.offset / size),
          .step = command.row_stride / size,
          .group_step = command.group_stride / size,
          .rows = command.rows};
}

}  // namespace

void run_load(const spec::Load& command, std::span<const std::byte> memory, const Scalars& scalars,
              Scratchpads& pads) {
  Source source{.places = {},
                .stochastic = command.rounding == spec::Rounding::kStochastic,
                .seed = command.seed_scalar == 0 ? command.seed : scalars[command.seed_scalar - 1u],
                .tensor = command.tensor,
                .indices = indices_of(command)};
  if (command.source == spec::Source::kV) {
    const std::uint32_t* word = pads.v.data() + command.src * spec::kWordElements;
    source.places = {.first = reinterpret_cast<const std::byte*>(word),
                     .step = command.src_pitch * spec::kWordBytes,
                     .rows = command.rows};
  } else {
    source.places = {.first = memory.data() + command.offset,
                     .step = command.row_stride,
                     .group_step = command.group_stride,
                     .rows = command.rows};
  }
  switch (command.target) {
    case spec::Target::kA:
      return load_operand(command, source, pads.a);
    case spec::Target::kB:
      return load_operand(command, source, pads.b);
    case spec::Target::kV:
      return load_v(command, source, pads);
  }
}

}  // namespace weft::fast
