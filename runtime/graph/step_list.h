// SPDX-License-Identifier: Apache-2.0
// runtime/graph/step_list.h: operators of a card as one list of launch steps, made once, launched
// often; what changes from launch to launch are scalars.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/contents.h"
#include "weft/device.h"
#include "weft/queue.h"
#include "weft/result.h"

namespace weft::graph {

// The numbers of one step.
struct Scalars {
  std::vector<std::uint32_t> seeds;  // of stochastic rounding, by part
  float learning_rate = 0;
  std::uint64_t step = 1;  // counted from 1
};

using MakeSteps = std::function<Result<std::vector<Step>>(const Scalars&)>;

// An operator ready to launch.
struct ListedOperator {
  std::string name;
  Phase phase = Phase::kOther;
  double multiplies = 0;  // of its product, M N K
  MakeSteps steps;        // for given scalars; always the same programs
  bool changes = false;   // whether scalars change the steps
  // Tensors of its graph that it writes; none: the weights, or the sum of gradients.
  std::vector<std::uint32_t> outputs{};
  std::uint32_t part = 0;
};

// Adds the cycles of a launch, where there is a clock.
inline void add_cycles(std::optional<std::uint64_t>& sum,
                       const std::optional<std::uint64_t>& cycles) {
  if (cycles) sum = sum.value_or(0) + *cycles;
}

class StepList {
 public:
  // Makes the operator's steps with `scalars`, which only fixes their programs and views.
  [[nodiscard]] Result<void> append(ListedOperator operation, const Scalars& scalars);

  // One launch of everything. Returns its cycles where there is a clock.
  [[nodiscard]] Result<std::optional<std::uint64_t>> run(Device& device, const Scalars& scalars);

  // The same bytes from several launches: operators that follow each other in one phase are one.
  // Adds to `costs`; their sum exceeds the cycles of run() by the start of each launch. Returns it.
  [[nodiscard]] Result<std::optional<std::uint64_t>> run_by_phase(Device& device,
                                                                  const Scalars& scalars,
                                                                  PhaseCosts& costs);

  // One launch per operator; `seen` is called after each and stops the run with an error.
  using Seen = std::function<Result<void>(const ListedOperator&, const LaunchReport&)>;
  [[nodiscard]] Result<void> run_traced(Device& device, const Scalars& scalars, const Seen& seen);

  [[nodiscard]] std::size_t steps() const { return launch_.steps.size(); }
  [[nodiscard]] const std::vector<ListedOperator>& operators() const { return operators_; }

 private:
  [[nodiscard]] Result<void> set(const Scalars& scalars);
  [[nodiscard]] Result<LaunchReport> run_range(Device& device, std::size_t first,
                                               std::size_t last) const;

  std::vector<ListedOperator> operators_;
  std::vector<std::size_t> begins_;  // first step of each operator
  Launch launch_;
};

}  // namespace weft::graph
