// SPDX-License-Identifier: Apache-2.0
// runtime/graph/evaluator.h: loss and predictions of any number of rows, without gradients.
//
// Rows go in groups of 256 and a rest; a graph is compiled for each number of rows that is met.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "runtime/graph/bound_graph.h"
#include "runtime/graph/store.h"
#include "weft/network.h"
#include "weft/trainer.h"

namespace weft::graph {

class Evaluator {
 public:
  // All three outlive the evaluator.
  Evaluator(Device& device, const Network& network, const Store& store)
      : device_(device), network_(network), store_(store) {}

  // `labels` are valid, and `x` has as many rows.
  [[nodiscard]] Result<Evaluation> evaluate(std::span<const float> x,
                                            std::span<const std::uint32_t> labels);

 private:
  // The network for some rows.
  struct Compiled {
    PlannedGraph graph;
    std::optional<Buffer> arena;
    std::optional<BoundGraph> bound;
    StepList list;
  };

  [[nodiscard]] Result<Compiled*> compiled(std::uint32_t rows);
  [[nodiscard]] Result<void> add(Compiled& with, std::span<const float> x,
                                 std::span<const std::uint32_t> labels, double weight,
                                 Evaluation& total);

  Device& device_;
  const Network& network_;
  const Store& store_;
  std::map<std::uint32_t, std::unique_ptr<Compiled>> by_rows_;
};

}  // namespace weft::graph
