// SPDX-License-Identifier: Apache-2.0
// Random programs that are legal by construction, and small damage to them.
//
// Same seed and configuration, same program, on every machine. A program has 5 to 15 commands for
// all four units in mixed formats, odd sizes, strides, offsets and pitches, transposed and
// stochastic loads, loads from V, chains and reductions of every kind, in place and not, preloads,
// results loaded back from memory, and no more ordering than it needs here and there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/program/image.h"
#include "weft/spec.h"

namespace weft::test {

struct RandomProgram {
  ProgramImage image;                        // verify() accepts it
  std::vector<std::vector<std::byte>> data;  // per binding, contents before the launch
  std::array<std::uint32_t, spec::kScalars> scalars{};
};

// Bindings: "data" (read), "result" (write), "spill" (both). Every launch of it ends in a store.
[[nodiscard]] RandomProgram random_program(const spec::Config& config, std::uint64_t seed);

struct Mutant {
  ProgramImage image;
  std::size_t command = 0;  // the one that changed
  std::string what;         // "command 3: field rows 5 -> 6"
};

// One command changed in a bit, a byte or a field. The result may be legal or not.
[[nodiscard]] Mutant mutate(const ProgramImage& image, std::uint64_t seed);

}  // namespace weft::test
