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
  for (std::uint64_t g = 0; g < box.groups; ++g) {
    for (std::uint64_t i = 0; i < box.count; ++i) {
      for (std::uint64_t j = 0; j < box.width; ++j) {
        result.insert(box.base + g * box.group_pitch + i * box.pitch + j);
      }
    }
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

// A gather reads its indices and, whatever they are, all rows of its table.
TEST(Footprint, OfAGatherHasTheWholeTableAndTheIndices) {
  const spec::Load load{.target = spec::Target::kV,
                        .format = spec::LoadFormat::kBf16,
                        .rows = 18,
                        .cols = 3,
                        .offset = 10,
                        .row_stride = 8,
                        .dst = 4,
                        .dst_pitch = 1,
                        .source = spec::Source::kGather,
                        .src = 2,
                        .table_rows = 5};
  const auto touched = footprint(spec::pack(load));
  Units table, indices, result;
  for (std::uint64_t r = 0; r < 5; ++r) {
    for (std::uint64_t i = 0; i < 6; ++i) table.insert(10 + 8 * r + i);
  }
  for (std::uint64_t r = 0; r < 18; ++r) {
    indices.insert(2 * 16 + r);
    for (std::uint64_t c = 0; c < 3; ++c) result.insert((4 + r) * 16 + c);
  }
  EXPECT_EQ(units(touched, Space::kMemory, false), table);
  EXPECT_EQ(units(touched, Space::kV, false), indices);
  EXPECT_EQ(units(touched, Space::kV, true), result);
}

TEST(Box, RepeatedHoldsTheUnitsOfAllGroupsAndVisitsThem) {
  Dice dice(9);
  for (int i = 0; i < 5000; ++i) {
    const auto group =
        make_box(dice.between(0, 9), dice.between(1, 5), dice.between(0, 9), dice.between(1, 9));
    const auto groups = dice.between(1, 5), pitch = dice.between(0, 60);
    Units expected;
    for (std::uint64_t g = 0; g < groups; ++g) {
      for (const auto unit : units(group)) expected.insert(g * pitch + unit);
    }
    const auto box = repeat(group, groups, pitch);
    ASSERT_EQ(units(box), expected);
    ASSERT_EQ(box.end(), *expected.rbegin() + 1);
    Units visited;
    box.each_row([&](std::uint64_t begin, std::uint64_t end) {
      for (auto unit = begin; unit < end; ++unit) visited.insert(unit);
    });
    ASSERT_EQ(visited, expected);
  }
}

TEST(Box, OverlapIsWhatSharedUnitsSay) {
  Dice dice(7);
  for (int i = 0; i < 20000; ++i) {
    const auto box = [&] {
      const auto group = make_box(dice.between(0, 60), dice.between(1, 6), dice.between(0, 12),
                                  dice.between(1, 6));
      return dice.one_in(2) ? group : repeat(group, dice.between(1, 4), dice.between(0, 40));
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
    load.transpose = static_cast<spec::Transpose>(dice.between(0, 1));
    const bool transposed = load.transpose == spec::Transpose::kYes;
    Units expected;
    for (std::uint64_t r = 0; r < load.rows; ++r) {
      for (std::uint64_t c = 0; c < load.cols; ++c) {
        expected.insert(
            operand_unit(load.dst, load.dst_pitch, transposed ? c : r, transposed ? r : c));
      }
    }
    const auto touched = footprint(spec::pack(load));
    ASSERT_EQ(units(touched, Space::kBMantissas, true), expected);
    ASSERT_EQ(units(touched, Space::kBScales, true), expected);
    ASSERT_TRUE(units(touched, Space::kAMantissas, true).empty());
  }
}

TEST(Footprint, OfGroupsIsEachRowOfEach) {
  Dice dice(11);
  for (int i = 0; i < 1000; ++i) {
    spec::Load load;
    load.format = spec::LoadFormat::kBf16;
    load.target = spec::Target::kA;
    load.rows = static_cast<std::uint16_t>(dice.between(1, 9));
    load.cols = static_cast<std::uint16_t>(dice.between(1, 20));
    load.offset = 2 * dice.between(0, 30);
    load.row_stride = static_cast<std::uint32_t>(2 * dice.between(0, 40));
    load.extra_groups = static_cast<std::uint16_t>(dice.between(1, 5));
    load.group_stride = static_cast<std::uint32_t>(2 * dice.between(0, 300));
    load.dst_pitch = 1;
    load.transpose = static_cast<spec::Transpose>(dice.between(0, 1));
    const bool transposed = load.transpose == spec::Transpose::kYes;
    Units bytes, blocks;
    for (std::uint64_t r = 0; r < (load.extra_groups + 1u) * load.rows; ++r) {
      const auto row =
          load.offset + r / load.rows * load.group_stride + r % load.rows * load.row_stride;
      for (std::uint64_t j = 0; j < 2u * load.cols; ++j) bytes.insert(row + j);
      for (std::uint64_t c = 0; c < load.cols; ++c) {
        blocks.insert(operand_unit(0, 1, transposed ? c : r, transposed ? r : c));
      }
    }
    const auto touched = footprint(spec::pack(load));
    ASSERT_EQ(units(touched, Space::kMemory, false), bytes);
    ASSERT_EQ(units(touched, Space::kAMantissas, true), blocks);
  }
}

TEST(Footprint, OfAStoreOfGroupsKnowsWhetherTheyOverlap) {
  Dice dice(12);
  int overlapping = 0;
  for (int i = 0; i < 20000; ++i) {
    spec::Store store;
    store.format = static_cast<spec::StoreFormat>(dice.between(0, 2));
    const auto size = element_bytes(store.format);
    store.rows = static_cast<std::uint16_t>(dice.between(1, 5));
    store.cols = static_cast<std::uint16_t>(dice.between(1, 5));
    if (store.rows > 1 || dice.one_in(2)) {
      store.row_stride = static_cast<std::uint32_t>((store.cols + dice.between(0, 12)) * size);
    }
    store.extra_groups = static_cast<std::uint16_t>(dice.between(0, 5));
    if (store.extra_groups > 0) {
      store.group_stride = static_cast<std::uint32_t>(dice.between(0, 40) * size);
    }
    const auto touched = footprint(spec::pack(store));
    const auto bytes = units(touched, Space::kMemory, true).size();
    const bool twice = bytes < (store.extra_groups + 1u) * store.rows * store.cols * size;
    ASSERT_EQ(groups_overlap(store), twice) << store.rows << " x " << store.cols;
    overlapping += twice;
    const auto read = units(touched, Space::kV, false);
    ASSERT_EQ(read.size(), store.cols);  // src_pitch is 0
  }
  EXPECT_GT(overlapping, 2000);
  EXPECT_LT(overlapping, 18000);
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

// Elements of V from word `word`, rows `pitch` words apart.
Units matrix_units(std::uint64_t word, std::uint64_t pitch, std::uint64_t rows,
                   std::uint64_t cols) {
  Units result;
  for (std::uint64_t r = 0; r < rows; ++r) {
    for (std::uint64_t c = 0; c < cols; ++c) result.insert((word + r * pitch) * 16 + c);
  }
  return result;
}

TEST(Footprint, OfALoadFromVReadsVAndNoMemory) {
  const auto image = assembled(
      "load target=a source=v format=fp32 transpose=yes rows=40 cols=20 src=7 src_pitch=3 dst=2 "
      "dst_pitch=4");
  const auto touched = footprint(image.commands[0]);
  EXPECT_EQ(units(touched, Space::kV, false), matrix_units(7, 3, 40, 20));
  EXPECT_TRUE(units(touched, Space::kV, true).empty());
  EXPECT_TRUE(units(touched, Space::kMemory, false).empty());
  EXPECT_TRUE(units(touched, Space::kAMantissas, true).contains(operand_unit(2, 4, 19, 39)));
  EXPECT_FALSE(units(touched, Space::kAMantissas, true).contains(operand_unit(2, 4, 20, 0)));
}

TEST(Footprint, OfAVectorIsItsStreamsSideVectorsResultAndReduction) {
  const std::string line =
      "vector multiplicand=second addend=column function=divide divisor=row rows=20 cols=33 src=1 "
      "src_pitch=3 second=100 second_pitch=4 column=200 row=210 reduce=sum reduce_dst=220 ";
  Units reads = matrix_units(1, 3, 20, 33);
  reads.merge(matrix_units(100, 4, 20, 33));
  reads.merge(matrix_units(200, 0, 1, 33));
  reads.merge(matrix_units(210, 0, 1, 20));

  const auto writing = footprint(assembled(line + "dst=300 dst_pitch=5").commands[0]);
  Units writes = matrix_units(300, 5, 20, 33);
  writes.merge(matrix_units(220, 0, 1, 20));
  EXPECT_EQ(units(writing, Space::kV, false), reads);
  EXPECT_EQ(units(writing, Space::kV, true), writes);

  const auto folding =
      footprint(assembled(line + "convert_out=discard reduce_axis=column").commands[0]);
  EXPECT_EQ(units(folding, Space::kV, false), reads);
  EXPECT_EQ(units(folding, Space::kV, true), matrix_units(220, 0, 1, 33));
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
