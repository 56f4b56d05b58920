// SPDX-License-Identifier: Apache-2.0
// weft_load: random matrices of every format into A, B and V.
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::LoadFormat;
using spec::Rounding;
using MatrixSource = spec::Source;
using spec::Target;
using spec::Transpose;

class LoadUnit : public Units {
 protected:
  // Rows of a random matrix that fits; sizes around the edges of blocks, beats and cells.
  spec::Load random_load() {
    for (;;) {
      spec::Load load;
      load.target = static_cast<Target>(dice.between(0, 2));
      load.format = static_cast<LoadFormat>(dice.between(0, 3));
      load.rows =
          static_cast<std::uint16_t>(dice.one_in(4) ? dice.between(1, 70) : dice.between(1, 18));
      load.cols =
          static_cast<std::uint16_t>(dice.one_in(4) ? dice.between(1, 700) : dice.between(1, 70));
      const bool packed = load.format == LoadFormat::kMxint8;
      const std::uint64_t size = packed                             ? 64
                                 : load.format == LoadFormat::kFp32 ? 4
                                 : load.format == LoadFormat::kBf16 ? 2
                                                                    : 1;
      load.offset = dice.between(0, kMemory / 4) / size * size;
      const auto stride = dice.one_in(3) ? dice.between(0, 5000) : load.cols * size;
      load.row_stride = packed ? 0 : static_cast<std::uint32_t>(stride / size * size);
      if (!packed && dice.one_in(2)) split(load, size);
      load.dst = static_cast<std::uint16_t>(dice.between(0, 600));
      load.dst_pitch = static_cast<std::uint16_t>(dice.between(0, 60));
      if (legal(load)) return load;
    }
  }

  // One that quantises: transposed or not, from memory or V, stochastic or not.
  spec::Load random_quantising(bool transposes) {
    for (;;) {
      spec::Load load;
      load.target = dice.one_in(2) ? Target::kA : Target::kB;
      load.format = dice.one_in(3) ? LoadFormat::kBf16 : LoadFormat::kFp32;
      const auto size = [&] {
        const std::vector<std::uint16_t> edges{1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 97};
        return dice.one_in(2)
                   ? dice.pick(edges)
                   : static_cast<std::uint16_t>(dice.between(1, dice.one_in(3) ? 200 : 40));
      };
      load.rows = size();
      load.cols = size();
      load.dst = static_cast<std::uint16_t>(dice.between(0, dice.one_in(2) ? 8 : 200));
      load.dst_pitch = static_cast<std::uint16_t>(dice.between(0, 8));
      if (transposes) load.transpose = Transpose::kYes;
      if (dice.one_in(2)) {
        load.rounding = Rounding::kStochastic;
        load.seed = static_cast<std::uint32_t>(dice.bits());
        load.tensor = static_cast<std::uint16_t>(dice.bits());
      }
      const std::uint64_t bytes_each = load.format == LoadFormat::kBf16 ? 2 : 4;
      if (dice.one_in(3)) {
        load.source = MatrixSource::kV;
        load.format = LoadFormat::kFp32;
        load.src = static_cast<std::uint16_t>(dice.between(0, 200));
        load.src_pitch = static_cast<std::uint16_t>(dice.between(0, 20));
        if (load.rounding == Rounding::kStochastic) {
          load.offset = dice.bits() >> dice.between(0, 60) << 2;
          load.row_stride = static_cast<std::uint32_t>(dice.bits() >> dice.between(32, 60) << 2);
        }
      } else {
        // Rows at the starts of beats, as loads of whole tensors have them, or anywhere.
        const bool aligned = dice.one_in(2);
        const std::uint64_t unit = aligned ? 64 : bytes_each;
        load.offset = dice.between(0, kMemory / 4) / unit * unit;
        const auto stride = dice.one_in(3) ? dice.between(0, 1000) : load.cols * bytes_each;
        load.row_stride = static_cast<std::uint32_t>((stride + unit - 1) / unit * unit);
        if (dice.one_in(2)) split(load, unit);
      }
      if (legal(load)) return load;
    }
  }

  // Rows into groups, or none where there are too few, anywhere at multiples of `unit`.
  void split(spec::Load& load, std::uint64_t unit) {
    const auto all = load.rows;
    load.rows = static_cast<std::uint16_t>(dice.between(1, dice.one_in(2) ? all : 1 + all / 10));
    load.extra_groups = static_cast<std::uint16_t>(all / load.rows - 1u);
    if (load.extra_groups == 0) return;
    const auto stride = dice.one_in(4) ? 0 : dice.between(0, dice.one_in(2) ? 8000 : 300);
    load.group_stride = static_cast<std::uint32_t>(stride / unit * unit);
  }

  // Cycles the unit works on one load of B, with memory of latency 64 and nothing else to wait for.
  std::uint64_t cycles_of(const spec::Load& load) {
    EXPECT_TRUE(legal(load));
    never_stall(64);
    issue(load);
    const auto before = active[0];
    run(100000);
    compare();
    return active[0] - before;
  }

  // Numbers where numbers are read, so that blocks are not all NaN.
  void fill_with_numbers() {
    for (std::size_t i = 0; i < kMemory / 2; i += 4) {
      const std::uint32_t number = random_fp32(dice);
      std::memcpy(&bytes[i], &number, 4);
    }
    std::memcpy(expected_memory[0].data(), bytes.data(), kMemory);
  }
};

TEST_F(LoadUnit, RandomMatricesArriveAsTheSpecificationSays) {
  for (int round = 0; round < 6 && !HasFailure(); ++round) {
    if (round % 2 == 0) fill_with_numbers();
    fail_at(0);
    for (int i = 0; i < 25; ++i) issue(random_load());
    run(400000);
    compare();
  }
}

TEST_F(LoadUnit, QuantisedMatricesOfEverySourceOrderAndRounding) {
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    if (round == 2) fill_with_numbers();
    fail_at(0);
    for (int i = 0; i < 25; ++i) issue(random_quantising(round < 4 || dice.one_in(2)));
    run(400000);
    compare();
  }
}

// The longest rows there are: their bytes, with what precedes the row in its first beat, need more
// bits than the row alone.
TEST_F(LoadUnit, LongestRowsFromAnyPlaceInABeat) {
  for (const std::uint16_t cols : {65505, 65506, 65520, 65521, 65535}) {
    for (const std::uint64_t shift : {0, 4, 60}) {
      const spec::Load load{.target = Target::kV,
                            .format = LoadFormat::kFp32,
                            .rows = 2,
                            .cols = cols,
                            .offset = shift,
                            .row_stride = 0,
                            .dst_pitch = 4096};
      if (!legal(load)) continue;  // beyond the bench's memory, or the V of small
      never_stall(4);
      issue(load);
      run(400000);
      compare();
    }
  }
}

// Ways, sources and roundings alternate; what a load from V reads, loads before it have written,
// and loads behind it overwrite.
TEST_F(LoadUnit, CommandsOfAllKindsOneBehindTheOther) {
  for (int round = 0; round < 6 && !HasFailure(); ++round) {
    if (round % 2 == 0) fill_with_numbers();
    fail_at(0);
    for (int i = 0; i < 40; ++i) {
      if (dice.one_in(2)) {
        issue(random_quantising(dice.one_in(2)));
      } else {
        spec::Load load = random_load();
        if (load.target == Target::kV) load.dst %= 100;
        issue(legal(load) ? load : random_load());
      }
    }
    run(400000);
    compare();
  }
}

// An image of pixels of 24 channels: a row for each window, of one line of it.
TEST_F(LoadUnit, WindowsOfAnImageAreRowsOrTheContraction) {
  fill_with_numbers();
  constexpr unsigned kChannels = 24, kSide = 7;  // with the border
  for (const unsigned kernel : {1u, 3u, 5u}) {
    for (const unsigned step : {1u, 2u}) {
      spec::Load load{.target = Target::kA, .format = LoadFormat::kFp32};
      const auto windows = (kSide - kernel) / step + 1;
      load.rows = static_cast<std::uint16_t>(windows);
      load.extra_groups = static_cast<std::uint16_t>(windows - 1);
      load.cols = static_cast<std::uint16_t>(kernel * kChannels);
      load.offset = 4 * kSide * kChannels;  // the kernel's second line
      load.row_stride = step * kChannels * 4;
      load.group_stride = step * kSide * kChannels * 4;
      load.dst_pitch = 2;
      ASSERT_TRUE(legal(load));
      issue(load);
      load.rounding = Rounding::kStochastic;
      load.seed = 7;
      load.dst = 8;
      ASSERT_TRUE(legal(load));
      issue(load);
      load.dst = 0;
      load.transpose = Transpose::kYes;
      load.target = Target::kB;
      ASSERT_TRUE(legal(load));
      issue(load);
    }
  }
  run(400000);
  compare();
}

// More groups than eight bits count, each of one row.
TEST_F(LoadUnit, SixHundredGroups) {
  spec::Load load{.target = Target::kV, .format = LoadFormat::kFp32, .rows = 1, .cols = 1};
  load.extra_groups = 599;
  load.group_stride = 20;
  load.dst_pitch = 1;
  ASSERT_TRUE(legal(load));
  issue(load);
  run(400000);
  compare();
}

// Tiles of one block follow each other faster than they are rounded; each keeps its rows' indices.
TEST_F(LoadUnit, TinyTransposedLoadsAreRoundedByTheirOwnIndices) {
  fill_with_numbers();
  for (int i = 0; i < 200; ++i) {
    spec::Load load{.target = Target::kB, .format = LoadFormat::kFp32, .cols = 1};
    load.transpose = Transpose::kYes;
    load.rounding = Rounding::kStochastic;
    load.rows = static_cast<std::uint16_t>(dice.between(1, 3));
    load.offset = 4 * dice.between(0, 9000);
    load.row_stride = 4 * static_cast<std::uint32_t>(dice.between(0, 900));
    load.extra_groups = static_cast<std::uint16_t>(dice.between(1, 3));
    load.group_stride = 4 * static_cast<std::uint32_t>(dice.between(0, 900));
    load.dst = static_cast<std::uint16_t>(i % 16);
    ASSERT_TRUE(legal(load));
    issue(load);
    if (i % 16 == 15) {
      run(100000);
      compare();
    }
  }
  run(100000);
  compare();
}

// 16 elements per cycle in the default configuration, 4 in the small one. Fixed cost: 64 cycles of
// latency, and the way of the last tile through transposer and quantiser.
TEST_F(LoadUnit, ATransposedLoadKeepsThePortBusy) {
  const std::uint16_t side = kBytes == 64 ? 512 : 128;
  spec::Load load{.target = Target::kB, .format = LoadFormat::kFp32, .rows = side, .cols = side};
  load.transpose = Transpose::kYes;
  load.dst_pitch = side / 64;
  load.row_stride = 256;  // rows overlap, to fit; the time is that of any other stride
  const std::uint64_t words = std::uint64_t{side} * side * 4 / kBytes;
  const std::uint64_t tile = 32 * 64 / kBytes;
  const auto report = [&](const char* name, std::uint64_t least) {
    const auto cycles = cycles_of(load);
    std::cout << side << " x " << side << " transposed, " << name << ": " << cycles << " cycles\n";
    EXPECT_GE(cycles, words);
    EXPECT_LE(cycles, least + 64 + tile + 40) << name;
    load.rounding = Rounding::kStochastic;
    EXPECT_LE(cycles_of(load), least + 64 + tile + 50) << name << ", stochastic";
    load.rounding = Rounding::kNearest;
  };
  report("memory", words);
  load.format = LoadFormat::kBf16;
  report("memory, bf16", words);
  load.format = LoadFormat::kFp32;
  load.offset = 4;  // a row of a strip takes a beat more
  report("memory, rows within beats", words + words * kBytes / 64);
  load.source = MatrixSource::kV;
  load.offset = 0;
  load.row_stride = 0;
  load.src_pitch = 8;
  report("V", words + 2 * (side / 16));  // a strip's words are requested by a command of their own
}

// Commands of one way follow each other without a gap where memory allows it.
TEST_F(LoadUnit, ManySmallCommandsOfOneKind) {
  for (const auto format : {LoadFormat::kInt8, LoadFormat::kMxint8, LoadFormat::kBf16}) {
    for (int i = 0; i < 40; ++i) {
      spec::Load load{.target = format == LoadFormat::kInt8 ? Target::kA : Target::kB,
                      .format = format,
                      .rows = static_cast<std::uint16_t>(dice.between(1, 3)),
                      .cols = static_cast<std::uint16_t>(dice.between(1, 64)),
                      .offset = 64 * dice.between(0, 2000),
                      .row_stride = format == LoadFormat::kMxint8 ? 0u : 128u,
                      .dst = static_cast<std::uint16_t>(dice.between(0, 15))};
      ASSERT_TRUE(legal(load));
      issue(load);
    }
    run(100000);
    compare();
    if (HasFailure()) return;
  }
}

TEST_F(LoadUnit, AnErrorIsReportedWithItsCommandAndBurstAndTheCommandStillRetires) {
  const spec::Load good{.target = Target::kA,
                        .format = LoadFormat::kInt8,
                        .rows = 16,
                        .cols = 64,
                        .offset = 0,
                        .row_stride = 64};
  spec::Load bad = good;
  bad.offset = 8192 + 32;
  spec::Load turned = bad;
  turned.format = LoadFormat::kFp32;
  turned.transpose = Transpose::kYes;
  turned.rows = 40;
  turned.cols = 20;
  turned.row_stride = 80;
  turned.dst_pitch = 1;
  fail_at(8192 + 500);
  issue(good);
  issue(bad);
  issue(turned);
  issue(good);
  run(100000);
  std::array<std::size_t, 4> errors{};
  for (const Error& error : load_errors) {
    ++errors.at(error.command);
    EXPECT_LE(error.address, kBase + 8192 + 500);
    EXPECT_GT(error.address + 4096, kBase + 8192 + 500);
  }
  EXPECT_EQ(errors[0] + errors[3], 0u);
  EXPECT_GT(errors[1], 0u);
  EXPECT_GT(errors[2], 0u);
}

TEST_F(LoadUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) {
      issue(dice.one_in(2) ? random_load() : random_quantising(dice.one_in(2)));
    }
    run_and_reset(dice.between(1, 400));
    EXPECT_EQ(dut->active_o, 0);
    issue(random_load());
    issue(random_quantising(true));
    issue(random_quantising(false));
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
