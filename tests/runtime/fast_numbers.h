// SPDX-License-Identifier: Apache-2.0
// What the tests of the functional model's inner loops share: numbers, and the fixture they run in.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "runtime/devices/fast/float_environment.h"
#include "runtime/devices/fast/simd.h"
#include "tests/conformance/random.h"

namespace weft::fast {

// Bits near everything that is special, and anything else.
inline std::uint32_t special_number(test::Dice& dice) {
  static const std::vector<std::uint32_t> kCorners{
      0,          0x80000000, 1,          0x80000001, 0x007fffff, 0x00800000, 0x80800000,
      0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
      0xffc00001, 0x7f800001, 0x42ff0000, 0x42fe8000, 0xc3008000, 0x3f000000, 0x4b000000};
  const std::uint64_t bits = dice.bits();
  switch (bits >> 62) {
    case 0:
      return dice.pick(kCorners);
    case 1:
      return (0x3c000000u + static_cast<std::uint32_t>(bits % 0x0a000000u)) |
             (static_cast<std::uint32_t>(bits >> 30) & 0x80000000u);
    default:
      return static_cast<std::uint32_t>(bits);
  }
}

inline std::vector<std::uint32_t> special_numbers(std::uint64_t seed, std::size_t count) {
  test::Dice dice(seed);
  std::vector<std::uint32_t> out(count);
  for (auto& each : out) each = special_number(dice);
  return out;
}

class FastTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!simd_supported()) FAIL() << "this host has no AVX2 with FMA";
  }
  FloatEnvironment environment_;
};

}  // namespace weft::fast
