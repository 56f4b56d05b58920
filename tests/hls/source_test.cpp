// SPDX-License-Identifier: Apache-2.0
// The functions of hls/ against the host's IEEE arithmetic, and the native calls of the simulation
// against the functions.
#include <gtest/gtest.h>

#include <algorithm>

#include "vectors.h"

namespace weft::hls::test {
namespace {

constexpr std::uint64_t kVectors = 2'000'000;

class SourceTest : public testing::TestWithParam<Function> {};

std::string describe(const Function& function, const Operands& x) {
  std::string text = function.name;
  for (unsigned i = 0; i < function.parameters; ++i) {
    char word[16];
    std::snprintf(word, sizeof word, " %08x", x[i]);
    text += word;
  }
  return text;
}

TEST_P(SourceTest, EqualsTheReferenceOnEveryVector) {
  const Function& function = GetParam();
  const HostFlush flush;
  Random random(1);
  for (std::uint64_t i = 0; i < kVectors; ++i) {
    const Operands x = function.vector(random, i);
    ASSERT_EQ(function.source(x), function.reference(x)) << describe(function, x);
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, SourceTest,
                         testing::ValuesIn(functions().begin(), functions().end()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace weft::hls::test
