// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/report.h"

#include <gtest/gtest.h>

namespace weft::tools {
namespace {

DeviceInfo default_device(std::uint32_t bytes_per_cycle) {
  DeviceInfo info;
  info.config = spec::kConfigs[0];
  info.memory_bytes_per_cycle = bytes_per_cycle;
  return info;
}

TEST(Report, UtilisationIsMultipliesOverPeak) {
  EXPECT_DOUBLE_EQ(utilisation(spec::kConfigs[0], 512.0 * 512 * 512, 512u * 512), 1.0);
  EXPECT_DOUBLE_EQ(utilisation(spec::kConfigs[0], 512.0 * 512 * 512, 2u * 512 * 512), 0.5);
}

TEST(Report, TheArrayBoundsShapesThatDoNotFillIt) {
  // 5 of 8 rows, 17 of 32 columns, 9 of 16 deep.
  EXPECT_DOUBLE_EQ(bound(default_device(64), {5, 17, 9}, 1), 5.0 * 17 * 9 / (8.0 * 32 * 16));
}

TEST(Report, ThePinsBoundProductsOfAVector) {
  const std::uint64_t bytes = 2048 * 640;
  EXPECT_DOUBLE_EQ(bound(default_device(64), {4, 2048, 640}, 4 * bytes),
                   (4.0 * 2048 * 640 / 512) / (4.0 * bytes / 64));
  EXPECT_DOUBLE_EQ(bound(default_device(0), {512, 512, 512}, 3 * 512 * 512), 1.0);
}

TEST(Report, CountersAreNullWithoutAClock) {
  EXPECT_TRUE(counters_json(LaunchReport{}).is_null());
  LaunchReport report;
  report.counters.emplace();
  (*report.counters)[1][2] = 5;
  (*report.counters)[1][3] = 6;
  EXPECT_EQ(counters_json(report)["matmul"]["sum"], 11);
}

}  // namespace
}  // namespace weft::tools
