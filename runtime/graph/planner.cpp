// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/planner.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace weft::graph {
namespace {

// A range for maps of one layout, one after another.
struct Slot {
  std::uint32_t layout = 0;
  std::uint64_t offset = 0;
  std::size_t free_from = 0;  // operator
};

// By the operator that writes them, each into the first slot of its layout that is free.
void place_bordered(std::span<const Life> lives, Plan& plan) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (lives[i].bytes > 0 && lives[i].layout != 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lives[a].first < lives[b].first; });
  std::vector<Slot> slots;
  for (const std::size_t tensor : order) {
    const Life& life = lives[tensor];
    auto slot = std::find_if(slots.begin(), slots.end(), [&](const Slot& each) {
      return each.layout == life.layout && each.free_from <= life.first;
    });
    if (slot == slots.end()) {
      slots.push_back({.layout = life.layout, .offset = plan.peak_bytes});
      slot = std::prev(slots.end());
      plan.peak_bytes += life.bytes;
    }
    slot->free_from = life.last + 1;
    plan.offsets[tensor] = slot->offset;
    plan.total_bytes += life.bytes;
  }
}

// Numbers of layouts, in the order they are met.
class Layouts {
 public:
  std::uint32_t of(const TensorEntry& tensor) {
    if (tensor.border == 0) return 0;
    const auto same = std::find_if(known_.begin(), known_.end(), [&](const TensorEntry* each) {
      return each->shape == tensor.shape && each->border == tensor.border;
    });
    const auto number = static_cast<std::uint32_t>(same - known_.begin() + 1);
    if (same == known_.end()) known_.push_back(&tensor);
    return number;
  }

 private:
  std::vector<const TensorEntry*> known_;
};

}  // namespace

Plan plan_memory(std::span<const Life> lives) {
  Plan plan{.offsets = std::vector<std::uint64_t>(lives.size())};
  std::vector<std::size_t> order(lives.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return lives[i].bytes == 0 || lives[i].layout != 0; });
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
  plan.zeroed_from = plan.peak_bytes;
  place_bordered(lives, plan);
  return plan;
}

std::vector<Life> find_lives(const Contents& contents, const std::vector<bool>& elsewhere) {
  std::vector<Life> lives(contents.tensors.size());
  Layouts layouts;
  for (std::size_t i = 0; i < contents.operators.size(); ++i) {
    for (const std::uint32_t input : contents.operators[i].inputs) lives[input].last = i;
    for (const std::uint32_t output : contents.operators[i].outputs) {
      if (elsewhere[output]) continue;
      const TensorEntry& tensor = contents.tensors[output];
      lives[output] = {
          .bytes = padded_bytes(tensor), .first = i, .last = i, .layout = layouts.of(tensor)};
    }
  }
  return lives;
}

}  // namespace weft::graph
