// SPDX-License-Identifier: Apache-2.0
// The cost model of a gemm, command by command.
#include "runtime/kernels/gemm/cost.h"

#include <gtest/gtest.h>

namespace weft::kernels {
namespace {

constexpr const spec::Config& kCard = spec::kConfigs[0];

Cost cost_of(const Command& command) {
  return estimate(std::span(&command, 1), kCard);
}

void expect_equal(const Cost& x, const Cost& y) {
  EXPECT_EQ(x.beats, y.beats);
  EXPECT_EQ(x.cycles, y.cycles);
}

TEST(GemmCost, RowsInGroupsCostAsMuchAsInOne) {
  const spec::Load one{.format = spec::LoadFormat::kFp32, .rows = 12, .cols = 64};
  spec::Load groups = one;
  groups.rows = 3;
  groups.extra_groups = 3;
  EXPECT_EQ(cost_of(one).beats, 12u * 64 * 4 / kCard.axi_bytes);
  expect_equal(cost_of(groups), cost_of(one));
  spec::Load transposed = one;
  transposed.transpose = groups.transpose = spec::Transpose::kYes;
  expect_equal(cost_of(groups), cost_of(transposed));

  const spec::Store rows{.format = spec::StoreFormat::kWord32, .rows = 12, .cols = 64};
  spec::Store grouped = rows;
  grouped.rows = 2;
  grouped.extra_groups = 5;
  EXPECT_EQ(cost_of(rows).beats, 12u * 64 * 4 / kCard.axi_bytes);
  expect_equal(cost_of(grouped), cost_of(rows));
}

}  // namespace
}  // namespace weft::kernels
