// SPDX-License-Identifier: Apache-2.0
// OrderedProgram: a program that grows by one legal command after the other.
#pragma once

#include <cstddef>

#include "runtime/program/check.h"
#include "runtime/program/image.h"
#include "tests/conformance/random.h"
#include "weft/spec.h"

namespace weft::test {

class OrderedProgram {
 public:
  OrderedProgram(const spec::Config& config, Dice& dice) : config_(config), dice_(dice) {}

  // Orders the command after all it conflicts with, now and then after more, and appends it if the
  // verifier agrees. Orderings that follow from others are dropped now and then.
  bool keep(CommandBytes command);

  ProgramImage image;

 private:
  void relax();
  // Commands per unit among the first `size`.
  [[nodiscard]] UnitCounts count(std::size_t size) const;

  const spec::Config& config_;
  Dice& dice_;
};

}  // namespace weft::test
