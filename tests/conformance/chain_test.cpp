// SPDX-License-Identifier: Apache-2.0
// The vector chain and its reductions, step by step: against the oracle, and where order and ties
// matter against results worked out by hand.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "runtime/program/asm.h"
#include "runtime/program/operands.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

constexpr std::size_t kRows = 9;
constexpr std::size_t kCols = 37;
const float kInfinity = HUGE_VALF;
const float kNan = std::nanf("");

std::vector<std::byte> bytes_of(const std::vector<float>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

class Chains : public testing::Test {
 protected:
  // Runs `vector`, whose operands it completes, on random data; compares result and reduction.
  void check(spec::Vector vector, std::size_t rows = kRows, std::size_t cols = kCols) {
    const auto words = static_cast<std::uint16_t>((cols + 15) / 16);
    const auto after = static_cast<std::uint16_t>(rows * words);
    const bool writes = vector.convert_out != spec::ConvertOut::kDiscard;
    vector.rows = static_cast<std::uint16_t>(rows);
    vector.cols = static_cast<std::uint16_t>(cols);
    vector.src_pitch = words;
    if (uses(vector, spec::Operand::kSecond)) {
      vector.second = after;
      vector.second_pitch = words;
    }
    const auto vectors = static_cast<std::uint16_t>(2 * after);
    if (uses(vector, spec::Operand::kColumn)) vector.column = vectors;
    const auto length = static_cast<std::uint16_t>((std::max(rows, cols) + 15) / 16);
    if (uses(vector, spec::Operand::kRow)) vector.row = vectors + length;
    if (uses(vector, spec::Operand::kValue0)) vector.value0 = random_fp32(dice_);
    if (uses(vector, spec::Operand::kValue1)) vector.value1_scalar = 2;
    if (uses(vector, spec::Operand::kValue2)) vector.value2 = random_fp32(dice_);
    if (uses(vector, spec::Operand::kValue3)) vector.value3_scalar = 16;
    const auto result = static_cast<std::uint16_t>(vectors + 2 * length);
    if (writes) {
      vector.dst = result;
      vector.dst_pitch = words;
    }
    const auto reduced = static_cast<std::uint16_t>(result + after);
    if (vector.reduce != spec::Reduce::kNone) vector.reduce_dst = reduced;
    vector.after_load = 2;

    Draft draft;
    const auto source = draft.bind(
        "source", random_matrix(dice_, spec::LoadFormat::kFp32, 2 * rows, cols, cols * 4),
        Rights::kRead);
    const auto sides = draft.bind(
        "sides", random_matrix(dice_, spec::LoadFormat::kFp32, 2, length * 16, length * 64),
        Rights::kRead);
    draft.append(spec::Load{.target = spec::Target::kV,
                            .binding = source,
                            .format = spec::LoadFormat::kFp32,
                            .rows = static_cast<std::uint16_t>(2 * rows),
                            .cols = vector.cols,
                            .row_stride = static_cast<std::uint32_t>(cols * 4),
                            .dst_pitch = words});
    draft.append(spec::Load{.target = spec::Target::kV,
                            .binding = sides,
                            .format = spec::LoadFormat::kFp32,
                            .rows = 2,
                            .cols = static_cast<std::uint16_t>(length * 16),
                            .row_stride = length * 64u,
                            .dst = vectors,
                            .dst_pitch = length});
    draft.append(vector);
    if (writes) store(draft, result, rows, cols);
    if (vector.reduce != spec::Reduce::kNone) {
      store(draft, reduced, 1, vector.reduce_axis == spec::ReduceAxis::kRow ? rows : cols);
    }
    Scalars scalars{};
    for (auto& scalar : scalars) scalar = random_fp32(dice_);
    expect_as_oracle(draft.image, draft.memory, scalars);
    ASSERT_FALSE(HasFailure()) << disassemble(draft.image);
  }

  static void store(Draft& draft, std::uint16_t src, std::size_t rows, std::size_t cols) {
    const auto to = draft.bind("result" + std::to_string(draft.memory.size()),
                               std::vector<std::byte>(rows * cols * 4), Rights::kWrite);
    draft.append(spec::Store{.after_vector = 1,
                             .binding = to,
                             .rows = static_cast<std::uint16_t>(rows),
                             .cols = static_cast<std::uint16_t>(cols),
                             .row_stride = static_cast<std::uint32_t>(cols * 4),
                             .src = src,
                             .src_pitch = static_cast<std::uint16_t>((cols + 15) / 16)});
  }

  // The reduction of rows x cols given numbers, as bits.
  static std::vector<std::uint32_t> reduce(const std::string& how, std::size_t rows,
                                           std::size_t cols, const std::vector<float>& values) {
    const auto number = [](std::size_t value) { return std::to_string(value); };
    const std::size_t words = (cols + 15) / 16;
    const std::size_t count = how.find("column") == how.npos ? rows : cols;
    const auto image = assemble(
        ".binding x read " + number(rows * cols * 4) + "\n.binding y write " + number(count * 4) +
        "\nload target=v binding=x format=fp32 rows=" + number(rows) + " cols=" + number(cols) +
        " row_stride=" + number(cols * 4) + " dst_pitch=" + number(words) +
        "\nvector rows=" + number(rows) + " cols=" + number(cols) + " src_pitch=" + number(words) +
        " convert_out=discard reduce_dst=" + number(rows * words) + " reduce=" + how +
        " after=load:1\nstore format=word32 binding=y rows=1 cols=" + number(count) +
        " src=" + number(rows * words) + " after=vector:1\n");
    EXPECT_TRUE(image) << image.error().message();
    Memory memory{bytes_of(values), std::vector<std::byte>(count * 4)};
    const auto report = run(device(), *image, {}, memory);
    EXPECT_TRUE(report) << report.error().message();
    std::vector<std::uint32_t> result(count);
    std::memcpy(result.data(), memory[1].data(), memory[1].size());
    return result;
  }

  static std::vector<std::uint32_t> bits(const std::vector<float>& values) {
    std::vector<std::uint32_t> result;
    for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
    return result;
  }

  Dice dice_{seed()};
};

constexpr std::uint64_t kLastOperand = static_cast<std::uint64_t>(spec::Operand::kValue3);

TEST_F(Chains, OfEveryFunction) {
  for (std::uint64_t function = 0; function <= 8; ++function) {
    for (int round = 0; round < 3; ++round) {
      spec::Vector vector;
      vector.function = static_cast<spec::Function>(function);
      if (vector.function == spec::Function::kDivide) vector.divisor = spec::Operand::kSecond;
      check(vector);
    }
  }
}

TEST_F(Chains, OfEveryOperandInEveryPlace) {
  for (std::uint64_t which = 1; which <= kLastOperand; ++which) {
    const auto operand = static_cast<spec::Operand>(which);
    spec::Vector vector;
    vector.multiplicand = operand;
    check(vector);
    check({.addend = operand});
    check({.compare = spec::Compare::kEqual, .compare_with = operand});
    check({.compare = spec::Compare::kMin, .compare_with = operand});
    check({.function = spec::Function::kDivide, .divisor = operand});
    check({.multiplicand2 = operand});
    check({.addend2 = operand});
  }
}

TEST_F(Chains, OfRandomForms) {
  for (std::size_t i = 0; i < cases(400); ++i) {
    const auto operand = [&] { return static_cast<spec::Operand>(dice_.between(0, kLastOperand)); };
    spec::Vector vector;
    vector.convert_in = static_cast<spec::ConvertIn>(dice_.one_in(4));
    vector.multiplicand = operand();
    vector.addend = operand();
    vector.compare_with = operand();
    if (vector.compare_with != spec::Operand::kNone) {
      vector.compare = static_cast<spec::Compare>(dice_.between(1, 4));
    }
    vector.function = static_cast<spec::Function>(dice_.between(0, 8));
    if (vector.function == spec::Function::kDivide) {
      vector.divisor = static_cast<spec::Operand>(dice_.between(1, kLastOperand));
    }
    vector.multiplicand2 = operand();
    vector.addend2 = operand();
    vector.convert_out = static_cast<spec::ConvertOut>(dice_.one_in(4));
    vector.reduce = static_cast<spec::Reduce>(dice_.between(0, 4));
    if (vector.reduce != spec::Reduce::kNone) {
      vector.reduce_axis = static_cast<spec::ReduceAxis>(dice_.between(0, 1));
      if (dice_.one_in(4)) vector.convert_out = spec::ConvertOut::kDiscard;
    }
    check(vector, dice_.between(1, 20), dice_.between(1, dice_.one_in(4) ? 200 : 40));
  }
}

TEST_F(Chains, ReduceEveryShape) {
  for (std::uint64_t how = 1; how <= 4; ++how) {
    for (std::uint64_t axis = 0; axis <= 1; ++axis) {
      for (const auto& [rows, cols] : {std::pair<std::size_t, std::size_t>{1, 1},
                                       {1, 16},
                                       {16, 1},
                                       {3, 15},
                                       {7, 17},
                                       {8, 32},
                                       {17, 129},
                                       {33, 48},
                                       {70, 9}}) {
        spec::Vector vector;
        vector.reduce = static_cast<spec::Reduce>(how);
        vector.reduce_axis = static_cast<spec::ReduceAxis>(axis);
        check(vector, rows, cols);
        vector.convert_out = spec::ConvertOut::kDiscard;
        check(vector, rows, cols);
      }
    }
  }
}

// 2^24 + 1 rounds to 2^24, 2^24 + 2 does not: what meets first shows.
TEST_F(Chains, SumRowsInSixteenLanesAndATree) {
  const float big = 0x1p24f;
  std::vector<float> row(48);
  // Lane 0 takes elements 0, 16 and 32 one after the other: both ones are lost.
  row[0] = big;
  row[16] = row[32] = 1;
  EXPECT_EQ(reduce("sum", 1, 48, row), bits({big}));
  // Lanes 1 and 9 meet first: their sum survives. So it does for 1, 5 (and for 1, 3).
  row = std::vector<float>(48);
  row[0] = big;
  row[1] = row[9] = 1;
  EXPECT_EQ(reduce("sum", 1, 48, row), bits({big + 2}));
  // Lanes 8 and 4 meet lane 0 before each other: both are lost.
  row = std::vector<float>(48);
  row[0] = big;
  row[8] = row[4] = 1;
  EXPECT_EQ(reduce("sum", 1, 48, row), bits({big}));
}

TEST_F(Chains, SumColumnsInTheOrderOfTheirRows) {
  const float big = 0x1p24f;
  EXPECT_EQ(reduce("sum reduce_axis=column", 3, 2, {big, 1, 1, 1, 1, big}), bits({big, big + 2}));
  EXPECT_EQ(reduce("sum_squares reduce_axis=column", 3, 2, {0x1p12f, 1, 1, 1, 1, 0x1p12f}),
            bits({big, big + 2}));
}

TEST_F(Chains, SumsStartFromPlusZero) {
  EXPECT_EQ(reduce("sum", 2, 2, {-0.0f, -0.0f, 0x1p-149f, -0x1p-149f}), bits({0, 0}));
  EXPECT_EQ(reduce("sum", 1, 2, {kInfinity, -kInfinity}), bits({kNan}));
  EXPECT_EQ(reduce("sum", 1, 2, {-kNan, 1}), bits({kNan}));
}

TEST_F(Chains, MaxKnowsSignsAndNan) {
  const std::vector<float> values{-0.0f, 0.0f, -0.0f, -1,  kNan,       -kInfinity,
                                  -2,    -3,   -2,    5.5, -kInfinity, -kInfinity};
  EXPECT_EQ(reduce("max", 6, 2, values), bits({0, -0.0f, kNan, -2, 5.5, -kInfinity}));
  EXPECT_EQ(reduce("max reduce_axis=column", 6, 2, values), bits({kNan, 5.5}));
}

TEST_F(Chains, ArgmaxIsTheFirstOfTheLargestOrTheFirstNan) {
  using Indices = std::vector<std::uint32_t>;
  EXPECT_EQ(reduce("argmax", 1, 40, std::vector<float>(40, -kInfinity)), Indices{0});
  std::vector<float> row(40, -1);
  row[37] = row[21] = row[22] = 3;
  EXPECT_EQ(reduce("argmax", 1, 40, row), Indices{21});
  row[39] = row[38] = -kNan;
  EXPECT_EQ(reduce("argmax", 1, 40, row), Indices{38});
  EXPECT_EQ(reduce("argmax", 1, 3, {-0.0f, 0x1p-149f, 0}), Indices{1});
  EXPECT_EQ(reduce("argmax", 1, 3, {-0x1p-149f, -0.0f, 0}), Indices{2});
  EXPECT_EQ(reduce("argmax reduce_axis=column", 3, 3, {1, 2, kNan, 7, 2, -kNan, 7, 3, kInfinity}),
            (Indices{1, 2, 0}));
}

TEST_F(Chains, ReduceInPlaceAndWithASideVector) {
  // Softmax of rows: subtract the maximum, exp2 with the sum, divide by the sum.
  const auto image = assemble(
      ".binding x read 2368\n.binding y write 2368\n"
      "load target=v binding=x format=fp32 rows=16 cols=37 row_stride=148 dst_pitch=3\n"
      "vector rows=16 cols=37 src_pitch=3 reduce=max reduce_dst=100 convert_out=discard"
      " after=load:1\n"
      "vector multiplicand=value0 value0=0f-1 rows=1 cols=16 src=100 dst=101 after=vector:1\n"
      "vector addend=row row=101 function=exp2 rows=16 cols=37 src_pitch=3 dst_pitch=3 reduce=sum"
      " reduce_dst=102 after=vector:2\n"
      "vector function=divide divisor=row row=102 rows=16 cols=37 src_pitch=3 dst_pitch=3"
      " after=vector:3\n"
      "store format=word32 binding=y rows=16 cols=37 row_stride=148 src_pitch=3 after=vector:4\n");
  ASSERT_TRUE(image) << image.error().message();
  std::vector<float> values(16 * 37);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 7919 % 37) / 8;
  expect_as_oracle(*image, {bytes_of(values), std::vector<std::byte>(2368)});
  Memory memory{bytes_of(values), std::vector<std::byte>(2368)};
  ASSERT_TRUE(run(device(), *image, {}, memory));
  std::vector<float> result(16 * 37);
  std::memcpy(result.data(), memory[1].data(), memory[1].size());
  for (std::size_t r = 0; r < 16; ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < 37; ++c) sum += result[r * 37 + c];
    EXPECT_NEAR(sum, 1, 37 * 0x1p-23);  // an ulp at most per element
  }
}

}  // namespace
}  // namespace weft::test
