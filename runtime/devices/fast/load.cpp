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

  // Calls visit(i, value of row begin + i) for `count` rows, group by group.
  template <class Visit>
  void each(std::size_t begin, std::size_t count, Visit visit) const {
    for (std::size_t i = 0; i < count;) {
      const std::size_t end = std::min(count, i + rows - (begin + i) % rows);
      const Value start = at(begin + i);
      for (std::size_t row = i; row < end; ++row)
        visit(row, start + static_cast<Step>(row - i) * step);
      i = end;
    }
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
  void draws_at(std::size_t row, std::size_t rows, std::size_t column, Draws& draws) const {
    draws.seed = seed;
    draws.tensor = tensor;
    indices.each(row, rows, [&](std::size_t i, std::uint32_t index) {
      draws.first[i] = index + static_cast<std::uint32_t>(column);
    });
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

// Rows of a source as FP32: where they are, or, widened, in a copy.
class NumberReader {
 public:
  NumberReader(const Source& source, spec::LoadFormat format)
      : source_(source), bf16_(format == spec::LoadFormat::kBf16) {}

  // `columns` elements of `rows` rows from (row, column) on; until the next call.
  const NumberRows& at(std::size_t row, std::size_t rows, std::size_t column, std::size_t columns) {
    numbers_.count = rows;
    numbers_.width = columns;
    if (bf16_) {
      source_.places.each(row, rows, [&](std::size_t i, const std::byte* from) {
        widen_bf16(from + 2 * column, widened_[i].data(), columns);
        numbers_.starts[i] = widened_[i].data();
      });
    } else {
      source_.places.each(row, rows, [&](std::size_t i, const std::byte* from) {
        numbers_.starts[i] = reinterpret_cast<const std::uint32_t*>(from) + column;
      });
    }
    return numbers_;
  }

 private:
  const Source& source_;
  bool bf16_;
  NumberRows numbers_{.starts = {}};
  std::array<std::array<std::uint32_t, spec::kBlock>, spec::kBlock> widened_;
};

// Tiles of 16 operand rows and one block.
template <class Pad>
void quantise_operand(const spec::Load& command, const Source& source, Pad& pad) {
  constexpr bool kByRow = std::is_same_v<typename Pad::Mantissas, RowMantissas>;
  const bool transposed = command.transpose == spec::Transpose::kYes;
  const auto [rows, contraction] = operand_extent(command);
  NumberReader reader(source, command.format);
  RowMantissas by_row;
  PairMantissas by_pair;
  TileScales scales;
  Draws draws{.first = {}};
  const Draws* drawn = source.stochastic ? &draws : nullptr;
  for (std::size_t row = 0; row < rows; row += spec::kGroupRows) {
    const std::size_t high = std::min<std::size_t>(spec::kGroupRows, rows - row);
    for (std::size_t k = 0; k < contraction; k += spec::kBlock) {
      const std::size_t deep = std::min<std::size_t>(spec::kBlock, contraction - k);
      const std::size_t cell =
          command.dst + row / spec::kGroupRows * command.dst_pitch + k / spec::kCellColumns;
      const std::size_t block = k % spec::kCellColumns / spec::kBlock;
      if (transposed) {
        if (source.stochastic) source.draws_at(k, deep, row, draws);
        quantise_columns(reader.at(k, deep, row, high), drawn, by_pair, scales);
        if constexpr (kByRow) {
          transpose_pairs(by_pair.pairs, by_row.pairs);
          pad.put_tile(cell, block, high, by_row);
        } else {
          pad.put_tile(cell, block, high, by_pair);
        }
      } else {
        if (source.stochastic) source.draws_at(row, high, k, draws);
        const NumberRows& numbers = reader.at(row, high, k, deep);
        if constexpr (kByRow) {
          quantise_rows(numbers, drawn, pad.block(cell, block), scales);
        } else {
          quantise_rows(numbers, drawn, by_row.mantissas(), scales);
          transpose_pairs(by_row.pairs, by_pair.pairs);
          pad.put_tile(cell, block, high, by_pair);
        }
      }
      pad.put_scales(cell, block, high, scales);
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
  const std::size_t pitch = std::size_t{command.dst_pitch} * spec::kWordElements;
  std::uint32_t* to = pads.v.data() + std::size_t{command.dst} * spec::kWordElements;
  const auto load_row = [&](std::size_t row, const std::byte* from) {
    if (command.format == spec::LoadFormat::kBf16) {
      widen_bf16(from, to + row * pitch, command.cols);
    } else {
      copy_elements(from, to + row * pitch, command.cols);
    }
  };
  if (command.source == spec::Source::kGather) {
    const auto rows = picks(command, pads);
    for (std::size_t row = 0; row < rows.size(); ++row) load_row(row, source.row(rows[row]));
  } else {
    source.places.each(0, all_rows(command), load_row);
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
