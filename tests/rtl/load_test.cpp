// SPDX-License-Identifier: Apache-2.0
// weft_load: random matrices of every format into A, B and V.
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::LoadFormat;
using spec::Target;

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
      load.dst = static_cast<std::uint16_t>(dice.between(0, 600));
      load.dst_pitch = static_cast<std::uint16_t>(dice.between(0, 60));
      if (legal(load)) return load;
    }
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
  fail_at(8192 + 500);
  issue(good);
  issue(bad);
  issue(good);
  run(100000);
  ASSERT_FALSE(load_errors.empty());
  for (const Error& error : load_errors) {
    EXPECT_EQ(error.command, 1u);
    EXPECT_LE(error.address, kBase + 8192 + 500);
    EXPECT_GT(error.address + 4096, kBase + 8192 + 500);
  }
}

TEST_F(LoadUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) issue(random_load());
    run_and_reset(dice.between(1, 400));
    EXPECT_EQ(dut->active_o, 0);
    issue(random_load());
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
