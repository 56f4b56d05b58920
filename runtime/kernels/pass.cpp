// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pass.h"

#include <array>
#include <bit>

#include "runtime/core/check.h"

namespace weft::kernels {
namespace {

std::uint16_t field(std::uint32_t number) {
  WEFT_CHECK(number <= 0xffff);
  return static_cast<std::uint16_t>(number);
}

}  // namespace

Term input() {
  return {.kind = spec::Operand::kInput};
}

Term second(const Tile& tile) {
  return {.kind = spec::Operand::kSecond, .tile = tile};
}

Term column(const Tile& tile) {
  return {.kind = spec::Operand::kColumn, .tile = tile};
}

Term row(const Tile& tile) {
  return {.kind = spec::Operand::kRow, .tile = tile};
}

Term value(float number) {
  return {.kind = spec::Operand::kValue0, .bits = std::bit_cast<std::uint32_t>(number)};
}

Term scalar(std::uint8_t number) {
  return {.kind = spec::Operand::kValue0, .scalar = static_cast<std::uint8_t>(number + 1)};
}

Pass::Pass(const Tile& from) {
  command_.rows = field(from.rows);
  command_.cols = field(from.cols);
  command_.src = field(from.word);
  command_.src_pitch = field(from.pitch);
  command_.convert_out = spec::ConvertOut::kDiscard;
}

spec::Operand Pass::use(const Term& term) {
  switch (term.kind) {
    case spec::Operand::kSecond:
      command_.second = field(term.tile.word);
      command_.second_pitch = field(term.tile.pitch);
      return term.kind;
    case spec::Operand::kColumn:
      command_.column = field(term.tile.word);
      return term.kind;
    case spec::Operand::kRow:
      command_.row = field(term.tile.word);
      return term.kind;
    case spec::Operand::kValue0: {
      const std::array values{&command_.value0, &command_.value1, &command_.value2,
                              &command_.value3};
      const std::array scalars{&command_.value0_scalar, &command_.value1_scalar,
                               &command_.value2_scalar, &command_.value3_scalar};
      WEFT_CHECK(values_ < values.size());
      *values[values_] = term.bits;
      *scalars[values_] = term.scalar;
      return static_cast<spec::Operand>(static_cast<std::uint32_t>(term.kind) + values_++);
    }
    default:
      return term.kind;
  }
}

Pass& Pass::from_int32() {
  command_.convert_in = spec::ConvertIn::kInt32;
  return *this;
}

Pass& Pass::multiply(const Term& by) {
  command_.multiplicand = use(by);
  return *this;
}

Pass& Pass::add(const Term& term) {
  command_.addend = use(term);
  return *this;
}

Pass& Pass::compare(spec::Compare how, const Term& with) {
  command_.compare = how;
  command_.compare_with = use(with);
  return *this;
}

Pass& Pass::function(spec::Function function) {
  command_.function = function;
  return *this;
}

Pass& Pass::divide(const Term& by) {
  command_.function = spec::Function::kDivide;
  command_.divisor = use(by);
  return *this;
}

Pass& Pass::then_multiply(const Term& by) {
  command_.multiplicand2 = use(by);
  return *this;
}

Pass& Pass::then_add(const Term& term) {
  command_.addend2 = use(term);
  return *this;
}

Pass& Pass::reduce_rows(spec::Reduce how, const Tile& to) {
  command_.reduce = how;
  command_.reduce_axis = spec::ReduceAxis::kRow;
  command_.reduce_dst = field(to.word);
  return *this;
}

Pass& Pass::sum_columns(const Tile& to) {
  command_.reduce = spec::Reduce::kSum;
  command_.reduce_axis = spec::ReduceAxis::kColumn;
  command_.reduce_dst = field(to.word);
  return *this;
}

Pass& Pass::into(const Tile& to) {
  command_.convert_out = spec::ConvertOut::kNone;
  command_.dst = field(to.word);
  command_.dst_pitch = field(to.pitch);
  return *this;
}

// x equals x, which is 1 (and NaN stays NaN).
Pass reciprocal(const Tile& of) {
  return Pass(of).compare(spec::Compare::kEqual, input()).divide(input());
}

}  // namespace weft::kernels
