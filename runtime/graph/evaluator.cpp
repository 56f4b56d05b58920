// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/evaluator.h"

#include <algorithm>
#include <utility>

namespace weft::graph {
namespace {

constexpr std::size_t kRows = 256;

// Graphs without gradients round nothing stochastically; their one seed is never read.
const Scalars kNoScalars{.seeds = {0}};

}  // namespace

Result<Evaluator::Compiled*> Evaluator::compiled(std::uint32_t rows) {
  auto& slot = by_rows_[rows];
  if (slot) return slot.get();
  auto planned = plan_graph(network_, rows, 0);
  if (!planned) return tl::unexpected(planned.error());
  auto made = std::make_unique<Compiled>();
  made->graph = std::move(*planned);
  auto memory = make_arena(device_, made->graph);
  if (!memory) return tl::unexpected(memory.error());
  made->arena = std::move(*memory);
  auto bound = BoundGraph::create(device_, made->graph, {store_, made->arena}, 0);
  if (!bound) return tl::unexpected(bound.error());
  auto done = bound->append_to(made->list, device_.info(), made->graph, 0, kNoScalars);
  if (!done) return tl::unexpected(done.error());
  made->bound.emplace(std::move(*bound));
  slot = std::move(made);
  return slot.get();
}

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
  const std::size_t width = network_.inputs();
  Evaluation total;
  for (std::size_t done = 0; done < labels.size();) {
    const std::size_t rows = std::min(kRows, labels.size() - done);
    const auto with = compiled(static_cast<std::uint32_t>(rows));
    if (!with) return tl::unexpected(with.error());
    const double weight = static_cast<double>(rows) / static_cast<double>(labels.size());
    auto added = add(**with, x.subspan(done * width, rows * width), labels.subspan(done, rows),
                     weight, total);
    if (!added) return tl::unexpected(added.error());
    done += rows;
  }
  return total;
}

}  // namespace weft::graph
