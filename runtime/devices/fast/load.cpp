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

// One block of a row as it is, zero padded.
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
class Int8Reader {
 public:
  explicit Int8Reader(const Source& source) : source_(source) {}

  void read(std::size_t row, std::size_t first, std::size_t valid, Block& block) const {
    copy_mantissas(source_.row(row) + first, valid, block);
  }

 private:
  const Source& source_;
};

class PanelReader {
 public:
  PanelReader(const spec::Load& command, const Source& source)
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

template <class Reader, class Pad>
void copy_rows(const spec::Load& command, const Reader& reader, Pad& pad) {
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
      if (command.format == spec::LoadFormat::kMxint8) {
        pad.put_scale(cell, part, in_group, block.scale);
      }
    }
  }
}

// `rows` x `columns` elements of the source from (row, column) on as FP32, padded with zeros.
template <std::size_t kRows, std::size_t kColumns>
void gather(const Source& source, spec::LoadFormat format, std::size_t row, std::size_t rows,
            std::size_t column, std::size_t columns,
            std::array<std::array<std::uint32_t, kColumns>, kRows>& tile) {
  if (rows < kRows || columns < kColumns) tile = {};
  const bool bf16 = format == spec::LoadFormat::kBf16;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::byte* from = source.row(row + r) + column * (bf16 ? 2 : 4);
    if (bf16) {
      widen_bf16(from, tile[r].data(), columns);
    } else if (columns == kColumns) {
      std::memcpy(tile[r].data(), from, sizeof tile[r]);
    } else {
      std::memcpy(tile[r].data(), from, columns * sizeof tile[r][0]);
    }
  }
}

// Mantissas in the form a pad keeps.
template <class From, class To>
void convert(const From& from, To& to) {
  if constexpr (std::is_same_v<From, To>) {
    to = from;
  } else {
    transpose_pairs(from.pairs, to.pairs);
  }
}

// Tiles of 16 operand rows and one block.
template <class Pad>
void quantise_operand(const spec::Load& command, const Source& source, Pad& pad) {
  const bool transposed = command.transpose == spec::Transpose::kYes;
  const auto [rows, contraction] = operand_extent(command);
  RowTile row_tile;
  ColumnTile column_tile;
  RowMantissas by_row;
  PairMantissas by_pair;
  typename Pad::Mantissas mantissas;
  TileScales scales;
  Draws draws{.first = {}};
  const Draws* drawn = source.stochastic ? &draws : nullptr;
  for (std::size_t row = 0; row < rows; row += spec::kGroupRows) {
    const std::size_t high = std::min<std::size_t>(spec::kGroupRows, rows - row);
    for (std::size_t k = 0; k < contraction; k += spec::kBlock) {
      const std::size_t deep = std::min<std::size_t>(spec::kBlock, contraction - k);
      if (source.stochastic) {
        draws = transposed ? source.draws_at(k, deep, row) : source.draws_at(row, high, k);
      }
      if (transposed) {
        gather(source, command.format, k, deep, row, high, column_tile);
        quantise_columns(column_tile, drawn, by_pair, scales);
        convert(by_pair, mantissas);
      } else {
        gather(source, command.format, row, high, k, deep, row_tile);
        quantise_rows(row_tile, high, drawn, by_row, scales);
        convert(by_row, mantissas);
      }
      const std::size_t cell =
          command.dst + row / spec::kGroupRows * command.dst_pitch + k / spec::kCellColumns;
      pad.put_tile(cell, k % spec::kCellColumns / spec::kBlock, high, mantissas, scales);
    }
  }
}

template <class Pad>
void load_operand(const spec::Load& command, const Source& source, Pad& pad) {
  switch (command.format) {
    case spec::LoadFormat::kInt8:
      return copy_rows(command, Int8Reader(source), pad);
    case spec::LoadFormat::kMxint8:
      return copy_rows(command, PanelReader(command, source), pad);
    case spec::LoadFormat::kFp32:
    case spec::LoadFormat::kBf16:
      return quantise_operand(command, source, pad);
  }
}

// Which rows of its table a load gathers.
std::span<const std::uint32_t> picks(const spec::Load& command, const Scratchpads& pads) {
  return {pads.v.data() + command.src * spec::kWordElements, command.rows};
}

void load_v(const spec::Load& command, const Source& source, Scratchpads& pads) {
  const bool gathers = command.source == spec::Source::kGather;
  const std::size_t rows = all_rows(command);
  for (std::size_t row = 0; row < rows; ++row) {
    std::uint32_t* to =
        pads.v.data() + (command.dst + row * command.dst_pitch) * spec::kWordElements;
    const std::byte* from = source.row(gathers ? picks(command, pads)[row] : row);
    if (command.format == spec::LoadFormat::kBf16) {
      widen_bf16(from, to, command.cols);
    } else {
      std::memcpy(to, from, command.cols * sizeof *to);
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

std::optional<std::uint32_t> bad_index(const spec::Load& command, const Scratchpads& pads) {
  if (command.source != spec::Source::kGather) return std::nullopt;
  const auto all = picks(command, pads);
  // A negative one is greater than any table.
  const auto bad = std::find_if(all.begin(), all.end(),
                                [&](std::uint32_t index) { return index >= command.table_rows; });
  if (bad == all.end()) return std::nullopt;
  return *bad;
}

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
    const bool gathers = command.source == spec::Source::kGather;
    source.places = {.first = memory.data() + command.offset,
                     .step = command.row_stride,
                     .group_step = command.group_stride,
                     .rows = gathers ? command.table_rows : command.rows};
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
