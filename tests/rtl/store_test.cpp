// SPDX-License-Identifier: Apache-2.0
// weft_store: random matrices of V to memory in every format.
#include "runtime/program/footprint.h"
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::StoreFormat;

class StoreUnit : public Units {
 protected:
  spec::Store random_store() {
    for (;;) {
      spec::Store store;
      store.format = static_cast<StoreFormat>(dice.between(0, 2));
      store.rows = static_cast<std::uint16_t>(dice.between(1, 12));
      store.cols =
          static_cast<std::uint16_t>(dice.one_in(5) ? dice.between(1, 1200) : dice.between(1, 60));
      const std::uint64_t size = 4u >> static_cast<unsigned>(store.format);
      store.offset = dice.between(0, kMemory / 2) / size * size;
      const auto gap = dice.one_in(3) ? 0 : dice.between(0, dice.one_in(4) ? 5000 : 40);
      store.row_stride = static_cast<std::uint32_t>((store.cols + gap / size) * size);
      store.src = static_cast<std::uint16_t>(dice.between(0, kConfig.v_bytes / 64 - 1));
      store.src_pitch = static_cast<std::uint16_t>(dice.between(0, 80));
      if (dice.one_in(2)) {
        const auto all = store.rows;
        store.rows = static_cast<std::uint16_t>(dice.between(1, all));
        store.extra_groups = static_cast<std::uint16_t>(all / store.rows - 1u);
        if (store.extra_groups > 0) {
          store.group_stride = static_cast<std::uint32_t>(
              (store.cols + dice.between(0, 3) * store.rows * store.cols) * size);
        }
        if (groups_overlap(store)) continue;
      }
      if (legal(store)) return store;
    }
  }
};

TEST_F(StoreUnit, RandomMatricesReachMemoryAndNothingElseChanges) {
  for (int round = 0; round < 6 && !HasFailure(); ++round) {
    fail_at(0);
    for (int i = 0; i < 30; ++i) issue(random_store());
    run(400000);
    compare();
  }
}

// The inside of an image with a border, and every second pixel of every second line.
TEST_F(StoreUnit, PixelsOfAnImage) {
  constexpr unsigned kSide = 9, kChannels = 21;
  for (const auto format : {StoreFormat::kWord32, StoreFormat::kBf16, StoreFormat::kInt8}) {
    for (const unsigned step : {1u, 2u}) {
      const unsigned pixel = kChannels * (4u >> static_cast<unsigned>(format));
      spec::Store store{.format = format, .cols = kChannels, .src_pitch = 2};
      const auto pixels = step == 1 ? kSide - 2 : (kSide + 1) / 2;
      store.rows = static_cast<std::uint16_t>(pixels);
      store.extra_groups = static_cast<std::uint16_t>(pixels - 1);
      store.offset = step == 1 ? (kSide + 1) * pixel : 0;
      store.row_stride = step * pixel;
      store.group_stride = step * kSide * pixel;
      ASSERT_TRUE(legal(store) && !groups_overlap(store));
      issue(store);
    }
  }
  run(400000);
  compare();
}

// More groups than eight bits count, each of one row, all of the same word of V.
TEST_F(StoreUnit, SixHundredGroups) {
  spec::Store store{.format = StoreFormat::kWord32, .rows = 1, .cols = 3, .src = 5};
  store.extra_groups = 599;
  store.group_stride = 16;
  ASSERT_TRUE(legal(store) && !groups_overlap(store));
  issue(store);
  run(400000);
  compare();
}

TEST_F(StoreUnit, AnErrorIsReportedWithItsCommandAndBurst) {
  spec::Store good{.format = StoreFormat::kWord32, .rows = 4, .cols = 16, .row_stride = 64};
  spec::Store bad = good;
  bad.offset = 4096;
  fail_at(4096 + 70);
  issue(good);
  issue(bad);
  issue(good);
  run(100000);
  ASSERT_FALSE(store_errors.empty());
  for (const Error& error : store_errors) {
    EXPECT_EQ(error.command, 1u);
    EXPECT_EQ(error.address, kBase + 4096 + 64);
  }
}

TEST_F(StoreUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) issue(random_store());
    run_and_reset(dice.between(1, 300));
    EXPECT_EQ(dut->active_o, 0);
    issue(random_store());
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
