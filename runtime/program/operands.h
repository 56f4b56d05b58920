// SPDX-License-Identifier: Apache-2.0
// runtime/program/operands.h: the operands of a vector command, the rows a load or store moves, and
// the shape of what a load makes into an operand of matmul.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "weft/spec.h"

namespace weft {

// All operands of the chain, in the order of its steps.
[[nodiscard]] constexpr std::array<spec::Operand, 6> operands(const spec::Vector& vector) {
  return {vector.multiplicand, vector.addend,        vector.compare_with,
          vector.divisor,      vector.multiplicand2, vector.addend2};
}

// Whether an operand of the chain is `operand`.
[[nodiscard]] constexpr bool uses(const spec::Vector& vector, spec::Operand operand) {
  const auto all = operands(vector);
  return std::find(all.begin(), all.end(), operand) != all.end();
}

// One of value0 to value3: a number, or scalar `scalar` - 1 of the launch.
struct Value {
  std::uint32_t bits = 0;
  std::uint8_t scalar = 0;
};
inline constexpr std::size_t kValues = 4;

[[nodiscard]] constexpr std::array<Value, kValues> values(const spec::Vector& vector) {
  return {{{vector.value0, vector.value0_scalar},
           {vector.value1, vector.value1_scalar},
           {vector.value2, vector.value2_scalar},
           {vector.value3, vector.value3_scalar}}};
}

// value0 to value3 and their numbers.
[[nodiscard]] constexpr spec::Operand value_operand(std::size_t number) {
  return static_cast<spec::Operand>(static_cast<std::size_t>(spec::Operand::kValue0) + number);
}

[[nodiscard]] constexpr std::size_t value_number(spec::Operand value) {
  return static_cast<std::size_t>(value) - static_cast<std::size_t>(spec::Operand::kValue0);
}

// Rows of all groups of a load or store.
template <class Transfer>
[[nodiscard]] constexpr std::uint32_t all_rows(const Transfer& transfer) {
  return (transfer.extra_groups + 1u) * transfer.rows;
}

// Rows and contraction length of the operand a load into A or B makes.
struct OperandExtent {
  std::uint32_t rows = 0;
  std::uint32_t contraction = 0;
};
[[nodiscard]] constexpr OperandExtent operand_extent(const spec::Load& load) {
  if (load.transpose == spec::Transpose::kYes) return {load.cols, all_rows(load)};
  return {all_rows(load), load.cols};
}

}  // namespace weft
