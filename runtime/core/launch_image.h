// SPDX-License-Identifier: Apache-2.0
// The records of a launch as bytes: completion (zeroed), launch record, list, binding tables, one
// block that is copied to the arena in one write.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weft/spec.h"

namespace weft::core {

inline constexpr std::uint64_t kCompletionBytes = 512;
inline constexpr std::uint64_t kLaunchBytes = 64;
inline constexpr std::uint64_t kEntryBytes = 128;
inline constexpr std::uint64_t kBindingBytes = 32;

struct ImageStep {
  std::uint64_t program = 0;  // offset of the commands in the arena
  std::uint32_t commands = 0;
  std::vector<spec::Binding> bindings;
  std::array<std::uint32_t, spec::kScalars> scalars{};
};

// Offsets from the start of the arena.
struct LaunchImage {
  std::uint64_t completion = 0;
  std::uint64_t launch = 0;
  std::vector<std::byte> bytes;  // to be written at `completion`
};

[[nodiscard]] std::uint64_t launch_image_bytes(std::span<const ImageStep> steps);

// `base` is where the image goes, a multiple of 512. Mode identify and reset have no steps.
[[nodiscard]] LaunchImage make_launch_image(std::uint64_t base, spec::LaunchMode mode,
                                            std::span<const ImageStep> steps,
                                            std::uint32_t stall_limit);

}  // namespace weft::core
