// SPDX-License-Identifier: Apache-2.0
// weft_vector: random passes through the chain, with and without reductions, against the scalar
// oracle.
#include "runtime/program/operands.h"
#include "tests/rtl/units.h"

namespace weft::test {
namespace {

using spec::Operand;

class VectorUnit : public Units {
 protected:
  // V in eighths: the first stream comes from the first two, the second stream from the next two,
  // the result goes to the two behind them or exactly over one of its sources; then come column and
  // row vector; the last takes the reduction.
  static constexpr std::uint32_t kEighth = kConfig.v_bytes / 64 / 8;  // words

  template <class Enum>
  Enum any(unsigned count) {
    return static_cast<Enum>(dice.between(0, count - 1));
  }
  Operand random_operand() { return dice.one_in(4) ? Operand::kNone : any<Operand>(9); }

  void random_shape(spec::Vector& v) {
    v.rows = static_cast<std::uint16_t>(dice.between(1, 9));
    v.cols = static_cast<std::uint16_t>(dice.between(1, 70));
    if (dice.one_in(6)) v.cols = static_cast<std::uint16_t>(dice.between(1, 4096));
    if (dice.one_in(4)) v.rows = static_cast<std::uint16_t>(dice.between(1, 40));
    if (dice.one_in(6)) {
      v.rows = static_cast<std::uint16_t>(dice.between(1, 300));
      v.cols = static_cast<std::uint16_t>(dice.between(1, 20));
    }
  }

  void random_arithmetic(spec::Vector& v) {
    v.convert_in = dice.one_in(4) ? spec::ConvertIn::kInt32 : spec::ConvertIn::kNone;
    v.multiplicand = random_operand();
    v.addend = random_operand();
    v.compare = any<spec::Compare>(5);
    if (v.compare != spec::Compare::kNone) v.compare_with = some_operand();
    if (dice.one_in(2)) v.function = any<spec::Function>(9);
    if (v.function == spec::Function::kDivide) v.divisor = some_operand();
    v.multiplicand2 = random_operand();
    v.addend2 = random_operand();
    if (dice.one_in(2)) v.reduce = any<spec::Reduce>(5);
    if (v.reduce != spec::Reduce::kNone) v.reduce_axis = any<spec::ReduceAxis>(2);
    v.convert_out = any<spec::ConvertOut>(v.reduce == spec::Reduce::kNone ? 2 : 3);
    if (uses(v, Operand::kValue0)) v.value0 = random_fp32(dice);
    if (uses(v, Operand::kValue1)) v.value1 = random_fp32(dice);
    if (uses(v, Operand::kValue2)) v.value2 = random_fp32(dice);
    if (uses(v, Operand::kValue3)) v.value3 = random_fp32(dice);
  }
  Operand some_operand() { return static_cast<Operand>(dice.between(1, 8)); }

  // A matrix of the command's shape between two eighths, or false.
  bool place(const spec::Vector& v, std::uint32_t first, std::uint32_t end, std::uint32_t least,
             std::uint16_t& at, std::uint16_t& pitch) {
    const auto words = (v.cols + 15u) / 16;
    at = static_cast<std::uint16_t>(dice.between(first * kEighth, end * kEighth - 1));
    pitch = static_cast<std::uint16_t>(least + dice.between(0, 4));
    return at + (v.rows - 1u) * pitch + words <= end * kEighth;
  }
  bool place_vector(std::uint32_t eighth, std::size_t elements, std::uint16_t& at) {
    at = static_cast<std::uint16_t>(eighth * kEighth + dice.between(0, kEighth - 1));
    return at + (elements + 15) / 16 <= (eighth + 1) * kEighth;
  }

  bool random_places(spec::Vector& v) {
    const auto words = (v.cols + 15u) / 16;
    const bool writes = v.convert_out != spec::ConvertOut::kDiscard;
    const bool over_first = writes && dice.one_in(4);
    const bool over_second = writes && !over_first && uses(v, Operand::kSecond) && dice.one_in(3);
    if (!place(v, 0, 2, over_first ? words : 0, v.src, v.src_pitch)) return false;
    if (uses(v, Operand::kSecond) &&
        !place(v, 2, 4, over_second ? words : 0, v.second, v.second_pitch)) {
      return false;
    }
    if (over_first) v.dst = v.src, v.dst_pitch = v.src_pitch;
    if (over_second) v.dst = v.second, v.dst_pitch = v.second_pitch;
    if (writes && !over_first && !over_second && !place(v, 4, 6, words, v.dst, v.dst_pitch)) {
      return false;
    }
    if (uses(v, Operand::kColumn) && !place_vector(6, v.cols, v.column)) return false;
    if (uses(v, Operand::kRow) && !place_vector(6, v.rows, v.row)) return false;
    const auto results = v.reduce_axis == spec::ReduceAxis::kRow ? v.rows : v.cols;
    return v.reduce == spec::Reduce::kNone || place_vector(7, results, v.reduce_dst);
  }

  spec::Vector random_vector() {
    for (;;) {
      spec::Vector v;
      random_arithmetic(v);
      random_shape(v);
      if (random_places(v) && legal(v)) return v;
    }
  }

  // Numbers a sum of thousands survives, or any.
  void deal_v(bool moderate) {
    for (auto& element : expected.v()) {
      element = moderate ? static_cast<std::uint32_t>((dice.bits() & 0x807fffff) |
                                                      dice.between(122, 132) << 23)
                         : random_fp32(dice);
    }
    actual.v() = expected.v();
  }

  // Cycles the unit is busy with a command.
  static std::uint64_t busy_cycles(const spec::Vector& v) {
    const auto words = [](std::size_t elements) { return (elements + kLanes - 1) / kLanes; };
    return v.rows * words(v.cols) + (uses(v, Operand::kColumn) ? words(v.cols) : 0) +
           (uses(v, Operand::kRow) ? words(v.rows) : 0);
  }
};

TEST_F(VectorUnit, RandomPassesAreThoseOfTheOracle) {
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    deal_v(round % 2 == 0);
    std::uint64_t words = 0;
    busy = {};
    for (int i = 0; i < 25; ++i) {
      const auto vector = random_vector();
      words += busy_cycles(vector);
      issue(vector);
    }
    run(1000000);
    compare();
    EXPECT_EQ(busy[2], words);
  }
}

// Every group of a rotation, full or not: 1 to 20 rows or words, with one element more and less
// than whole words.
TEST_F(VectorUnit, ReductionsOfEveryShapeAreThoseOfTheOracle) {
  for (const auto axis : {spec::ReduceAxis::kRow, spec::ReduceAxis::kColumn}) {
    for (const unsigned cols : {1u, 4u, 5u, 15u, 16u, 17u, 64u, 127u, 128u, 129u, 260u}) {
      deal_v(true);
      for (unsigned rows = 1; rows <= 20; ++rows) {
        spec::Vector v;
        do {
          v = {};
          v.rows = static_cast<std::uint16_t>(rows);
          v.cols = static_cast<std::uint16_t>(cols);
          v.reduce = static_cast<spec::Reduce>(dice.between(1, 4));
          v.reduce_axis = axis;
          v.convert_out = any<spec::ConvertOut>(3);
        } while (!random_places(v) || !legal(v));
        issue(v);
      }
      run(1000000);
      compare();
      if (HasFailure()) return;
    }
  }
}

// Cycles of a command whose banks are always free: those of its words, and a pipeline to fill.
TEST_F(VectorUnit, WordsFollowEachOtherWithoutAGap) {
  constexpr std::uint64_t kFill = 150;
  constexpr std::uint64_t kTurns = kLanes / 4;  // of a word in the function lanes
  constexpr std::uint64_t kParts = 16 / kLanes;
  v_grants_all = true;
  const auto cycles_of = [&](spec::Vector v) {
    v.dst = 6 * kEighth, v.dst_pitch = static_cast<std::uint16_t>((v.cols + 15) / 16);
    v.src_pitch = v.dst_pitch;
    if (v.reduce != spec::Reduce::kNone) v.reduce_dst = 4 * kEighth;
    EXPECT_TRUE(legal(v));
    active = {};
    issue(v);
    run(100000);
    compare();
    return active[2];
  };
  const auto expect = [&](const char* what, std::uint64_t cycles, std::uint64_t words,
                          std::uint64_t each) {
    std::cout << what << ": " << cycles << " cycles, " << words << " words\n";
    EXPECT_GE(cycles, words * each) << what;
    EXPECT_LE(cycles, words * each + kFill) << what;
  };
  spec::Vector wide{.rows = 8, .cols = 256};
  expect("copy", cycles_of(wide), 128 * kParts, 1);
  wide.multiplicand = Operand::kInput, wide.multiplicand2 = Operand::kInput;
  expect("two multiply-adds", cycles_of(wide), 128 * kParts, 1);
  wide.reduce = spec::Reduce::kSum;
  expect("sums of rows", cycles_of(wide), 128 * kParts, 1);
  wide.reduce_axis = spec::ReduceAxis::kColumn;
  expect("sums of columns", cycles_of(wide), 128 * kParts, 1);
  wide.function = spec::Function::kTanh;
  expect("sums of columns of a function", cycles_of(wide), 128 * kParts, kTurns);
  spec::Vector tall{.rows = 120, .cols = 10};
  tall.reduce = spec::Reduce::kArgmax;
  expect("largest of ten", cycles_of(tall), 120, kLanes == 16 ? 2 : 3);
}

TEST_F(VectorUnit, ResetInTheMiddleLeavesNothingBehind) {
  for (int round = 0; round < 30 && !HasFailure(); ++round) {
    for (int i = 0; i < 3; ++i) issue(random_vector());
    run_and_reset(dice.between(1, 400));
    EXPECT_EQ(dut->active_o, 0);
    for (int i = 0; i < 3; ++i) issue(random_vector());
    run(300000);
    compare();
  }
}

}  // namespace
}  // namespace weft::test
