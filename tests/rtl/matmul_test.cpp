// SPDX-License-Identifier: Apache-2.0
// weft_matmul: random products against the scalar oracle, and the steps they may take.
#include <algorithm>

#include "tests/rtl/units.h"

namespace weft::test {
namespace {

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit;
}

class MatmulUnit : public Units {
 protected:
  static constexpr std::uint32_t kHalf = kConfig.v_bytes / 64 / 2;  // words

  // Preloads from the lower half of V, results to the upper one: commands do not depend on each
  // other.
  spec::Matmul random_matmul() {
    for (;;) {
      spec::Matmul matmul;
      matmul.arithmetic = static_cast<spec::Arithmetic>(dice.between(0, 1));
      matmul.preload = static_cast<spec::Preload>(dice.between(0, 1));
      matmul.m = static_cast<std::uint16_t>(dice.between(1, dice.one_in(4) ? 40 : 6));
      matmul.n = static_cast<std::uint16_t>(dice.between(1, dice.one_in(4) ? 70 : 20));
      matmul.k = static_cast<std::uint16_t>(dice.between(1, dice.one_in(4) ? 400 : 70));
      matmul.a = static_cast<std::uint16_t>(dice.between(0, kConfig.a_bytes / 1024 - 1));
      matmul.a_pitch = static_cast<std::uint16_t>(dice.between(0, 8));
      matmul.b = static_cast<std::uint16_t>(dice.between(0, kConfig.b_bytes / 1024 - 1));
      matmul.b_pitch = static_cast<std::uint16_t>(dice.between(0, 8));
      const auto words = round_up(matmul.n, 16);
      matmul.dst_pitch = static_cast<std::uint16_t>(words + dice.between(0, 3));
      matmul.dst = static_cast<std::uint16_t>(dice.between(kHalf, 2 * kHalf - 1));
      if (matmul.preload == spec::Preload::kV) {
        matmul.initial_pitch = static_cast<std::uint16_t>(dice.between(0, 6));
        matmul.initial = static_cast<std::uint16_t>(dice.between(0, kHalf - 1));
        if (matmul.initial + (matmul.m - 1u) * matmul.initial_pitch + words > kHalf) continue;
      }
      if (legal(matmul)) return matmul;
    }
  }

  static std::uint64_t steps(const spec::Matmul& matmul) {
    return round_up(matmul.m, 4) * round_up(matmul.n, kConfig.array_columns) *
           round_up(matmul.k, 32) * 4;
  }
};

TEST_F(MatmulUnit, RandomProductsAreThoseOfTheOracleInAsManySteps) {
  std::uint64_t expected_steps = 0;
  for (int round = 0; round < 6 && !HasFailure(); ++round) {
    for (int i = 0; i < 25; ++i) {
      const auto matmul = random_matmul();
      expected_steps += steps(matmul);
      issue(matmul);
    }
    run(400000);
    compare();
    EXPECT_EQ(busy[1], expected_steps);
  }
}

// The extreme sums: every product of a block as large as it can be, either sign.
TEST_F(MatmulUnit, LargestSumsDoNotOverflow) {
  for (Oracle* oracle : {&expected, &actual}) {
    std::ranges::fill(oracle->a().mantissas, std::int8_t{-128});
    for (std::size_t i = 0; i < oracle->b().mantissas.size(); ++i) {
      oracle->b().mantissas[i] = static_cast<std::int8_t>(i / 64 % 2 == 0 ? -128 : 127);
    }
  }
  for (const auto arithmetic : {spec::Arithmetic::kInt8, spec::Arithmetic::kMxint8}) {
    issue(spec::Matmul{.arithmetic = arithmetic,
                       .m = 5,
                       .n = 18,
                       .k = 256,
                       .b_pitch = 4,
                       .dst = static_cast<std::uint16_t>(100 * static_cast<int>(arithmetic)),
                       .dst_pitch = 2});
  }
  run(100000);
  compare();
}

TEST_F(MatmulUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) issue(random_matmul());
    run_and_reset(dice.between(1, 400));
    EXPECT_EQ(dut->active_o, 0);
    issue(random_matmul());
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
