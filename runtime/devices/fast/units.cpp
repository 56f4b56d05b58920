// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/units.h"

#include <algorithm>
#include <cstring>

#include "runtime/devices/fast/simd.h"
#include "runtime/program/operands.h"
#include "weft/pack.h"

namespace weft::fast {
namespace {

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

// Where the rows of a load lie, in memory or in V.
struct Rows {
  const std::byte* base;
  std::size_t stride;  // bytes
};

// Readers give the blocks of a row; `first` is the block's first column, `valid` how many
// of its columns there are.
template <spec::LoadFormat kFormat>
class RowReader {
 public:
  RowReader(const spec::Load& /*command*/, const Rows& rows) : rows_(rows) {}

  void read(std::size_t row, std::size_t first, std::size_t valid, Block& block) const {
    const std::byte* start = rows_.base + row * rows_.stride;
    if constexpr (kFormat == spec::LoadFormat::kInt8) {
      copy_mantissas(start + first, valid, block);
    } else if constexpr (kFormat == spec::LoadFormat::kFp32) {
      const std::byte* from = start + first * sizeof(float);
      if (valid == spec::kBlock) {
        block.scale = quantise_block(from, block.mantissas.data());
      } else {
        std::array<float, spec::kBlock> numbers{};
        std::memcpy(numbers.data(), from, valid * sizeof(float));
        block.scale =
            quantise_block(std::as_bytes(std::span(numbers)).data(), block.mantissas.data());
      }
    } else {
      std::array<std::uint32_t, spec::kBlock> numbers{};
      widen_bf16(start + first * 2, numbers.data(), valid);
      block.scale =
          quantise_block(std::as_bytes(std::span(numbers)).data(), block.mantissas.data());
    }
  }

 private:
  Rows rows_;
};

// Packed panels.
template <>
class RowReader<spec::LoadFormat::kMxint8> {
 public:
  RowReader(const spec::Load& command, const Rows& rows)
      : base_(rows.base),
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
void load_rows(const spec::Load& command, const Rows& rows, Pad& pad) {
  const RowReader<kFormat> reader(command, rows);
  Block block;
  for (std::size_t row = 0; row < command.rows; ++row) {
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

template <class Pad>
void load_operand(const spec::Load& command, const Rows& rows, Pad& pad) {
  switch (command.format) {
    case spec::LoadFormat::kInt8:
      return load_rows<spec::LoadFormat::kInt8>(command, rows, pad);
    case spec::LoadFormat::kMxint8:
      return load_rows<spec::LoadFormat::kMxint8>(command, rows, pad);
    case spec::LoadFormat::kFp32:
      return load_rows<spec::LoadFormat::kFp32>(command, rows, pad);
    case spec::LoadFormat::kBf16:
      return load_rows<spec::LoadFormat::kBf16>(command, rows, pad);
  }
}

void load_v(const spec::Load& command, const Rows& rows, Scratchpads& pads) {
  for (std::size_t row = 0; row < command.rows; ++row) {
    const std::byte* from = rows.base + row * rows.stride;
    std::uint32_t* to =
        pads.v.data() + (command.dst + row * command.dst_pitch) * spec::kWordElements;
    if (command.format == spec::LoadFormat::kBf16) {
      widen_bf16(from, to, command.cols);
    } else {
      std::memcpy(to, from, command.cols * sizeof *to);
    }
  }
}

constexpr std::uint32_t kOne = 0x3f800000;
constexpr std::uint32_t kMinusZero = 0x80000000;

}  // namespace

void run_load(const spec::Load& command, std::span<const std::byte> memory, Scratchpads& pads) {
  Rows rows{memory.data() + command.offset, command.row_stride};
  if (command.source == spec::Source::kV) {
    const std::uint32_t* word = pads.v.data() + command.src * spec::kWordElements;
    rows = {reinterpret_cast<const std::byte*>(word), command.src_pitch * spec::kWordBytes};
  }
  switch (command.target) {
    case spec::Target::kA:
      return load_operand(command, rows, pads.a);
    case spec::Target::kB:
      return load_operand(command, rows, pads.b);
    case spec::Target::kV:
      return load_v(command, rows, pads);
  }
}

void run_matmul(const spec::Matmul& command, Scratchpads& pads) {
  matmul(command, pads.a, pads.b, pads.v.data());
}

void run_vector(const spec::Vector& command, const Scalars& scalars, Scratchpads& pads) {
  const auto word = [&](std::size_t at) { return pads.v.data() + at * spec::kWordElements; };
  const auto all = values(command);
  for (std::size_t row = 0; row < command.rows; ++row) {
    const auto operand = [&](spec::Operand kind, std::uint32_t none) {
      ChainOperand out{.stream = nullptr, .value = none};
      if (kind == spec::Operand::kSecond) {
        out.stream = word(command.second + row * command.second_pitch);
      } else if (kind == spec::Operand::kColumn) {
        out.stream = word(command.column);
      } else if (kind == spec::Operand::kRow) {
        out.value = word(command.row)[row];
      } else if (kind >= spec::Operand::kValue0) {
        const Value& value =
            all[static_cast<std::size_t>(kind) - static_cast<std::size_t>(spec::Operand::kValue0)];
        out.value = value.scalar == 0 ? value.bits : scalars[value.scalar - 1u];
      }
      return out;
    };
    ChainRow out;
    out.src = word(command.src + row * command.src_pitch);
    out.dst = word(command.dst + row * command.dst_pitch);
    out.count = command.cols;
    out.multiplicand = operand(command.multiplicand, kOne);
    out.addend = operand(command.addend, kMinusZero);
    out.compare_with = operand(command.compare_with, 0);
    vector_row(command, out);
  }
}

void run_store(const spec::Store& command, std::span<std::byte> memory, const Scratchpads& pads) {
  for (std::size_t row = 0; row < command.rows; ++row) {
    const std::uint32_t* from =
        pads.v.data() + (command.src + row * command.src_pitch) * spec::kWordElements;
    std::byte* to = memory.data() + command.offset + row * command.row_stride;
    switch (command.format) {
      case spec::StoreFormat::kWord32:
        std::memcpy(to, from, command.cols * sizeof *from);
        break;
      case spec::StoreFormat::kBf16:
        narrow_bf16(from, to, command.cols);
        break;
      case spec::StoreFormat::kInt8:
        narrow_int8(from, to, command.cols);
        break;
    }
  }
}

}  // namespace weft::fast
