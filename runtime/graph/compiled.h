// SPDX-License-Identifier: Apache-2.0
// runtime/graph/compiled.h: a graph without gradients, ready to launch; one for each number of
// rows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "runtime/graph/bound_graph.h"
#include "runtime/graph/store.h"
#include "weft/network.h"

namespace weft::graph {

// Graphs without gradients round nothing stochastically; their one seed is never read.
inline const Scalars kNoScalars{.seeds = {0}};

struct Compiled {
  PlannedGraph graph;
  std::optional<Buffer> arena;
  std::optional<BoundGraph> bound;
  StepList list;  // an operator for each of the graph's, in their order
};

enum class Ends : std::uint8_t { kLogits, kLoss };

class CompiledGraphs {
 public:
  // All three outlive this.
  CompiledGraphs(Device& device, const Network& network, const Store& store, Ends ends)
      : device_(device), network_(network), store_(store), ends_(ends) {}

  // Compiles when a number of rows is met first.
  [[nodiscard]] Result<Compiled*> for_rows(std::uint32_t rows);

 private:
  Device& device_;
  const Network& network_;
  const Store& store_;
  Ends ends_;
  std::map<std::uint32_t, std::unique_ptr<Compiled>> by_rows_;
};

}  // namespace weft::graph
