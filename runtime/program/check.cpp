// SPDX-License-Identifier: Apache-2.0
// The checks of one command; see check.h. What a field may hold alone is in the specification
// (ranges_ok); here is what fields mean together.
#include "runtime/program/check.h"

#include <algorithm>
#include <optional>

#include "runtime/program/footprint.h"
#include "runtime/program/operands.h"

namespace weft {
namespace {

// Of all groups of a load or store.
constexpr std::uint32_t kMaxRows = 65535;

std::uint64_t ceil_div(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

// Whether rows of `cols` elements written to V at this pitch stay apart.
bool rows_apart(std::uint64_t rows, std::uint64_t cols, std::uint64_t pitch) {
  return rows == 1 || pitch >= ceil_div(cols, spec::kWordElements);
}

// Where the matrix is: what concerns the other place is zero.
bool source_agrees(const spec::Load& load) {
  const bool gathers = load.source == spec::Source::kGather;
  if (gathers != (load.table_rows > 0)) return false;
  if (gathers) return load.target == spec::Target::kV && load.src_pitch == 0;
  if (load.source == spec::Source::kMemory) return load.src == 0 && load.src_pitch == 0;
  const bool indexed = load.rounding == spec::Rounding::kStochastic;
  return load.binding == 0 && load.format == spec::LoadFormat::kFp32 &&
         load.target != spec::Target::kV && (indexed || (load.offset == 0 && load.row_stride == 0));
}

bool quantising_agrees(const spec::Load& load) {
  const bool quantised =
      load.target != spec::Target::kV &&
      (load.format == spec::LoadFormat::kFp32 || load.format == spec::LoadFormat::kBf16);
  if (load.transpose == spec::Transpose::kYes && !quantised) return false;
  if (load.rounding == spec::Rounding::kStochastic) {
    return quantised && (load.seed == 0 || load.seed_scalar == 0);
  }
  return load.seed == 0 && load.seed_scalar == 0 && load.tensor == 0;
}

// size: bytes of an element.
template <class Transfer>
bool groups_agree(const Transfer& transfer, std::uint64_t size) {
  return transfer.group_stride % size == 0 &&
         (transfer.extra_groups > 0 || transfer.group_stride == 0);
}

bool fields_agree(const spec::Load& load) {
  if (!source_agrees(load) || !quantising_agrees(load)) return false;
  if (!groups_agree(load, element_bytes(load.format))) return false;
  const bool can_be_grouped =
      load.source == spec::Source::kMemory && load.format != spec::LoadFormat::kMxint8;
  if (load.extra_groups > 0 && !can_be_grouped) return false;
  if (load.format == spec::LoadFormat::kMxint8) {
    if (load.offset % spec::kWordBytes != 0 || load.row_stride != 0) return false;
  } else if (const auto size = element_bytes(load.format);
             load.offset % size != 0 || load.row_stride % size != 0) {
    return false;
  }
  if (load.target == spec::Target::kV) {
    return load.format != spec::LoadFormat::kInt8 && load.format != spec::LoadFormat::kMxint8 &&
           rows_apart(all_rows(load), load.cols, load.dst_pitch);
  }
  const auto extent = operand_extent(load);
  return extent.rows <= spec::kGroupRows ||
         load.dst_pitch >= ceil_div(extent.contraction, spec::kCellColumns);
}

bool fields_agree(const spec::Matmul& matmul) {
  const bool preloads = matmul.preload == spec::Preload::kV;
  return (preloads || (matmul.initial == 0 && matmul.initial_pitch == 0)) &&
         rows_apart(matmul.m, matmul.n, matmul.dst_pitch);
}

// What an operand of the chain brings is zero where no operand asks for it.
bool operands_agree(const spec::Vector& vector) {
  if (!uses(vector, spec::Operand::kSecond) && (vector.second != 0 || vector.second_pitch != 0)) {
    return false;
  }
  if (uses(vector, spec::Operand::kColumn) ? vector.cols > spec::kMaxColumn : vector.column != 0) {
    return false;
  }
  if (uses(vector, spec::Operand::kRow) ? vector.rows > spec::kMaxRow : vector.row != 0) {
    return false;
  }
  const auto all = values(vector);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool used = uses(vector, value_operand(i));
    if (all[i].scalar != 0 && !used) return false;
    if (all[i].bits != 0 && (!used || all[i].scalar != 0)) return false;
  }
  return true;
}

bool fields_agree(const spec::Vector& vector) {
  const bool compares = vector.compare != spec::Compare::kNone;
  const bool divides = vector.function == spec::Function::kDivide;
  if (compares != (vector.compare_with != spec::Operand::kNone)) return false;
  if (divides != (vector.divisor != spec::Operand::kNone)) return false;
  const bool reduces = vector.reduce != spec::Reduce::kNone;
  if (!reduces && (vector.reduce_dst != 0 || vector.reduce_axis != spec::ReduceAxis::kRow)) {
    return false;
  }
  const bool result_ok = vector.convert_out == spec::ConvertOut::kDiscard
                             ? reduces && vector.dst == 0 && vector.dst_pitch == 0
                             : rows_apart(vector.rows, vector.cols, vector.dst_pitch);
  return result_ok && operands_agree(vector);
}

bool fields_agree(const spec::Store& store) {
  const auto size = element_bytes(store.format);
  return store.offset % size == 0 && store.row_stride % size == 0 && groups_agree(store, size) &&
         (store.rows == 1 || store.row_stride >= store.cols * size);
}

using Bytes = std::span<const std::byte, spec::kCommandBytes>;

// nullopt: no such opcode.
std::optional<bool> fields_ok(Bytes bytes) {
  const auto ok = [](const auto& command, bool reserved_zero) {
    return reserved_zero && spec::ranges_ok(command) && fields_agree(command);
  };
  switch (static_cast<spec::Opcode>(bytes[0])) {
    case spec::Opcode::kLoad:
      return ok(spec::unpack_load(bytes), spec::reserved_zero_load(bytes));
    case spec::Opcode::kMatmul:
      return ok(spec::unpack_matmul(bytes), spec::reserved_zero_matmul(bytes));
    case spec::Opcode::kVector:
      return ok(spec::unpack_vector(bytes), spec::reserved_zero_vector(bytes));
    case spec::Opcode::kStore:
      return ok(spec::unpack_store(bytes), spec::reserved_zero_store(bytes));
  }
  return std::nullopt;
}

spec::Fault check_memory(const Region& region, std::span<const spec::Binding> bindings) {
  if (region.binding >= bindings.size()) return spec::Fault::kBadBinding;
  const auto& binding = bindings[region.binding];
  const auto right = region.writes ? kRightWrite : kRightRead;
  if ((binding.rights & right) == 0) return spec::Fault::kNoRights;
  // The base comes first: below 2^48 the end cannot wrap, nor that of a table, which is below 2^63.
  const bool inside =
      region.box.base >> spec::kAddressBits == 0 && region.box.end() <= binding.size;
  return inside ? spec::Fault::kNone : spec::Fault::kBindingRange;
}

bool too_many_rows(const CommandBytes& command) {
  switch (static_cast<spec::Opcode>(command[0])) {
    case spec::Opcode::kLoad:
      return all_rows(spec::unpack_load(command)) > kMaxRows;
    case spec::Opcode::kStore:
      return all_rows(spec::unpack_store(command)) > kMaxRows;
    default:
      return false;
  }
}

}  // namespace

spec::Fault check_command(std::span<const std::byte, spec::kCommandBytes> command,
                          const UnitCounts& earlier, std::span<const spec::Binding> bindings,
                          const spec::Config& config) {
  const auto ok = fields_ok(command);
  if (!ok) return spec::Fault::kBadOpcode;
  if (!*ok) return spec::Fault::kBadField;

  // Every command carries the same four counts; read them as a load's.
  const auto common = spec::unpack_load(command);
  const UnitCounts after{common.after_load, common.after_matmul, common.after_vector,
                         common.after_store};
  for (std::size_t unit = 0; unit < spec::kNumUnits; ++unit) {
    if (after[unit] > earlier[unit]) return spec::Fault::kBadAfter;
  }

  CommandBytes bytes;
  std::copy(command.begin(), command.end(), bytes.begin());
  const auto touched = footprint(bytes);
  for (const auto& region : touched.regions()) {
    if (region.space != Space::kMemory) continue;
    if (const auto fault = check_memory(region, bindings); fault != spec::Fault::kNone) {
      return fault;
    }
  }
  if (too_many_rows(bytes)) return spec::Fault::kScratchRange;
  for (const auto& region : touched.regions()) {
    if (region.space != Space::kMemory && region.box.end() > capacity(region.space, config)) {
      return spec::Fault::kScratchRange;
    }
  }
  return spec::Fault::kNone;
}

}  // namespace weft
