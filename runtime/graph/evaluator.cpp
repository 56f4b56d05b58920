// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/evaluator.h"

#include <algorithm>

namespace weft::graph {
namespace {

constexpr std::size_t kRows = 256;

}  // namespace

Result<void> Evaluator::add(Compiled& with, std::span<const float> x,
                            std::span<const std::uint32_t> labels, double weight,
                            Evaluation& total) {
  if (auto ready = with.bound->write(x, labels); !ready) return ready;
  const auto cycles = with.list.run(device_, kNoScalars);
  if (!cycles) return tl::unexpected(cycles.error());
  add_cycles(total.cycles, *cycles);
  for (const auto& each : with.list.operators()) total.multiplies += each.multiplies;
  const auto loss = with.bound->loss();
  if (!loss) return tl::unexpected(loss.error());
  total.loss += static_cast<double>(*loss) * weight;
  const auto rows = static_cast<std::uint32_t>(labels.size());
  const auto predictions = with.bound->predictions(rows);
  if (!predictions) return tl::unexpected(predictions.error());
  total.predictions.insert(total.predictions.end(), predictions->begin(), predictions->end());
  return {};
}

Result<Evaluation> Evaluator::evaluate(std::span<const float> x,
                                       std::span<const std::uint32_t> labels) {
  Evaluation total;
  for (std::size_t done = 0; done < labels.size();) {
    const std::size_t rows = std::min(kRows, labels.size() - done);
    const auto with = graphs_.for_rows(static_cast<std::uint32_t>(rows));
    if (!with) return tl::unexpected(with.error());
    const double weight = static_cast<double>(rows) / static_cast<double>(labels.size());
    auto added = add(**with, x.subspan(done * inputs_, rows * inputs_), labels.subspan(done, rows),
                     weight, total);
    if (!added) return tl::unexpected(added.error());
    done += rows;
  }
  return total;
}

}  // namespace weft::graph
