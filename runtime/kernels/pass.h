// SPDX-License-Identifier: Apache-2.0
// One pass of the vector chain, written as the steps it takes:
//
//   // e = exp2(x * log2(e) + offsets[row]), and the sum of each row
//   Pass(x).multiply(value(kLog2E)).add(row(offsets)).function(spec::Function::kExp2)
//       .sum_rows(sums).into(x)
//
// Steps run in the order of the chain, whatever the order of the calls; each may be called once.
// At most one tile may be `second`, one `column`, one `row`, and there are four values.
#pragma once

#include <cstdint>

#include "runtime/kernels/tile.h"
#include "weft/spec.h"

namespace weft::kernels {

// An operand of a step.
struct Term {
  spec::Operand kind = spec::Operand::kNone;
  Tile tile{};             // of second, column and row
  std::uint32_t bits = 0;  // of a value
  std::uint8_t scalar = 0;
};

[[nodiscard]] Term input();              // x, the element of the stream the pass started with
[[nodiscard]] Term second(const Tile&);  // the same element of another matrix
[[nodiscard]] Term column(const Tile&);  // one element per column, a row of them
[[nodiscard]] Term row(const Tile&);     // one element per row, a row of them
[[nodiscard]] Term value(float);
[[nodiscard]] Term scalar(std::uint8_t);  // by number, of the launch

class Pass {
 public:
  explicit Pass(const Tile& from);

  Pass& from_int32();
  Pass& multiply(const Term& by);  // y = x * multiply + add
  Pass& add(const Term& term);
  Pass& compare(spec::Compare how, const Term& with);
  Pass& function(spec::Function function);
  Pass& divide(const Term& by);
  Pass& then_multiply(const Term& by);  // g = f * then_multiply + then_add
  Pass& then_add(const Term& term);

  // Folds; `to` has room for a number per row or column.
  Pass& reduce_rows(spec::Reduce how, const Tile& to);
  Pass& sum_rows(const Tile& to) { return reduce_rows(spec::Reduce::kSum, to); }
  Pass& sum_columns(const Tile& to);

  // Where the elements go; a pass that only folds leaves this out.
  Pass& into(const Tile& to);

  // The command, but for what it waits for.
  [[nodiscard]] const spec::Vector& command() const { return command_; }

 private:
  // Enters the operand into the fields it needs and returns what to write into its own.
  spec::Operand use(const Term& term);

  spec::Vector command_;
  std::uint32_t values_ = 0;
};

// 1 / x of each element. A word takes a function, division included, several cycles; so what a tile
// is to be divided by is inverted once, and the tile multiplied.
[[nodiscard]] Pass reciprocal(const Tile& of);

}  // namespace weft::kernels
