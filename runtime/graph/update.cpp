// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/update.h"

#include <utility>

#include "weft/kernels.h"

namespace weft::graph {
namespace {

ListedOperator update(MakeSteps steps) {
  return {
      .name = "weights", .phase = Phase::kOptimizer, .steps = std::move(steps), .changes = true};
}

Result<ListedOperator> optimize_with(const DeviceInfo& device, const Store& store,
                                     const Sgd& options) {
  auto kernel = kernels::sgd_momentum(device, store.count());
  if (!kernel) return tl::unexpected(kernel.error());
  const kernels::SgdMomentumArguments arguments{.p = store.weights().view(),
                                                .v = store.moment(0).view(),
                                                .g = store.gradient(0).view(),
                                                .momentum = options.momentum,
                                                .weight_decay = options.weight_decay};
  return update([kernel = std::move(*kernel),
                 arguments](const Scalars& scalars) -> Result<std::vector<Step>> {
    auto now = arguments;
    now.learning_rate = scalars.learning_rate;
    return kernel.steps(now);
  });
}

Result<ListedOperator> optimize_with(const DeviceInfo& device, const Store& store,
                                     const Adamw& options) {
  auto kernel = kernels::adamw(device, store.count());
  if (!kernel) return tl::unexpected(kernel.error());
  const kernels::AdamwArguments arguments{.p = store.weights().view(),
                                          .m = store.moment(0).view(),
                                          .v = store.moment(1).view(),
                                          .g = store.gradient(0).view(),
                                          .beta1 = options.beta1,
                                          .beta2 = options.beta2,
                                          .epsilon = options.epsilon,
                                          .weight_decay = options.weight_decay};
  return update([kernel = std::move(*kernel),
                 arguments](const Scalars& scalars) -> Result<std::vector<Step>> {
    auto now = arguments;
    now.step = scalars.step;
    now.learning_rate = scalars.learning_rate;
    return kernel.steps(now);
  });
}

}  // namespace

std::vector<std::string> moment_names(const Optimizer& optimizer) {
  if (std::holds_alternative<Sgd>(optimizer)) return {"velocity"};
  return {"first", "second"};
}

Result<ListedOperator> accumulate(const DeviceInfo& device, const Store& store, std::size_t from,
                                  std::size_t to) {
  const auto kernel = kernels::accumulate(device, store.count());
  if (!kernel) return tl::unexpected(kernel.error());
  return ListedOperator{
      .name = "gradients",
      .phase = Phase::kOther,
      .steps = [steps = kernel->steps(
                    {.x = store.gradient(from).view(), .y = store.gradient(to).view()})](
                   const Scalars&) -> Result<std::vector<Step>> { return steps; }};
}

Result<ListedOperator> optimize(const DeviceInfo& device, const Store& store,
                                const Optimizer& optimizer) {
  return std::visit([&](const auto& options) { return optimize_with(device, store, options); },
                    optimizer);
}

}  // namespace weft::graph
