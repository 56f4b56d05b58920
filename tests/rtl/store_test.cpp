// SPDX-License-Identifier: Apache-2.0
// weft_store: random matrices of V to memory in every format.
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
