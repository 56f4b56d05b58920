// SPDX-License-Identifier: Apache-2.0
// Footprints; see footprint.h.
#include "runtime/program/footprint.h"

#include <algorithm>

#include "runtime/program/operands.h"

namespace weft {
namespace {

using spec::kCellColumns;
using spec::kGroupRows;
using spec::kWordElements;

constexpr std::uint64_t kBlocksPerCell = kCellColumns / spec::kBlock;
constexpr std::uint64_t kUnitsPerCell = kBlocksPerCell * kGroupRows;

std::uint64_t ceil_div(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

struct Operand {
  bool is_a;
  std::uint64_t cell, pitch, rows, columns;
};

// Whole groups of 16 rows are runs of blocks; a rest of fewer rows is a run per block.
void add_operand(Footprint& to, const Operand& operand, bool scales, bool writes) {
  const auto blocks = ceil_div(operand.columns, spec::kBlock);
  const auto groups = operand.rows / kGroupRows;
  const auto rest = operand.rows % kGroupRows;
  const auto space = operand.is_a ? (scales ? Space::kAScales : Space::kAMantissas)
                                  : (scales ? Space::kBScales : Space::kBMantissas);
  const auto base = operand.cell * kUnitsPerCell;
  const auto pitch = operand.pitch * kUnitsPerCell;
  if (groups > 0) {
    to.add({space, writes, 0, make_box(base, groups, pitch, blocks * kGroupRows)});
  }
  if (rest > 0) {
    to.add({space, writes, 0, make_box(base + groups * pitch, blocks, kGroupRows, rest)});
  }
}

struct Matrix {
  std::uint64_t word, pitch, rows, columns;

  [[nodiscard]] bool starts_like(const Matrix& other) const {
    return word == other.word && (rows == 1 || pitch == other.pitch);
  }
};

void add_v(Footprint& to, const Matrix& matrix, bool writes, bool in_place = false) {
  to.add({Space::kV, writes, 0,
          make_box(matrix.word * kWordElements, matrix.rows, matrix.pitch * kWordElements,
                   matrix.columns),
          in_place});
}

// `cols` elements of `size` bytes in each row of each group.
template <class Transfer>
Box memory_box(const Transfer& transfer, std::uint64_t size) {
  const auto group =
      make_box(transfer.offset, transfer.rows, transfer.row_stride, transfer.cols * size);
  return repeat(group, transfer.extra_groups + 1u, transfer.group_stride);
}

// Of a table, all of it.
Box memory_box(const spec::Load& load) {
  const auto size = element_bytes(load.format);
  if (load.source == spec::Source::kGather) {
    return make_box(load.offset, load.table_rows, load.row_stride, load.cols * size);
  }
  if (load.format == spec::LoadFormat::kMxint8) {
    return make_box(load.offset, 1, 0, panel_bytes(load.rows, load.cols));
  }
  return memory_box(load, size);
}

Footprint of(const spec::Load& load) {
  Footprint result;
  if (load.source == spec::Source::kV) {
    add_v(result, {load.src, load.src_pitch, load.rows, load.cols}, false);
  } else {
    result.add({Space::kMemory, false, load.binding, memory_box(load)});
  }
  if (load.source == spec::Source::kGather) add_v(result, {load.src, 0, 1, load.rows}, false);
  if (load.target == spec::Target::kV) {
    add_v(result, {load.dst, load.dst_pitch, all_rows(load), load.cols}, true);
    return result;
  }
  const auto extent = operand_extent(load);
  const Operand operand{load.target == spec::Target::kA, load.dst, load.dst_pitch, extent.rows,
                        extent.contraction};
  add_operand(result, operand, false, true);
  if (load.format != spec::LoadFormat::kInt8) add_operand(result, operand, true, true);
  return result;
}

Footprint of(const spec::Matmul& matmul) {
  Footprint result;
  const bool scales = matmul.arithmetic == spec::Arithmetic::kMxint8;
  const Operand a{true, matmul.a, matmul.a_pitch, matmul.m, matmul.k};
  const Operand b{false, matmul.b, matmul.b_pitch, matmul.n, matmul.k};
  for (const auto& operand : {a, b}) {
    add_operand(result, operand, false, false);
    if (scales) add_operand(result, operand, true, false);
  }
  const Matrix sum{matmul.dst, matmul.dst_pitch, matmul.m, matmul.n};
  if (matmul.preload == spec::Preload::kV) {
    const Matrix initial{matmul.initial, matmul.initial_pitch, matmul.m, matmul.n};
    add_v(result, initial, false, initial.starts_like(sum));
  }
  add_v(result, sum, true);
  return result;
}

Footprint of(const spec::Vector& vector) {
  Footprint result;
  const bool writes = vector.convert_out != spec::ConvertOut::kDiscard;
  const Matrix to{vector.dst, vector.dst_pitch, vector.rows, vector.cols};
  const Matrix first{vector.src, vector.src_pitch, vector.rows, vector.cols};
  add_v(result, first, false, writes && first.starts_like(to));
  if (uses(vector, spec::Operand::kSecond)) {
    const Matrix second{vector.second, vector.second_pitch, vector.rows, vector.cols};
    add_v(result, second, false, writes && second.starts_like(to));
  }
  if (uses(vector, spec::Operand::kColumn)) {
    add_v(result, {vector.column, 0, 1, vector.cols}, false);
  }
  if (uses(vector, spec::Operand::kRow)) add_v(result, {vector.row, 0, 1, vector.rows}, false);
  if (writes) add_v(result, to, true);
  if (vector.reduce != spec::Reduce::kNone) {
    const bool per_row = vector.reduce_axis == spec::ReduceAxis::kRow;
    const std::uint64_t count = per_row ? vector.rows : vector.cols;
    result.add({Space::kV, true, 0, make_box(vector.reduce_dst * kWordElements, 1, 0, count), false,
                true});
  }
  return result;
}

// Of one group of x and one of y, which start there.
bool rows_overlap(const Box& x, std::uint64_t x_base, const Box& y, std::uint64_t y_base) {
  std::uint64_t i = 0;
  std::uint64_t j = 0;
  while (i < x.count && j < y.count) {
    const auto first = x_base + i * x.pitch;
    const auto second = y_base + j * y.pitch;
    if (first + x.width <= second) {
      ++i;
    } else if (second + y.width <= first) {
      ++j;
    } else {
      return true;
    }
  }
  return false;
}

Footprint of(const spec::Store& store) {
  Footprint result;
  add_v(result, {store.src, store.src_pitch, all_rows(store), store.cols}, false);
  result.add({Space::kMemory, true, store.binding, memory_box(store, element_bytes(store.format))});
  return result;
}

}  // namespace

Box make_box(std::uint64_t base, std::uint64_t count, std::uint64_t pitch, std::uint64_t width) {
  if (count == 1 || pitch == 0) return {base, 1, 0, width};
  if (pitch <= width) return {base, 1, 0, (count - 1) * pitch + width};
  return {base, count, pitch, width};
}

Box repeat(const Box& group, std::uint64_t groups, std::uint64_t pitch) {
  if (groups == 1 || pitch == 0) return group;
  if (group.count == 1) return make_box(group.base, groups, pitch, group.width);
  if (pitch == group.count * group.pitch) {
    return make_box(group.base, groups * group.count, group.pitch, group.width);
  }
  return {group.base, group.count, group.pitch, group.width, groups, pitch};
}

bool overlap(const Box& x, const Box& y) {
  if (x.end() <= y.base || y.end() <= x.base) return false;
  for (std::uint64_t i = 0; i < x.groups; ++i) {
    for (std::uint64_t j = 0; j < y.groups; ++j) {
      if (rows_overlap(x, x.base + i * x.group_pitch, y, y.base + j * y.group_pitch)) return true;
    }
  }
  return false;
}

Footprint footprint(const CommandBytes& command) {
  switch (static_cast<spec::Opcode>(command[0])) {
    case spec::Opcode::kLoad:
      return of(spec::unpack_load(command));
    case spec::Opcode::kMatmul:
      return of(spec::unpack_matmul(command));
    case spec::Opcode::kVector:
      return of(spec::unpack_vector(command));
    case spec::Opcode::kStore:
      return of(spec::unpack_store(command));
  }
  return {};
}

// Two groups overlap if rows of them do: if the distance of the groups is less than a row from a
// multiple of row_stride that is the distance of two rows.
bool groups_overlap(const spec::Store& store) {
  const auto width = store.cols * element_bytes(store.format);
  const std::uint64_t stride = store.rows == 1 ? width : store.row_stride;
  const std::uint64_t extent = (store.rows - 1u) * stride + width;
  for (std::uint64_t apart = 1; apart <= store.extra_groups; ++apart) {
    const auto distance = apart * store.group_stride;
    if (distance >= extent) return false;
    const auto rows = distance / stride;  // less than store.rows, as the extent says
    const auto beyond = distance % stride;
    if (beyond < width || (rows + 1 < store.rows && stride - beyond < width)) return true;
  }
  return false;
}

std::uint64_t capacity(Space space, const spec::Config& config) {
  switch (space) {
    case Space::kAMantissas:
    case Space::kAScales:
      return config.a_bytes / spec::kCellBytes * kUnitsPerCell;
    case Space::kBMantissas:
    case Space::kBScales:
      return config.b_bytes / spec::kCellBytes * kUnitsPerCell;
    case Space::kV:
      return config.v_bytes / spec::kWordBytes * kWordElements;
    case Space::kMemory:
      break;
  }
  return std::uint64_t{1} << spec::kAddressBits;
}

std::string describe(const Region& region, std::uint64_t unit, const ProgramImage& image) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  if (region.space == Space::kMemory) {
    return "byte " + number(unit) + " of binding '" + image.bindings[region.binding].name + "'";
  }
  if (region.space == Space::kV) {
    return "V word " + number(unit / kWordElements) + " element " + number(unit % kWordElements);
  }
  const bool is_a = region.space == Space::kAMantissas || region.space == Space::kAScales;
  const bool scales = region.space == Space::kAScales || region.space == Space::kBScales;
  return std::string(is_a ? "A" : "B") + (scales ? " scales" : " mantissas") + " of cell " +
         number(unit / kUnitsPerCell) + " row " + number(unit % kGroupRows) + " block " +
         number(unit / kGroupRows % kBlocksPerCell);
}

std::uint64_t element_bytes(spec::LoadFormat format) {
  switch (format) {
    case spec::LoadFormat::kFp32:
      return 4;
    case spec::LoadFormat::kBf16:
      return 2;
    default:
      return 1;
  }
}

std::uint64_t element_bytes(spec::StoreFormat format) {
  switch (format) {
    case spec::StoreFormat::kWord32:
      return 4;
    case spec::StoreFormat::kBf16:
      return 2;
    default:
      return 1;
  }
}

std::uint64_t panel_bytes(std::uint64_t rows, std::uint64_t k) {
  const auto chunks = ceil_div(k, kCellColumns);
  const auto panel = [&](std::uint64_t panel_rows) {
    const auto total = panel_rows * chunks;
    return spec::kWordBytes * (total + ceil_div(total, spec::kRunChunks));
  };
  const auto rest = rows % kGroupRows;
  return rows / kGroupRows * panel(kGroupRows) + (rest > 0 ? panel(rest) : 0);
}

}  // namespace weft
