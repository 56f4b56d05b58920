// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/memory_use.h: which bytes of memory a launch reads and writes, found from its
// commands without running them.
//
// Commands count in stream order, which is what every device's results equal. A command that would
// fault ends its step: what comes after it is not counted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/bundle/intervals.h"
#include "runtime/program/image.h"
#include "weft/spec.h"

namespace weft::bundle {

// One step: its commands and where its bindings lie. Steps of a launch share one address space.
struct StepMemory {
  std::span<const CommandBytes> commands;
  std::span<const spec::Binding> bindings;
};

struct MemoryUse {
  Intervals read;  // read before any command of the launch wrote it
  Intervals written;
};

[[nodiscard]] MemoryUse memory_use(std::span<const StepMemory> steps, const spec::Config& config);

}  // namespace weft::bundle
