// SPDX-License-Identifier: Apache-2.0
// weft_load: rows of tables, gathered by indices in V.
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::LoadFormat;
using MatrixSource = spec::Source;
using spec::Target;

class Gather : public Units {
 protected:
  // Indices lie here, results below.
  static constexpr std::size_t kIndexWord = 900;
  static constexpr std::size_t kVectors = 20;
  static constexpr std::size_t kVectorWords = 6;

  static std::uint16_t vector_word(std::size_t number) {
    return static_cast<std::uint16_t>(kIndexWord + number * kVectorWords);
  }

  void set_index(std::size_t word, std::size_t row, std::uint32_t index) {
    expected.v()[word * 16 + row] = actual.v()[word * 16 + row] = index;
  }

  // Picks any rows of the table, the first and the last among them.
  void deal_indices(const spec::Load& load) {
    for (std::size_t r = 0; r < load.rows; ++r) {
      const auto index = dice.one_in(6) ? 0 : dice.between(0, load.table_rows - 1);
      set_index(load.src, r,
                static_cast<std::uint32_t>(dice.one_in(6) ? load.table_rows - 1 : index));
    }
  }

  // Tables of any number of rows at any distance, from anywhere in a beat.
  spec::Load random_gather(std::size_t vector) {
    for (;;) {
      spec::Load load{.target = Target::kV, .source = MatrixSource::kGather};
      load.format = dice.one_in(2) ? LoadFormat::kFp32 : LoadFormat::kBf16;
      const std::uint64_t size = load.format == LoadFormat::kBf16 ? 2 : 4;
      load.rows = static_cast<std::uint16_t>(dice.between(1, dice.one_in(2) ? 96 : 10));
      load.cols = static_cast<std::uint16_t>(dice.between(1, dice.one_in(3) ? 700 : 70));
      load.src = vector_word(vector);
      load.table_rows = static_cast<std::uint32_t>(dice.between(1, dice.one_in(2) ? 2000 : 20));
      load.offset = dice.between(0, kMemory / 8) * size;
      const auto stride = dice.one_in(3) ? load.cols : dice.between(0, 900);
      load.row_stride = static_cast<std::uint32_t>(stride * size);
      load.dst = static_cast<std::uint16_t>(dice.between(0, 300));
      load.dst_pitch = static_cast<std::uint16_t>(dice.between(0, 50));
      const auto end = load.dst + (load.rows - 1) * load.dst_pitch + (load.cols + 15) / 16;
      if (end <= static_cast<int>(kIndexWord) && legal(load)) return load;
    }
  }

  // A quantising load, of memory or of what is in V.
  spec::Load random_operand() {
    for (;;) {
      spec::Load load{.target = dice.one_in(2) ? Target::kA : Target::kB,
                      .format = LoadFormat::kFp32,
                      .rows = static_cast<std::uint16_t>(dice.between(1, 40)),
                      .cols = static_cast<std::uint16_t>(dice.between(1, 70)),
                      .dst_pitch = 2};
      if (dice.one_in(2)) {
        load.source = MatrixSource::kV;
        load.src = static_cast<std::uint16_t>(dice.between(0, 400));
        load.src_pitch = static_cast<std::uint16_t>(dice.between(0, 9));
      } else {
        load.offset = 4 * dice.between(0, 4000);
        load.row_stride = static_cast<std::uint32_t>(4 * dice.between(0, 300));
      }
      if (dice.one_in(2)) load.transpose = spec::Transpose::kYes;
      if (legal(load)) return load;
    }
  }

  // Cycles the unit works on it, with memory of latency 64 and nothing else to wait for.
  std::uint64_t cycles_of(const spec::Load& load) {
    EXPECT_TRUE(legal(load));
    deal_indices(load);
    never_stall(64);
    issue(load);
    const auto before = active[0];
    run(100000);
    compare();
    return active[0] - before;
  }
};

TEST_F(Gather, RandomRowsOfRandomTables) {
  for (int round = 0; round < 10 && !HasFailure(); ++round) {
    fail_at(0);
    for (std::size_t i = 0; i < kVectors; ++i) {
      const auto load = random_gather(i);
      deal_indices(load);
      issue(load);
    }
    run(400000);
    compare();
    EXPECT_TRUE(index_errors.empty());
  }
}

// Indices of more than 16 bits: a table of so many narrow rows that both halves of an index count.
TEST_F(Gather, RowsBehindTheFirst65536) {
  spec::Load load{.target = Target::kV, .source = MatrixSource::kGather};
  load.format = LoadFormat::kBf16;
  load.rows = 40;
  load.cols = 1;
  load.row_stride = 2;
  load.table_rows = 70000;
  load.src = vector_word(0);
  load.dst_pitch = 1;
  ASSERT_TRUE(legal(load));
  for (std::size_t r = 0; r < load.rows; ++r) {
    set_index(load.src, r, static_cast<std::uint32_t>(dice.between(65530, 69999)));
  }
  issue(load);
  run(100000);
  compare();
  EXPECT_TRUE(index_errors.empty());
}

// The indices of a gather are read while loads before it still read V.
TEST_F(Gather, AmongLoadsOfOtherKinds) {
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    fail_at(0);
    for (std::size_t i = 0; i < kVectors; ++i) {
      const auto load = random_gather(i);
      deal_indices(load);
      issue(load);
      for (auto others = dice.between(0, 2); others > 0; --others) issue(random_operand());
    }
    run(400000);
    compare();
  }
}

// Rows arrive before it is known where the next begin.
TEST_F(Gather, IndicesComeSlowly) {
  load_reads_every = 101;
  for (int round = 0; round < 3 && !HasFailure(); ++round) {
    never_stall(2);
    for (std::size_t i = 0; i < kVectors; ++i) {
      const auto load = random_gather(i);
      deal_indices(load);
      issue(load);
    }
    run(400000);
    compare();
  }
}

// Whatever the index is, a row of the table is read, and the report names the index.
TEST_F(Gather, AnIndexOutOfRangeIsReportedAndReadsTheFirstRow) {
  for (int round = 0; round < 40 && !HasFailure(); ++round) {
    fail_at(0);
    index_errors.clear();
    const auto good = random_gather(0);
    const auto load = random_gather(1);
    deal_indices(good);
    deal_indices(load);
    const auto row = dice.between(0, load.rows - 1u);
    const auto bad = dice.one_in(2)
                         ? load.table_rows
                         : static_cast<std::uint32_t>(dice.between(load.table_rows, 0xffff'ffff));
    set_index(load.src, row, 0);
    issue(good);
    issue(load);
    set_index(load.src, row, bad);
    issue(good);
    const auto first = static_cast<std::uint32_t>(3 * round);
    run(100000);
    compare();
    ASSERT_EQ(index_errors.size(), 1u);
    EXPECT_EQ(index_errors[0].command, first + 1);
    EXPECT_EQ(index_errors[0].address, bad);
  }
}

// Rows of 256 bytes keep the port busy. One row takes at least two cycles, which shows where a row
// is a beat.
TEST_F(Gather, KeepsThePortBusy) {
  spec::Load load{.target = Target::kV,
                  .format = LoadFormat::kFp32,
                  .rows = 90,
                  .cols = 64,
                  .offset = 0,
                  .row_stride = 256,
                  .dst_pitch = 4,
                  .source = MatrixSource::kGather,
                  .src = kIndexWord,
                  .table_rows = 1000};
  constexpr std::uint64_t kFixed = 64 + 40;  // latency, and the way of the first and the last row
  const auto report = [&](const char* name, std::uint64_t least) {
    const auto cycles = cycles_of(load);
    std::cout << load.rows << " rows of " << load.cols << ", " << name << ": " << cycles
              << " cycles\n";
    EXPECT_GE(cycles, least);
    EXPECT_LE(cycles, least + kFixed) << name;
  };
  report("aligned", 90u * 256 / kBytes);
  load.offset = 4;
  report("within beats", 90u * (256 / kBytes + 1));
  load.offset = 0;
  load.cols = kLanes;
  load.row_stride = kBytes;
  report("of a beat", 90u * 2);
}

TEST_F(Gather, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (std::size_t i = 0; i < 4; ++i) {
      const auto load = random_gather(i);
      deal_indices(load);
      issue(load);
    }
    run_and_reset(dice.between(1, 300));
    EXPECT_EQ(dut->active_o, 0);
    const auto load = random_gather(7);
    deal_indices(load);
    issue(random_operand());
    issue(load);
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
