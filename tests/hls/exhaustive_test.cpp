// SPDX-License-Identifier: Apache-2.0
// The functions of one operand against their reference, for every operand there is.
#include <gtest/gtest.h>

#include "vectors.h"

namespace weft::hls::test {
namespace {

class ExhaustiveTest : public testing::TestWithParam<Function> {};

TEST_P(ExhaustiveTest, EqualsTheReferenceForEveryOperand) {
  const Function& function = GetParam();
  const std::string name = function.name;
  const std::uint64_t count = name == "bf16_to_fp32"     ? 1ull << 16
                              : name == "block_exponent" ? 1ull << 31
                                                         : 1ull << 32;
  const HostFlush flush;
  std::uint64_t differences = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Operands x{std::uint32_t(i)};
    if (function.source(x) != function.reference(x) && differences++ < 10) {
      ADD_FAILURE() << name << " differs for " << std::hex << i;
    }
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
