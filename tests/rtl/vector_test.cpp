// SPDX-License-Identifier: Apache-2.0
// weft_vector: random passes through the chain against the scalar oracle.
#include "runtime/program/footprint.h"
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::Operand;

class VectorUnit : public Units {
 protected:
  // Sources come from the lower three quarters of V, one quarter each; the result goes to the
  // fourth one or exactly over its first source.
  spec::Vector random_vector() {
    constexpr std::uint32_t kQuarter = kConfig.v_bytes / 64 / 4;  // words
    for (;;) {
      spec::Vector v;
      v.convert_in = static_cast<spec::ConvertIn>(dice.between(0, 1));
      v.convert_out = static_cast<spec::ConvertOut>(dice.between(0, 1));
      v.multiplicand = random_operand();
      v.addend = random_operand();
      v.compare = static_cast<spec::Compare>(dice.between(0, 3));
      if (v.compare != spec::Compare::kNone) {
        while (v.compare_with == Operand::kNone) v.compare_with = random_operand();
      }
      if (v.multiplicand == Operand::kImmediate) v.multiplicand_value = random_fp32(dice);
      if (v.addend == Operand::kImmediate) v.addend_value = random_fp32(dice);
      if (v.compare_with == Operand::kImmediate) v.compare_value = random_fp32(dice);
      v.rows = static_cast<std::uint16_t>(dice.between(1, 9));
      v.cols =
          static_cast<std::uint16_t>(dice.one_in(6) ? dice.between(1, 4096) : dice.between(1, 70));
      const auto words = (v.cols + 15u) / 16;
      const auto place = [&](std::uint32_t quarter, std::uint16_t& at, std::uint16_t& pitch,
                             std::uint32_t least) {
        at = static_cast<std::uint16_t>(quarter * kQuarter + dice.between(0, kQuarter - 1));
        pitch = static_cast<std::uint16_t>(least + dice.between(0, 4));
        return at + (v.rows - 1u) * pitch + words <= (quarter + 1) * kQuarter;
      };
      const bool in_place = dice.one_in(3);
      if (!place(0, v.src, v.src_pitch, in_place ? words : 0)) continue;
      if (uses(v, Operand::kSecond) && !place(1, v.second, v.second_pitch, 0)) continue;
      std::uint16_t no_pitch = 0;
      if (uses(v, Operand::kColumn) && !place(2, v.column, no_pitch, 0)) continue;
      if (in_place) {
        v.dst = v.src;
        v.dst_pitch = v.src_pitch;
      } else if (!place(3, v.dst, v.dst_pitch, words)) {
        continue;
      }
      if (legal(v)) return v;
    }
  }

  Operand random_operand() { return static_cast<Operand>(dice.between(0, 4)); }
};

TEST_F(VectorUnit, RandomPassesAreThoseOfTheOracle) {
  for (int round = 0; round < 5 && !HasFailure(); ++round) {
    std::uint64_t words = 0;
    busy = {};
    for (int i = 0; i < 60; ++i) {
      const auto vector = random_vector();
      const std::uint64_t rows = vector.rows + (uses(vector, Operand::kColumn) ? 1u : 0u);
      words += rows * ((vector.cols + kLanes - 1) / kLanes);
      issue(vector);
    }
    run(600000);
    compare();
    EXPECT_EQ(busy[2], words);
  }
}

TEST_F(VectorUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) issue(random_vector());
    run_and_reset(dice.between(1, 300));
    EXPECT_EQ(dut->active_o, 0);
    issue(random_vector());
    run(100000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
