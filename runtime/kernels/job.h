// SPDX-License-Identifier: Apache-2.0
// A kernel as parts whose commands follow each other. Making it appends the commands of all parts
// to one program, or, where they are too many, to several, and verifies and caches the result.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/kernels/stream.h"
#include "weft/kernel.h"

namespace weft::kernels {

// Parts [begin, end).
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Job {
  std::string name;  // of kernel and shape
  std::vector<BindingDeclaration> bindings;
  std::vector<std::string> scalars{};
  std::uint32_t parts = 1;
  bool one_program = false;  // keeps in a scratchpad what another program would need
  // Appends a program. At its start scratchpads hold nothing, at its end they are lost.
  std::function<void(CommandStream&, Range)> append;
};

// From the cache, or made.
[[nodiscard]] Result<Programs> make_programs(const DeviceInfo& device, const Job& job);

}  // namespace weft::kernels
