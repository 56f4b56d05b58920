// SPDX-License-Identifier: Apache-2.0
// SampleLaunch: a launch that uses every unit, laid out in an arena, with what it must leave there.
//
// Each of its programs loads two matrices, multiplies them and stores the rectified product.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/conformance/random.h"
#include "weft/spec.h"

namespace weft::test {

inline constexpr std::uint64_t kRecord = 64;  // offsets in the arena
inline constexpr std::uint64_t kCompletion = 512;
inline constexpr std::uint64_t kAData = 0x10000;
inline constexpr std::uint64_t kBData = 0x20000;
inline constexpr std::uint64_t kResult = 0x30000;
inline constexpr std::uint64_t kArenaBytes = 0x80000;

struct SampleLaunch {
  std::vector<std::uint8_t> arena;     // before
  std::vector<std::uint8_t> expected;  // the result
  std::uint64_t matmul_steps = 0;      // of all programs
};

// `programs` times the same program, on new random data.
SampleLaunch sample_launch(Dice& dice, const spec::Config& config, std::uint32_t programs,
                           std::uint32_t stall_limit = 0);
// Asks for the identity only.
std::vector<std::uint8_t> identify_record();

spec::Completion completion_in(std::span<const std::uint8_t> arena);

}  // namespace weft::test
