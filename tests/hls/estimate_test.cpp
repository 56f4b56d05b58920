// SPDX-License-Identifier: Apache-2.0
// What the correct rounding of fp32_divide and fp32_sqrt rests on, for every significand; and where
// approximations are exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "hls/functions/fp32_exp2.h"
#include "hls/functions/fp32_log2.h"
#include "hls/functions/fp32_sqrt.h"
#include "hls/functions/reciprocal.h"
#include "vectors.h"

namespace weft::hls::test {
namespace {

// fp32_divide takes the quotient (below 2) from dividend * reciprocal, where dividend < 2 b. The
// estimate must be within half an ulp of the quotient, 2^-24; cutting it into cells adds nothing.
TEST(Estimates, ReciprocalsAreGoodEnoughForDivision) {
  double largest = 0;
  for (std::uint32_t fraction = 0; fraction < 1u << 23; ++fraction) {
    const double b = 1 + std::ldexp(double(fraction), -23);
    const double found = std::ldexp(double(std::uint32_t(reciprocal(Bits<23>(fraction)))), -28);
    largest = std::max(largest, 2 * b * std::abs(found - 1 / b));
  }
  EXPECT_LT(largest, 0x1p-24);
  EXPECT_GT(largest, 0x1p-27);  // the table is no finer than it must be
}

// Significands and the parity of the exponent are all that decides a root.
TEST(Estimates, RootsOfAllSignificandsAreCorrectlyRounded) {
  const HostFlush flush;
  for (std::uint32_t x = 0x3f800000; x < 0x40800000; ++x) {
    const float root = std::sqrt(std::bit_cast<float>(x));
    ASSERT_EQ(fp32_sqrt(x), std::bit_cast<std::uint32_t>(root)) << std::hex << x;
  }
}

TEST(Estimates, PowersOfTwoAreExact) {
  for (int n = -126; n <= 127; ++n) {
    const std::uint32_t power = std::uint32_t(n + 127) << 23;
    const std::uint32_t integer = std::bit_cast<std::uint32_t>(float(n));
    EXPECT_EQ(fp32_exp2(integer), power) << n;
    EXPECT_EQ(fp32_log2(power), integer) << n;
  }
}

}  // namespace
}  // namespace weft::hls::test
