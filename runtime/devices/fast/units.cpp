// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/units.h"

#include "runtime/devices/fast/simd.h"
#include "runtime/program/operands.h"

namespace weft::fast {
namespace {

constexpr std::uint32_t kOne = 0x3f800000;
constexpr std::uint32_t kMinusZero = 0x80000000;

// What `none` stands for, in the order of operands().
constexpr std::array<std::uint32_t, 6> kNeutral{kOne, kMinusZero, 0, kOne, kOne, kMinusZero};

ChainOperand resolve(const spec::Vector& command, spec::Operand kind, std::uint32_t neutral,
                     const Scalars& scalars) {
  switch (kind) {
    case spec::Operand::kNone:
      return {.value = neutral};
    case spec::Operand::kInput:
      return {.kind = spec::Operand::kInput};
    case spec::Operand::kSecond:
      return {
          .kind = spec::Operand::kSecond, .word = command.second, .pitch = command.second_pitch};
    case spec::Operand::kColumn:
      return {.kind = spec::Operand::kSecond, .word = command.column};
    case spec::Operand::kRow:
      return {.kind = spec::Operand::kRow, .word = command.row};
    default: {
      const Value value = values(command)[value_number(kind)];
      return {.value = value.scalar == 0 ? value.bits : scalars[value.scalar - 1u]};
    }
  }
}

}  // namespace

void run_matmul(const spec::Matmul& command, Scratchpads& pads) {
  matmul(command, pads.a, pads.b, pads.v.data());
}

void run_vector(const spec::Vector& command, const Scalars& scalars, Scratchpads& pads) {
  Chain chain{.command = command, .operands = {}};
  const auto kinds = operands(command);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    chain.operands[i] = resolve(command, kinds[i], kNeutral[i], scalars);
  }
  run_chain(chain, pads.v.data());
}

void run_store(const spec::Store& command, std::span<std::byte> memory, const Scratchpads& pads) {
  const std::uint32_t* from = pads.v.data() + std::size_t{command.src} * spec::kWordElements;
  const std::size_t pitch = std::size_t{command.src_pitch} * spec::kWordElements;
  std::byte* group = memory.data() + command.offset;
  for (std::size_t number = 0; number <= command.extra_groups; ++number) {
    std::byte* to = group;
    for (std::size_t row = 0; row < command.rows; ++row) {
      switch (command.format) {
        case spec::StoreFormat::kWord32:
          copy_elements(from, to, command.cols);
          break;
        case spec::StoreFormat::kBf16:
          narrow_bf16(from, to, command.cols);
          break;
        case spec::StoreFormat::kInt8:
          narrow_int8(from, to, command.cols);
          break;
      }
      from += pitch;
      to += command.row_stride;
    }
    group += command.group_stride;
  }
}

}  // namespace weft::fast
