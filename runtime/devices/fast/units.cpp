// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/units.h"

#include <algorithm>
#include <cstring>

#include "runtime/devices/fast/simd.h"
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

// Readers give the blocks of a row in memory; `first` is the block's first column, `valid` how many
// of its columns there are.
template <spec::LoadFormat kFormat>
class RowReader {
 public:
  RowReader(const spec::Load& command, const std::byte* base) : command_(command), base_(base) {}

  void read(std::size_t row, std::size_t first, std::size_t valid, Block& block) const {
    const std::byte* start = base_ + row * command_.row_stride;
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
  const spec::Load& command_;
  const std::byte* base_;
};

// Packed panels.
template <>
class RowReader<spec::LoadFormat::kMxint8> {
 public:
  RowReader(const spec::Load& command, const std::byte* base)
      : base_(base),
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
void load_rows(const spec::Load& command, const std::byte* base, Pad& pad) {
  const RowReader<kFormat> reader(command, base);
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
void load_operand(const spec::Load& command, std::span<const std::byte> memory, Pad& pad) {
  const std::byte* base = memory.data() + command.offset;
  switch (command.format) {
    case spec::LoadFormat::kInt8:
      return load_rows<spec::LoadFormat::kInt8>(command, base, pad);
    case spec::LoadFormat::kMxint8:
      return load_rows<spec::LoadFormat::kMxint8>(command, base, pad);
    case spec::LoadFormat::kFp32:
      return load_rows<spec::LoadFormat::kFp32>(command, base, pad);
    case spec::LoadFormat::kBf16:
      return load_rows<spec::LoadFormat::kBf16>(command, base, pad);
  }
}

void load_v(const spec::Load& command, std::span<const std::byte> memory, Scratchpads& pads) {
  for (std::size_t row = 0; row < command.rows; ++row) {
    const std::byte* from = memory.data() + command.offset + row * command.row_stride;
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

std::uint32_t immediate(std::uint8_t scalar, std::uint32_t value, const Scalars& scalars) {
  return scalar == 0 ? value : scalars[scalar - 1u];
}

}  // namespace

void run_load(const spec::Load& command, std::span<const std::byte> memory, Scratchpads& pads) {
  switch (command.target) {
    case spec::Target::kA:
      return load_operand(command, memory, pads.a);
    case spec::Target::kB:
      return load_operand(command, memory, pads.b);
    case spec::Target::kV:
      return load_v(command, memory, pads);
  }
}

void run_matmul(const spec::Matmul& command, Scratchpads& pads) {
  matmul(command, pads.a, pads.b, pads.v.data());
}

void run_vector(const spec::Vector& command, const Scalars& scalars, Scratchpads& pads) {
  const auto word = [&](std::size_t at) { return pads.v.data() + at * spec::kWordElements; };
  for (std::size_t row = 0; row < command.rows; ++row) {
    const auto operand = [&](spec::Operand kind, std::uint32_t value) {
      ChainOperand out{.stream = nullptr, .value = value};
      if (kind == spec::Operand::kSecond) {
        out.stream = word(command.second + row * command.second_pitch);
      } else if (kind == spec::Operand::kColumn) {
        out.stream = word(command.column);
      }
      return out;
    };
    const bool none_multiplies = command.multiplicand == spec::Operand::kNone;
    const bool none_adds = command.addend == spec::Operand::kNone;
    ChainRow out;
    out.src = word(command.src + row * command.src_pitch);
    out.dst = word(command.dst + row * command.dst_pitch);
    out.count = command.cols;
    out.multiplicand = operand(command.multiplicand,
                               none_multiplies ? kOne
                                               : immediate(command.multiplicand_scalar,
                                                           command.multiplicand_value, scalars));
    out.addend = operand(
        command.addend,
        none_adds ? kMinusZero : immediate(command.addend_scalar, command.addend_value, scalars));
    out.compare_with = operand(command.compare_with,
                               immediate(command.compare_scalar, command.compare_value, scalars));
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
