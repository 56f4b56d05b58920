// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/memory_use.h"

#include "runtime/program/check.h"
#include "runtime/program/footprint.h"

namespace weft::bundle {
namespace {

void count(MemoryUse& use, const Region& region, std::uint64_t base) {
  region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
    if (region.writes) {
      use.written.insert(base + begin, base + end);
    } else {
      use.written.each_gap(base + begin, base + end, [&](std::uint64_t first, std::uint64_t last) {
        use.read.insert(first, last);
      });
    }
  });
}

}  // namespace

MemoryUse memory_use(std::span<const StepMemory> steps, const spec::Config& config) {
  MemoryUse use;
  for (const StepMemory& step : steps) {
    UnitCounts earlier{};
    for (const CommandBytes& command : step.commands) {
      if (check_command(command, earlier, step.bindings, config) != spec::Fault::kNone) break;
      ++earlier[std::to_integer<std::size_t>(command[0]) - 1];
      const Footprint touched = footprint(command);
      for (const Region& region : touched.regions()) {
        if (region.space != Space::kMemory) continue;
        count(use, region, step.bindings[region.binding].offset);
      }
    }
  }
  return use;
}

}  // namespace weft::bundle
