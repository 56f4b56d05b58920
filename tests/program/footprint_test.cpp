// SPDX-License-Identifier: Apache-2.0
// Boxes and footprints against the definition, unit by unit.
#include "runtime/program/footprint.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/conformance/random.h"
#include "tests/program/sample.h"

namespace weft::test {
namespace {

using Units = std::set<std::uint64_t>;

Units units(const Box& box) {
  Units result;
  for (std::uint64_t i = 0; i < box.count; ++i) {
    for (std::uint64_t j = 0; j < box.width; ++j) result.insert(box.base + i * box.pitch + j);
  }
  return result;
}

Units units(const Footprint& touched, Space space, bool writes) {
  Units result;
  for (const auto& region : touched.regions()) {
    if (region.space == space && region.writes == writes) result.merge(units(region.box));
  }
  return result;
}

TEST(Box, HoldsTheUnitsOfItsRowsOnceAndItsEnd) {
  Dice dice(6);
  for (int i = 0; i < 5000; ++i) {
    const auto base = dice.between(0, 9), count = dice.between(1, 6);
    const auto pitch = dice.between(0, 9), width = dice.between(1, 9);
    Units expected;
    for (std::uint64_t r = 0; r < count; ++r) {
      for (std::uint64_t c = 0; c < width; ++c) expected.insert(base + r * pitch + c);
    }
    const auto box = make_box(base, count, pitch, width);
    ASSERT_EQ(units(box), expected);
    ASSERT_EQ(box.count * box.width, expected.size());
    ASSERT_EQ(box.end(), *expected.rbegin() + 1);
  }
}

TEST(Box, OverlapIsWhatSharedUnitsSay) {
  Dice dice(7);
  for (int i = 0; i < 20000; ++i) {
    const auto box = [&] {
      return make_box(dice.between(0, 60), dice.between(1, 6), dice.between(0, 12),
                      dice.between(1, 6));
    };
    const auto x = box(), y = box();
    auto both = units(x);
    both.merge(units(y));
    ASSERT_EQ(overlap(x, y), both.size() < units(x).size() + units(y).size());
  }
}

// Where row r, contraction index k of an operand lies, from the specification.
std::uint64_t operand_unit(std::uint64_t cell, std::uint64_t pitch, std::uint64_t r,
                           std::uint64_t k) {
  const auto in = cell + r / 16 * pitch + k / 64;
  return (in * 2 + k / 32 % 2) * 16 + r % 16;
}

TEST(Footprint, OfOperandsIsTheirBlocksRowByRow) {
  Dice dice(8);
  for (int i = 0; i < 500; ++i) {
    spec::Load load;
    load.format = spec::LoadFormat::kFp32;
    load.target = spec::Target::kB;
    load.rows = static_cast<std::uint16_t>(dice.between(1, 50));
    load.cols = static_cast<std::uint16_t>(dice.between(1, 200));
    load.dst = static_cast<std::uint16_t>(dice.between(0, 5));
    load.dst_pitch = static_cast<std::uint16_t>(dice.between(4, 6));
    Units expected;
    for (std::uint64_t r = 0; r < load.rows; ++r) {
      for (std::uint64_t k = 0; k < load.cols; ++k) {
        expected.insert(operand_unit(load.dst, load.dst_pitch, r, k));
      }
    }
    const auto touched = footprint(spec::pack(load));
    ASSERT_EQ(units(touched, Space::kBMantissas, true), expected);
    ASSERT_EQ(units(touched, Space::kBScales, true), expected);
    ASSERT_TRUE(units(touched, Space::kAMantissas, true).empty());
  }
}

TEST(Footprint, OfAMatmulIsBothOperandsPreloadAndResult) {
  const auto image = assembled(
      "matmul arithmetic=int8 preload=v m=17 n=3 k=33 a=1 a_pitch=2 b=5 dst=10 dst_pitch=4 "
      "initial=90");
  const auto touched = footprint(image.commands[0]);
  Units a, b, sum;
  for (std::uint64_t k = 0; k < 33; ++k) {
    for (std::uint64_t m = 0; m < 17; ++m) a.insert(operand_unit(1, 2, m, k));
    for (std::uint64_t n = 0; n < 3; ++n) b.insert(operand_unit(5, 0, n, k));
  }
  for (std::uint64_t m = 0; m < 17; ++m) {
    for (std::uint64_t n = 0; n < 3; ++n) sum.insert((10 + m * 4) * 16 + n);
  }
  EXPECT_EQ(units(touched, Space::kAMantissas, false), a);
  EXPECT_EQ(units(touched, Space::kBMantissas, false), b);
  EXPECT_TRUE(units(touched, Space::kAScales, false).empty());
  EXPECT_EQ(units(touched, Space::kV, true), sum);
  EXPECT_EQ(units(touched, Space::kV, false), (Units{1440, 1441, 1442}));
}

TEST(Footprint, PackedPanelsHaveAHeaderPerRunOf32Chunks) {
  EXPECT_EQ(panel_bytes(1, 1), 128u);
  EXPECT_EQ(panel_bytes(16, 64), 64u * 17);
  EXPECT_EQ(panel_bytes(16, 128), 64u * 33);
  EXPECT_EQ(panel_bytes(16, 129), 64u * 50);
  EXPECT_EQ(panel_bytes(17, 64), 64u * 19);
  EXPECT_EQ(panel_bytes(50, 640), 3 * 64u * (160 + 5) + 64u * (20 + 1));
}

}  // namespace
}  // namespace weft::test
