// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/bound_graph.h"

#include <utility>

#include "runtime/graph/borders.h"
#include "runtime/graph/lower.h"

namespace weft::graph {
namespace {

// Places in PlannedGraph::own: of plan_graph(), and of plan_forward().
constexpr std::size_t kX = 0;
constexpr std::size_t kLabels = 1;
constexpr std::size_t kMean = 2;
constexpr std::size_t kPredictions = 3;
constexpr std::size_t kLogits = 1;

template <class T>
Result<std::vector<T>> read_all(const Buffer& buffer, std::uint64_t offset, std::uint64_t count) {
  std::vector<T> values(count);
  auto done = buffer.read(std::as_writable_bytes(std::span(values)), offset);
  if (!done) return tl::unexpected(done.error());
  return values;
}

PlannedGraph plan(const Graph& graph, std::vector<std::uint32_t> own) {
  PlannedGraph planned{.contents = graph.contents(), .plan = {}, .own = std::move(own)};
  fuse_relu(planned.contents);
  assign_borders(planned.contents);
  std::vector<bool> elsewhere(planned.contents.tensors.size());
  for (const std::uint32_t tensor : planned.own) elsewhere[tensor] = true;
  for (const auto& [parameter, gradient] : planned.contents.gradients) elsewhere[gradient] = true;
  planned.plan = plan_memory(find_lives(planned.contents, elsewhere));
  return planned;
}

}  // namespace

Result<PlannedGraph> plan_forward(const Network& network, std::uint32_t rows) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = rows, .cols = network.inputs()});
  const Tensor logits = network.forward(graph, x);
  if (graph.error()) return tl::unexpected(*graph.error());
  if (logits.shape().map) {
    return fail(Code::kInvalidArgument, "the network ends in feature maps", "flatten() them");
  }
  return plan(graph, {x.id(), logits.id()});
}

Result<PlannedGraph> plan_graph(const Network& network, std::uint32_t rows, std::uint32_t batch) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = rows, .cols = network.inputs()});
  const Tensor labels = graph.labels("labels", rows);
  const Tensor logits = network.forward(graph, x);
  const Loss loss = graph.softmax_cross_entropy(logits, labels, batch);
  if (batch > 0) graph.backward(loss);
  if (graph.error()) return tl::unexpected(*graph.error());

  return plan(graph, {x.id(), labels.id(), loss.mean.id(), loss.predictions.id()});
}

Result<std::optional<Buffer>> make_arena(Device& device, const PlannedGraph& graph) {
  if (graph.plan.peak_bytes == 0) return std::nullopt;
  auto arena = device.allocate(graph.plan.peak_bytes);
  if (!arena) return tl::unexpected(arena.error());
  const std::vector<std::byte> zeros(graph.plan.peak_bytes - graph.plan.zeroed_from);
  if (zeros.empty()) return std::move(*arena);
  if (auto done = arena->write(zeros, graph.plan.zeroed_from); !done) {
    return tl::unexpected(done.error());
  }
  return std::move(*arena);
}

Result<BoundGraph> BoundGraph::create(Device& device, const PlannedGraph& graph,
                                      const SharedMemory& shared, std::size_t gradient) {
  BoundGraph bound(gradient);
  bound.places_.resize(graph.contents.tensors.size());
  bound.views_.resize(graph.contents.tensors.size());
  if (auto done = bound.place_own(device, graph); !done) return tl::unexpected(done.error());
  if (auto done = bound.place_parameters(graph, shared); !done) {
    return tl::unexpected(done.error());
  }
  for (const Operator& each : graph.contents.operators) {
    for (const std::uint32_t output : each.outputs) {
      if (bound.places_[output].where == Place::kNowhere) {
        bound.places_[output] = {.where = Place::kArena, .offset = graph.plan.offsets[output]};
      }
    }
  }
  for (std::size_t i = 0; i < bound.places_.size(); ++i) {
    const Place& place = bound.places_[i];
    if (place.where == Place::kNowhere) continue;  // folded into another operator
    bound.views_[i] =
        bound.buffer_of(place, shared).view(place.offset, padded_bytes(graph.contents.tensors[i]));
  }
  return bound;
}

Result<void> BoundGraph::place_own(Device& device, const PlannedGraph& graph) {
  for (const std::uint32_t tensor : graph.own) {
    auto buffer = device.allocate(padded_bytes(graph.contents.tensors[tensor].shape));
    if (!buffer) return tl::unexpected(buffer.error());
    places_[tensor] = {.where = Place::kOwn, .buffer = own_.size()};
    own_.push_back(std::move(*buffer));
  }
  return {};
}

Result<void> BoundGraph::place_parameters(const PlannedGraph& graph, const SharedMemory& shared) {
  for (const Parameter& parameter : graph.contents.parameters) {
    const auto offset =
        shared.store.offset(parameter.name, graph.contents.tensors[parameter.tensor].shape);
    if (!offset) return tl::unexpected(offset.error());
    places_[parameter.tensor] = {.where = Place::kWeights, .offset = *offset};
    const auto gradient = graph.contents.gradients.find(parameter.tensor);
    if (gradient != graph.contents.gradients.end()) {
      places_[gradient->second] = {.where = Place::kGradient, .offset = *offset};
    }
  }
  return {};
}

const Buffer& BoundGraph::buffer_of(const Place& place, const SharedMemory& shared) const {
  switch (place.where) {
    case Place::kWeights:
      return shared.store.weights();
    case Place::kGradient:
      return shared.store.gradient(gradient_);
    case Place::kArena:
      return *shared.arena;
    default:
      return own_[place.buffer];
  }
}

Result<void> BoundGraph::append_to(StepList& list, const DeviceInfo& device,
                                   const PlannedGraph& graph, std::uint32_t part,
                                   const Scalars& scalars) const {
  for (const Operator& each : graph.contents.operators) {
    auto operation = lower(device, graph.contents, each, views_, part);
    if (!operation) return tl::unexpected(operation.error());
    if (auto done = list.append(std::move(*operation), scalars); !done) return done;
  }
  return {};
}

Result<void> BoundGraph::write(std::span<const float> x) {
  return own_[kX].write(std::as_bytes(x));
}

Result<void> BoundGraph::write(std::span<const float> x, std::span<const std::uint32_t> labels) {
  if (auto done = write(x); !done) return done;
  return own_[kLabels].write(std::as_bytes(labels));
}

Result<std::vector<float>> BoundGraph::logits(std::uint64_t count) const {
  return read_all<float>(own_[kLogits], 0, count);
}

Result<float> BoundGraph::loss() const {
  const auto value = read_all<float>(own_[kMean], 0, 1);
  if (!value) return tl::unexpected(value.error());
  return value->front();
}

Result<std::vector<std::uint32_t>> BoundGraph::predictions(std::uint32_t rows) const {
  return read_all<std::uint32_t>(own_[kPredictions], 0, rows);
}

Result<std::vector<float>> BoundGraph::read(const PlannedGraph& graph, const SharedMemory& shared,
                                            std::uint32_t tensor) const {
  const Place& place = places_[tensor];
  return read_all<float>(buffer_of(place, shared), place.offset,
                         graph.contents.tensors[tensor].stored_elements());
}

}  // namespace weft::graph
