// SPDX-License-Identifier: Apache-2.0
#include "weft/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/graph/compiled.h"

namespace weft {

using graph::Compiled;
using graph::Contents;
using graph::Operation;
using graph::Operator;
using graph::Store;

namespace {

constexpr std::size_t kMaxRows = 1u << 20;

// Of a product `multiplies` is M N K.
OperatorCost cost_of(const Contents& contents, const Operator& each, double multiplies) {
  OperatorCost cost{.name = std::string(each.operation == Operation::kActivation
                                            ? graph::name(each.activation)
                                            : graph::name(each.operation))};
  const auto parameter = std::find_if(
      each.inputs.begin(), each.inputs.end(),
      [&](std::uint32_t input) { return contents.tensors[input].role == graph::Role::kParameter; });
  if (parameter == each.inputs.end()) return cost;
  const graph::TensorEntry& tensor = contents.tensors[*parameter];
  cost.parameter = tensor.name;
  if (multiplies == 0) return cost;
  cost.n = tensor.shape.rows;
  cost.k = tensor.shape.cols;
  cost.m = static_cast<std::uint64_t>(multiplies / static_cast<double>(cost.n * cost.k));
  return cost;
}

}  // namespace

struct Inference::Impl {
  Impl(Device& on, const Network& network, Store weights)
      : device(on),
        inputs(network.inputs()),
        store(std::move(weights)),
        graphs(on, network, store, graph::Ends::kLogits) {}

  Device& device;
  std::size_t inputs;
  Store store;
  graph::CompiledGraphs graphs;

  [[nodiscard]] Result<Logits> run(std::span<const float> x) {
    const std::size_t rows = x.size() / inputs;
    if (rows == 0 || rows > kMaxRows || x.size() != rows * inputs) {
      return fail(Code::kInvalidArgument,
                  fmt::format("{} values; the network has {} inputs", x.size(), inputs),
                  fmt::format("give whole rows, at most {}", kMaxRows));
    }
    const auto with = graphs.for_rows(static_cast<std::uint32_t>(rows));
    if (!with) return tl::unexpected(with.error());
    return launch(**with, x);
  }

  [[nodiscard]] Result<Logits> launch(Compiled& with, std::span<const float> x) const {
    const Contents& contents = with.graph.contents;
    if (auto ready = with.bound->write(x); !ready) return tl::unexpected(ready.error());
    Logits logits;
    const auto seen = [&](const graph::ListedOperator& operation,
                          const LaunchReport& report) -> Result<void> {
      logits.operators.push_back(
          cost_of(contents, contents.operators[logits.operators.size()], operation.multiplies));
      logits.operators.back().cycles = report.cycles;
      return {};
    };
    if (auto ran = with.list.run_traced(device, graph::kNoScalars, seen); !ran) {
      return tl::unexpected(ran.error());
    }
    auto values = with.bound->logits(contents.tensors[with.graph.own.back()].shape.elements());
    if (!values) return tl::unexpected(values.error());
    logits.values = std::move(*values);
    return logits;
  }
};

Result<Inference> Inference::create(Device& device, const Network& network,
                                    const std::map<std::string, HostTensor>& weights) {
  const auto planned = graph::plan_forward(network, 1);
  if (!planned) return tl::unexpected(planned.error());
  auto store = Store::create(device, planned->contents, 0, {}, 0);
  if (!store) return tl::unexpected(store.error());
  if (auto written = store->write(weights); !written) return tl::unexpected(written.error());
  return Inference(std::make_unique<Impl>(device, network, std::move(*store)));
}

Inference::Inference(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Inference::Inference(Inference&&) noexcept = default;
Inference& Inference::operator=(Inference&&) noexcept = default;
Inference::~Inference() = default;

Result<Logits> Inference::run(std::span<const float> x) {
  return impl_->run(x);
}

}  // namespace weft
