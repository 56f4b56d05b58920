// SPDX-License-Identifier: Apache-2.0
// The functions of one operand against their reference, for every operand there is. Prints the
// largest error of those that approximate, as a multiple of their bound.
#include <gtest/gtest.h>

#include <cstdio>

#include "vectors.h"

namespace weft::hls::test {
namespace {

class ExhaustiveTest : public testing::TestWithParam<Function> {};

TEST_P(ExhaustiveTest, StaysWithinItsErrorBoundForEveryOperand) {
  const Function& function = GetParam();
  const std::string name = function.name;
  const std::uint64_t count = name == "bf16_to_fp32"               ? 1ull << 16
                              : name.starts_with("block_exponent") ? 1ull << 31
                                                                   : 1ull << 32;
  const HostFlush flush;
  std::uint64_t differences = 0;
  double largest[2] = {};  // of positive and of negative operands
  for (std::uint64_t i = 0; i < count; ++i) {
    const Operands x{std::uint32_t(i)};
    const double error = function.error(x, function.source(x));
    largest[i >> 31] = std::max(largest[i >> 31], error);
    if (error > 1 && differences++ < 10) {
      ADD_FAILURE() << name << " is wrong for " << std::hex << i << ": " << error;
    }
  }
  if (largest[0] > 0 || largest[1] > 0) {
    std::printf("%s: %.3f of the bound, %.3f for x < 0\n", name.c_str(), largest[0], largest[1]);
  }
  EXPECT_EQ(differences, 0u);
}

std::vector<Function> of_one_operand() {
  std::vector<Function> result;
  for (const Function& function : functions()) {
    if (function.parameters == 1) result.push_back(function);
  }
  return result;
}

INSTANTIATE_TEST_SUITE_P(Functions, ExhaustiveTest, testing::ValuesIn(of_one_operand()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace weft::hls::test
