// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/compiled.h"

#include <utility>

namespace weft::graph {

Result<Compiled*> CompiledGraphs::for_rows(std::uint32_t rows) {
  auto& slot = by_rows_[rows];
  if (slot) return slot.get();
  auto planned =
      ends_ == Ends::kLogits ? plan_forward(network_, rows) : plan_graph(network_, rows, 0);
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

}  // namespace weft::graph
