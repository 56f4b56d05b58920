// SPDX-License-Identifier: Apache-2.0
// The functions of hls/ against the host's IEEE arithmetic, and the native calls of the simulation
// against the functions.
#include <gtest/gtest.h>
#include <immintrin.h>

#include <cstdio>
#include <string>
#include <vector>

#include "hls/native/hardware.h"
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

TEST_P(SourceTest, StaysWithinItsErrorBoundOnEveryVector) {
  const Function& function = GetParam();
  const HostFlush flush;
  Random random(1);
  for (std::uint64_t i = 0; i < kVectors; ++i) {
    const Operands x = function.vector(random, i);
    const std::uint32_t result = function.source(x);
    ASSERT_LE(function.error(x, result), 1.0)
        << describe(function, x) << " gives " << std::hex << result;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, SourceTest,
                         testing::ValuesIn(functions().begin(), functions().end()),
                         [](const auto& info) { return std::string(info.param.name); });

// Vectors of one function, a column per parameter as the native calls take them.
struct Columns {
  std::vector<std::uint32_t> column[kMaxParameters];
  std::vector<std::uint32_t> expected;

  Columns(const Function& function, std::uint64_t count) {
    const HostFlush flush;
    Random random(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Operands x = function.vector(random, i);
      for (unsigned p = 0; p < kMaxParameters; ++p) column[p].push_back(x[p]);
      expected.push_back(function.source(x));
    }
  }
};

const Function& named(const std::string& name) {
  for (const Function& function : functions()) {
    if (name == function.name) return function;
  }
  throw std::out_of_range(name);
}

std::vector<std::uint8_t> bytes(const std::vector<std::uint32_t>& words) {
  return {words.begin(), words.end()};
}

class HardwareTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!native::hardware_usable()) GTEST_SKIP() << "this processor has no FMA";
  }
};

TEST_F(HardwareTest, AccumulatesLikeTheSource) {
  const Columns x(named("block_accumulate"), kVectors);
  std::vector<std::uint32_t> results(kVectors);
  native::block_accumulate(kVectors, bytes(x.column[0]).data(), x.column[1].data(),
                           bytes(x.column[2]).data(), x.column[3].data(), x.column[4].data(),
                           results.data());
  EXPECT_EQ(results, x.expected);
}

TEST_F(HardwareTest, MultipliesAndAddsLikeTheSource) {
  const Columns x(named("fp32_fma"), kVectors);
  std::vector<std::uint32_t> results(kVectors);
  native::fp32_fma(kVectors, x.column[0].data(), x.column[1].data(), x.column[2].data(),
                   results.data());
  EXPECT_EQ(results, x.expected);
}

TEST_F(HardwareTest, IgnoresAndKeepsTheCallersRounding) {
  const Columns x(named("fp32_fma"), 1000);
  std::vector<std::uint32_t> results(1000);
  const unsigned saved = _mm_getcsr();
  for (const unsigned rounding : {0x2000u, 0x4000u, 0x6000u}) {
    _mm_setcsr((saved & ~0xe040u) | rounding);
    const unsigned before = _mm_getcsr();
    native::fp32_fma(1000, x.column[0].data(), x.column[1].data(), x.column[2].data(),
                     results.data());
    const unsigned after = _mm_getcsr();
    _mm_setcsr(saved);
    EXPECT_EQ(before, after);
    EXPECT_EQ(results, x.expected);
  }
}

}  // namespace
}  // namespace weft::hls::test
