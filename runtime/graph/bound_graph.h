// SPDX-License-Identifier: Apache-2.0
// runtime/graph/bound_graph.h: a graph with a place in device memory for each of its tensors.
//
// Parameters lie in a Store, gradients of parameters in one of its gradient buffers, what the host
// writes and reads in buffers of their own, all else in an arena that may be shared with graphs
// that run before or after.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/graph/contents.h"
#include "runtime/graph/planner.h"
#include "runtime/graph/step_list.h"
#include "runtime/graph/store.h"

namespace weft::graph {

// A network for some rows, recorded and with a memory plan.
struct PlannedGraph {
  Contents contents;
  Plan plan;
  // The tensors with buffers of their own: x, labels, mean loss, predictions; or x, logits.
  std::vector<std::uint32_t> own;
};

// x to logits.
[[nodiscard]] Result<PlannedGraph> plan_forward(const Network& network, std::uint32_t rows);

// x and labels to mean loss and predictions.
// With `batch` > 0 the gradients of the loss divided by `batch` rows are part of it.
[[nodiscard]] Result<PlannedGraph> plan_graph(const Network& network, std::uint32_t rows,
                                              std::uint32_t batch);

// Memory for the intermediate tensors, if there are any; zeros where borders will be.
[[nodiscard]] Result<std::optional<Buffer>> make_arena(Device& device, const PlannedGraph& graph);

// What a bound graph shares with others.
struct SharedMemory {
  const Store& store;
  const std::optional<Buffer>& arena;  // of the plan's peak bytes; nothing if that is 0
};

class BoundGraph {
 public:
  // `gradient`: which gradient buffer of the store, if the graph has gradients.
  [[nodiscard]] static Result<BoundGraph> create(Device& device, const PlannedGraph& graph,
                                                 const SharedMemory& shared, std::size_t gradient);

  // Appends the graph's operators; `part` is the index of their seed.
  [[nodiscard]] Result<void> append_to(StepList& list, const DeviceInfo& device,
                                       const PlannedGraph& graph, std::uint32_t part,
                                       const Scalars& scalars) const;

  [[nodiscard]] Result<void> write(std::span<const float> x);
  [[nodiscard]] Result<void> write(std::span<const float> x, std::span<const std::uint32_t> labels);
  // Of a graph of plan_forward().
  [[nodiscard]] Result<std::vector<float>> logits(std::uint64_t count) const;
  // Of a graph of plan_graph().
  [[nodiscard]] Result<float> loss() const;
  [[nodiscard]] Result<std::vector<std::uint32_t>> predictions(std::uint32_t rows) const;
  // What is stored of a tensor, while it is alive: of a map with its border.
  [[nodiscard]] Result<std::vector<float>> read(const PlannedGraph& graph,
                                                const SharedMemory& shared,
                                                std::uint32_t tensor) const;

 private:
  struct Place {
    enum Where : std::uint8_t { kNowhere, kOwn, kWeights, kGradient, kArena };
    Where where = kNowhere;
    std::size_t buffer = 0;  // of own_
    std::uint64_t offset = 0;
  };

  explicit BoundGraph(std::size_t gradient) : gradient_(gradient) {}

  [[nodiscard]] Result<void> place_own(Device& device, const PlannedGraph& graph);
  [[nodiscard]] Result<void> place_parameters(const PlannedGraph& graph,
                                              const SharedMemory& shared);
  [[nodiscard]] const Buffer& buffer_of(const Place& place, const SharedMemory& shared) const;

  std::size_t gradient_;
  std::vector<Buffer> own_;  // as PlannedGraph::own
  std::vector<Place> places_;
  std::vector<std::optional<BufferView>> views_;
};

}  // namespace weft::graph
