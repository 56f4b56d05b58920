// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/step_list.h"

#include <algorithm>
#include <utility>

namespace weft::graph {

Result<void> StepList::append(ListedOperator operation, const Scalars& scalars) {
  auto steps = operation.steps(scalars);
  if (!steps) return tl::unexpected(steps.error());
  begins_.push_back(launch_.steps.size());
  std::move(steps->begin(), steps->end(), std::back_inserter(launch_.steps));
  operators_.push_back(std::move(operation));
  return {};
}

Result<void> StepList::set(const Scalars& scalars) {
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    if (!operators_[i].changes) continue;
    auto steps = operators_[i].steps(scalars);
    if (!steps) return tl::unexpected(steps.error());
    std::move(steps->begin(), steps->end(),
              launch_.steps.begin() + static_cast<std::ptrdiff_t>(begins_[i]));
  }
  return {};
}

Result<LaunchReport> StepList::run_range(Device& device, std::size_t first,
                                         std::size_t last) const {
  const auto at = [&](std::size_t i) {
    return launch_.steps.begin() +
           static_cast<std::ptrdiff_t>(i < begins_.size() ? begins_[i] : launch_.steps.size());
  };
  return device.queue().run({.steps = {at(first), at(last)}});
}

Result<std::optional<std::uint64_t>> StepList::run(Device& device, const Scalars& scalars) {
  if (auto ready = set(scalars); !ready) return tl::unexpected(ready.error());
  const auto report = device.queue().run(launch_);
  if (!report) return tl::unexpected(report.error());
  return report->cycles;
}

Result<std::optional<std::uint64_t>> StepList::run_by_phase(Device& device, const Scalars& scalars,
                                                            PhaseCosts& costs) {
  if (auto ready = set(scalars); !ready) return tl::unexpected(ready.error());
  std::optional<std::uint64_t> sum;
  for (std::size_t first = 0; first < operators_.size();) {
    std::size_t last = first;
    PhaseCost& cost = costs[static_cast<std::size_t>(operators_[first].phase)];
    for (; last < operators_.size() && operators_[last].phase == operators_[first].phase; ++last) {
      cost.multiplies += operators_[last].multiplies;
    }
    const auto report = run_range(device, first, last);
    if (!report) return tl::unexpected(report.error());
    cost.cycles += report->cycles.value_or(0);
    add_cycles(sum, report->cycles);
    first = last;
  }
  return sum;
}

Result<void> StepList::run_traced(Device& device, const Scalars& scalars, const Seen& seen) {
  if (auto ready = set(scalars); !ready) return ready;
  for (std::size_t i = 0; i < operators_.size(); ++i) {
    const auto report = run_range(device, i, i + 1);
    if (!report) return tl::unexpected(report.error());
    if (auto fine = seen(operators_[i], *report); !fine) return fine;
  }
  return {};
}

}  // namespace weft::graph
