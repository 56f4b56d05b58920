// SPDX-License-Identifier: Apache-2.0
// runtime/graph/evaluator.h: loss and predictions of any number of rows, without gradients.
//
// Rows go in groups of 256 and a rest.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/graph/compiled.h"
#include "weft/trainer.h"

namespace weft::graph {

class Evaluator {
 public:
  // All three outlive the evaluator.
  Evaluator(Device& device, const Network& network, const Store& store)
      : device_(device), inputs_(network.inputs()), graphs_(device, network, store, Ends::kLoss) {}

  // `labels` are valid, and `x` has as many rows.
  [[nodiscard]] Result<Evaluation> evaluate(std::span<const float> x,
                                            std::span<const std::uint32_t> labels);

 private:
  [[nodiscard]] Result<void> add(Compiled& with, std::span<const float> x,
                                 std::span<const std::uint32_t> labels, double weight,
                                 Evaluation& total);

  Device& device_;
  std::size_t inputs_;
  CompiledGraphs graphs_;
};

}  // namespace weft::graph
