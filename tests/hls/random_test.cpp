// SPDX-License-Identifier: Apache-2.0
// Stochastic rounding: that random16 is random enough, and what the rounding does on average.
//
// Each statistic is compared with its distribution for independent uniform bits, at six standard
// deviations: a correct generator fails one comparison in 10^9. The functions have no state, so a
// test that passes once passes always; the size of the samples says how small a flaw it sees.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "hls/functions/block_exponent_stochastic.h"
#include "hls/functions/quantise_stochastic.h"
#include "hls/functions/random16.h"

namespace weft::hls::test {
namespace {

constexpr double kDeviations = 6;
constexpr std::uint32_t kDraws = 1 << 22;
constexpr double kMean = 65535.0 / 2;
constexpr double kVariance = (65536.0 * 65536 - 1) / 12;  // of a uniform 16-bit integer

// Draw number n of a walk along one operand.
struct Walk {
  const char* name;
  std::function<std::uint16_t(std::uint32_t n)> draw;
};

std::vector<Walk> walks() {
  return {
      {"index", [](std::uint32_t n) { return random16(3, 1, n); }},
      {"index of seed 0", [](std::uint32_t n) { return random16(0, 0, n); }},
      {"column of 1024", [](std::uint32_t n) { return random16(3, 1, n << 10); }},
      {"seed", [](std::uint32_t n) { return random16(n, 1, 5); }},
      {"seed of upper bits", [](std::uint32_t n) { return random16(n << 10, 1, 5); }},
      {"tensor, then index",
       [](std::uint32_t n) { return random16(3, std::uint16_t(n), n >> 16); }},
  };
}

TEST(Random16, HasTheMeanOfUniformNumbers) {
  for (const Walk& walk : walks()) {
    double sum = 0;
    for (std::uint32_t n = 0; n < kDraws; ++n) sum += walk.draw(n) - kMean;
    EXPECT_LT(std::abs(sum) / std::sqrt(kVariance * kDraws), kDeviations) << walk.name;
  }
}

TEST(Random16, HasBalancedBits) {
  for (const Walk& walk : walks()) {
    std::vector<std::uint32_t> ones(16);
    for (std::uint32_t n = 0; n < kDraws; ++n) {
      const std::uint16_t draw = walk.draw(n);
      for (unsigned bit = 0; bit < 16; ++bit) ones[bit] += (draw >> bit) & 1;
    }
    for (unsigned bit = 0; bit < 16; ++bit) {
      EXPECT_LT(std::abs(ones[bit] - kDraws / 2.0) / std::sqrt(kDraws / 4.0), kDeviations)
          << walk.name << ", bit " << bit;
    }
  }
}

// Standard deviations by which chi-square of `counts`, all equally probable, exceeds its mean. With
// 65535 degrees of freedom chi-square is normal of that mean and twice that variance.
double chi_square(const std::vector<std::uint32_t>& counts, double draws) {
  const double expected = draws / double(counts.size());
  const double freedom = double(counts.size()) - 1;
  double sum = 0;
  for (const std::uint32_t count : counts) {
    sum += (count - expected) * (count - expected) / expected;
  }
  return (sum - freedom) / std::sqrt(2 * freedom);
}

TEST(Random16, HasEquallyProbableValues) {
  for (const Walk& walk : walks()) {
    std::vector<std::uint32_t> counts(1 << 16);
    for (std::uint32_t n = 0; n < kDraws; ++n) ++counts[walk.draw(n)];
    EXPECT_LT(std::abs(chi_square(counts, kDraws)), kDeviations) << walk.name;
  }
}

// Two draws whose operands differ by `distance` in one of them.
struct Neighbours {
  const char* operand;
  std::uint32_t distance;
  std::function<std::uint16_t(std::uint32_t n, std::uint32_t distance)> draw;
};

std::vector<Neighbours> neighbours() {
  std::vector<Neighbours> result;
  for (const std::uint32_t distance : {1u, 2u, 3u, 16u, 32u, 64u, 256u, 768u, 1024u, 65536u}) {
    result.push_back({"index", distance,
                      [](std::uint32_t n, std::uint32_t d) { return random16(3, 1, n + d); }});
  }
  for (const std::uint32_t distance : {1u, 2u, 256u, 65536u, 0x80000000u}) {
    result.push_back(
        {"seed", distance, [](std::uint32_t n, std::uint32_t d) { return random16(3 + d, 1, n); }});
    result.push_back({"seed, walked", distance,
                      [](std::uint32_t n, std::uint32_t d) { return random16(n + d, 1, 77); }});
  }
  for (const std::uint32_t distance : {1u, 2u, 256u, 0x8000u}) {
    result.push_back({"tensor", distance, [](std::uint32_t n, std::uint32_t d) {
                        return random16(3, std::uint16_t(1 + d), n);
                      }});
  }
  return result;
}

// The errors of rounding at two elements are uncorrelated if the draws are; the sum of N products
// of independent draws has the variance N kVariance^2.
TEST(Random16, HasUncorrelatedNeighbours) {
  for (const Neighbours& pair : neighbours()) {
    double sum = 0;
    for (std::uint32_t n = 0; n < kDraws; ++n) {
      sum += (pair.draw(n, 0) - kMean) * (pair.draw(n, pair.distance) - kMean);
    }
    EXPECT_LT(std::abs(sum) / (kVariance * std::sqrt(kDraws)), kDeviations)
        << pair.operand << " + " << pair.distance;
  }
}

// Not only uncorrelated: the upper bytes of neighbours form all pairs equally often.
TEST(Random16, HasIndependentNeighbours) {
  for (const Neighbours& pair : neighbours()) {
    std::vector<std::uint32_t> counts(1 << 16);
    for (std::uint32_t n = 0; n < kDraws; ++n) {
      ++counts[(pair.draw(n, 0) & 0xff00) | (pair.draw(n, pair.distance) >> 8)];
    }
    EXPECT_LT(std::abs(chi_square(counts, kDraws)), kDeviations)
        << pair.operand << " + " << pair.distance;
  }
}

// The mean over every draw is |x| in steps, cut to a multiple of 2^-16 step: exactly.
TEST(QuantiseStochastic, IsUnbiasedToTheLastBitOfItsDraws) {
  std::uint32_t state = 1;
  for (int trial = 0; trial < 400; ++trial) {
    state = state * 1664525 + 1013904223;
    const std::uint32_t scale = 100;
    const std::uint32_t exponent = scale - 18 + (state >> 8) % 25;  // 2^-18..2^6 steps
    const std::uint32_t x = (state & kSign) | (exponent << 23) | ((state >> 3) & 0x7fffff);
    std::int64_t sum = 0;
    for (std::uint32_t draw = 0; draw < 65536; ++draw) {
      sum += quantise_stochastic(x, std::uint8_t(scale), std::uint16_t(draw));
    }
    const double steps =
        std::ldexp(double((x & 0x7fffff) | 0x800000), int(exponent) - 23 - int(scale));
    if (steps > 127) continue;  // may saturate
    const std::int64_t expected = std::int64_t(std::floor(steps * 65536));
    EXPECT_EQ(sum, (x & kSign) != 0 ? -expected : expected) << std::hex << x;
  }
}

// With the block's own scale no element saturates, whatever is drawn, and the scale is the smallest
// such: half of it would saturate (or round beyond 127 for some draw).
TEST(QuantiseStochastic, NeverSaturatesUnderTheScaleOfItsBlock) {
  for (std::uint32_t upper = 0x0080; upper < 0x7f80; ++upper) {
    for (const std::uint32_t lower : {0u, 1u, 0xffffu}) {
      const std::uint32_t x = (upper << 16) | lower;
      const std::uint8_t scale = block_exponent_stochastic(Bits<31>(x));
      const double value = std::ldexp(double((x & 0x7fffff) | 0x800000), int(x >> 23) - 150);
      ASSERT_LE(std::ldexp(value, 127 - scale), 127.0) << std::hex << x;
      ASSERT_TRUE(scale == 1 || std::ldexp(value, 128 - scale) > 127.0) << std::hex << x;
    }
  }
}

}  // namespace
}  // namespace weft::hls::test
