// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/planner.h"

#include <algorithm>
#include <numeric>

namespace weft::graph {

Plan plan_memory(std::span<const Life> lives) {
  Plan plan{.offsets = std::vector<std::uint64_t>(lives.size())};
  std::vector<std::size_t> order(lives.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return lives[i].bytes == 0; });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lives[a].bytes > lives[b].bytes; });

  std::vector<std::size_t> placed;  // by ascending offset
  for (const std::size_t tensor : order) {
    const Life& life = lives[tensor];
    std::uint64_t offset = 0;
    for (const std::size_t other : placed) {
      if (lives[other].last < life.first || life.last < lives[other].first) continue;
      if (offset + life.bytes <= plan.offsets[other]) break;
      offset = std::max(offset, plan.offsets[other] + lives[other].bytes);
    }
    plan.offsets[tensor] = offset;
    plan.peak_bytes = std::max(plan.peak_bytes, offset + life.bytes);
    plan.total_bytes += life.bytes;
    placed.insert(std::upper_bound(placed.begin(), placed.end(), tensor,
                                   [&](std::size_t a, std::size_t b) {
                                     return plan.offsets[a] < plan.offsets[b];
                                   }),
                  tensor);
  }
  return plan;
}

std::vector<Life> find_lives(const Contents& contents, const std::vector<bool>& elsewhere) {
  std::vector<Life> lives(contents.tensors.size());
  for (std::size_t i = 0; i < contents.operators.size(); ++i) {
    for (const std::uint32_t input : contents.operators[i].inputs) lives[input].last = i;
    for (const std::uint32_t output : contents.operators[i].outputs) {
      if (elsewhere[output]) continue;
      lives[output] = {
          .bytes = padded_bytes(contents.tensors[output].shape), .first = i, .last = i};
    }
  }
  return lives;
}

}  // namespace weft::graph
