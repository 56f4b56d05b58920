// SPDX-License-Identifier: Apache-2.0
// Loads into A and B that transpose, round stochastically or read V: against the oracle, and
// against the plain loads they must equal.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "runtime/program/asm.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

using Bytes = std::vector<std::byte>;

std::string text(std::uint64_t value) {
  return std::to_string(value);
}

std::size_t size_of(const std::string& format) {
  return format == "fp32" ? 4 : 2;
}

Bytes transposed(const Bytes& from, std::size_t rows, std::size_t cols, std::size_t size) {
  Bytes to(from.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      std::memcpy(&to[(c * rows + r) * size], &from[(r * cols + c) * size], size);
    }
  }
  return to;
}

class OperandLoads : public testing::Test {
 protected:
  Bytes matrix(const std::string& format, std::size_t rows, std::size_t cols) {
    const auto kind = format == "fp32" ? spec::LoadFormat::kFp32 : spec::LoadFormat::kBf16;
    return random_matrix(dice_, kind, rows, cols, cols * size_of(format));
  }

  // M x N products of operands that two lines load; they may end in " after=...".
  static Bytes product(const std::string& loads, const Bytes& a, const Bytes& b, std::size_t m,
                       std::size_t n, std::size_t k, std::size_t count = 2,
                       const Scalars& scalars = {}) {
    const auto cells = text((k + 63) / 64);
    const auto words = text((n + 15) / 16);
    const auto image =
        assemble(".binding a read " + text(a.size()) + "\n.binding b read " + text(b.size()) +
                 "\n.binding y write " + text(m * n * 4) + "\n.scalar seed\n" + loads +
                 "matmul arithmetic=mxint8 m=" + text(m) + " n=" + text(n) + " k=" + text(k) +
                 " a_pitch=" + cells + " b_pitch=" + cells + " dst=512 dst_pitch=" + words +
                 " after=load:" + text(count) + "\nstore format=word32 binding=y rows=" + text(m) +
                 " cols=" + text(n) + " row_stride=" + text(4 * n) + " src=512 src_pitch=" + words +
                 " after=matmul:1\n");
    EXPECT_TRUE(image) << image.error().message();
    if (!image) return {};
    const Memory before{a, b, Bytes(m * n * 4)};
    expect_as_oracle(*image, before, scalars);
    Memory memory = before;
    const auto report = run(device(), *image, scalars, memory);
    EXPECT_TRUE(report) << report.error().message();
    return memory[2];
  }

  // A load of a contiguous rows x cols matrix.
  static std::string load(const std::string& target, const std::string& format, std::size_t rows,
                          std::size_t cols, bool transpose, const std::string& more = "") {
    const std::size_t contraction = transpose ? rows : cols;
    return "load target=" + target + " binding=" + target + " format=" + format +
           " rows=" + text(rows) + " cols=" + text(cols) +
           " row_stride=" + text(cols * size_of(format)) +
           " dst_pitch=" + text((contraction + 63) / 64) + (transpose ? " transpose=yes" : "") +
           more + "\n";
  }

  Dice dice_{seed()};
};

struct Shape {
  std::size_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 1, 1},   {16, 16, 64},  {5, 19, 33},
                             {17, 3, 70}, {33, 50, 100}, {20, 31, 130}};

TEST_F(OperandLoads, TransposedAreLoadsOfTheTransposedMatrix) {
  for (const std::string format : {"fp32", "bf16"}) {
    for (const auto& [m, n, k] : kShapes) {
      SCOPED_TRACE(format + " " + text(m) + "x" + text(n) + "x" + text(k));
      const Bytes a = matrix(format, m, k);
      const Bytes b = matrix(format, n, k);
      const Bytes a_t = transposed(a, m, k, size_of(format));
      const Bytes b_t = transposed(b, n, k, size_of(format));
      const Bytes plain =
          product(load("a", format, m, k, false) + load("b", format, n, k, false), a, b, m, n, k);
      for (int which = 1; which < 4; ++which) {
        const bool ta = (which & 1) != 0;
        const bool tb = (which & 2) != 0;
        const auto loads = (ta ? load("a", format, k, m, true) : load("a", format, m, k, false)) +
                           (tb ? load("b", format, k, n, true) : load("b", format, n, k, false));
        EXPECT_TRUE(equal_bytes(plain, product(loads, ta ? a_t : a, tb ? b_t : b, m, n, k)));
      }
    }
  }
}

TEST_F(OperandLoads, FromVAreLoadsFromMemory) {
  for (const auto& [m, n, k] : kShapes) {
    for (const bool transpose : {false, true}) {
      for (const std::string rounding : {"", " rounding=stochastic seed=7 tensor=3"}) {
        SCOPED_TRACE(text(m) + "x" + text(n) + "x" + text(k) + " " + text(transpose) + rounding);
        const std::size_t rows = transpose ? k : m;
        const std::size_t cols = transpose ? m : k;
        const Bytes a = matrix("fp32", rows, cols);
        const Bytes b = matrix("fp32", n, k);
        const auto load_b = load("b", "fp32", n, k, false);
        const Bytes direct =
            product(load("a", "fp32", rows, cols, transpose, rounding) + load_b, a, b, m, n, k);
        const auto words = text((cols + 15) / 16);
        const auto indices = rounding.empty() ? "" : " row_stride=" + text(4 * cols);
        const auto through_v =
            "load target=v binding=a format=fp32 rows=" + text(rows) + " cols=" + text(cols) +
            " row_stride=" + text(4 * cols) + " dst=5 dst_pitch=" + words + "\nload target=a" +
            " source=v format=fp32 rows=" + text(rows) + " cols=" + text(cols) + indices +
            " src=5 src_pitch=" + words + " dst_pitch=" + text((k + 63) / 64) +
            (transpose ? " transpose=yes" : "") + rounding + " after=load:1\n" + load_b;
        EXPECT_TRUE(equal_bytes(direct, product(through_v, a, b, m, n, k, 3)));
      }
    }
  }
}

TEST_F(OperandLoads, RepeatARowOfV) {
  const Bytes a = matrix("fp32", 1, 40);
  Bytes repeated;
  for (int i = 0; i < 18; ++i) repeated.insert(repeated.end(), a.begin(), a.end());
  const Bytes b = matrix("fp32", 5, 40);
  const auto load_b = load("b", "fp32", 5, 40, false);
  const Bytes plain = product(load("a", "fp32", 18, 40, false) + load_b, repeated, b, 18, 5, 40);
  const auto through_v =
      "load target=v binding=a format=fp32 rows=1 cols=40\n"
      "load target=a source=v format=fp32 rows=18 cols=40 dst_pitch=1 after=load:1\n" +
      load_b;
  EXPECT_TRUE(equal_bytes(plain, product(through_v, a, b, 18, 5, 40, 3)));
}

// A tensor of 40 x 96 as one load, and as tiles of 16 rows and 64 (then 32) columns.
TEST_F(OperandLoads, StochasticRoundingDoesNotDependOnTheTile) {
  const std::string rounding = " rounding=stochastic seed_scalar=seed tensor=513";
  for (const std::string format : {"fp32", "bf16"}) {
    for (const bool transpose : {false, true}) {
      SCOPED_TRACE(format + (transpose ? " transposed" : ""));
      const std::size_t size = size_of(format);
      const std::size_t rows = transpose ? 96 : 40;
      const std::size_t cols = transpose ? 40 : 96;
      const Bytes a = matrix(format, rows, cols);
      const Bytes b = matrix("fp32", 20, 96);
      const auto load_b = load("b", "fp32", 20, 96, false);
      const Scalars scalars{0x12345678};
      const Bytes whole = product(load("a", format, rows, cols, transpose, rounding) + load_b, a, b,
                                  40, 20, 96, 2, scalars);
      std::string tiles;
      std::size_t count = 0;
      for (std::size_t row = 0; row < 40; row += 16) {
        for (std::size_t k = 0; k < 96; k += 64) {
          const std::size_t high = std::min<std::size_t>(16, 40 - row);
          const std::size_t deep = std::min<std::size_t>(64, 96 - k);
          const std::size_t offset = transpose ? k * cols + row : row * cols + k;
          tiles += "load target=a binding=a format=" + format +
                   " rows=" + text(transpose ? deep : high) +
                   " cols=" + text(transpose ? high : deep) + " row_stride=" + text(cols * size) +
                   " offset=" + text(offset * size) + " dst=" + text(row / 16 * 2 + k / 64) +
                   (transpose ? " transpose=yes" : "") + rounding + "\n";
          ++count;
        }
      }
      EXPECT_TRUE(
          equal_bytes(whole, product(tiles + load_b, a, b, 40, 20, 96, count + 1, scalars)));
    }
  }
}

TEST_F(OperandLoads, StochasticRoundingDrawsBySeedAndTensor) {
  const Bytes a = matrix("fp32", 16, 64);
  const Bytes b = matrix("fp32", 16, 64);
  const auto with = [&](const std::string& keys, const Scalars& scalars = {}) {
    return product(load("a", "fp32", 16, 64, false, " rounding=stochastic" + keys) +
                       load("b", "fp32", 16, 64, false),
                   a, b, 16, 16, 64, 2, scalars);
  };
  const Bytes first = with(" seed=77 tensor=5");
  EXPECT_EQ(first, with(" seed_scalar=seed tensor=5", {77}));
  EXPECT_NE(first, with(" seed=78 tensor=5"));
  EXPECT_NE(first, with(" seed=77 tensor=6"));
}

// Over many seeds the mean of 0.3 steps is 0.3 steps; nearest would give 0.
TEST_F(OperandLoads, StochasticRoundingIsRightOnAverage) {
  // Row 0 of A: 127 fixes the scale at 1; 0.3 and -0.3 lie below a step.
  std::vector<float> row(32);
  row[0] = 127;
  row[1] = 0.3f;
  row[2] = -0.3f;
  Bytes a(128);
  std::memcpy(a.data(), row.data(), 128);
  std::vector<float> pick(2 * 32);
  pick[1] = pick[32 + 2] = 1;
  Bytes b(256);
  std::memcpy(b.data(), pick.data(), 256);
  const auto image =
      assemble(".binding a read 128\n.binding b read 256\n.binding y write 8\n.scalar seed\n" +
               load("a", "fp32", 1, 32, false, " rounding=stochastic seed_scalar=seed") +
               load("b", "fp32", 2, 32, false) +
               "matmul arithmetic=mxint8 m=1 n=2 k=32 after=load:2\n"
               "store format=word32 binding=y rows=1 cols=2 after=matmul:1\n");
  ASSERT_TRUE(image) << image.error().message();
  const std::size_t count = cases(2000);
  double sums[2] = {0, 0};
  for (std::uint32_t draw = 0; draw < count; ++draw) {
    Memory memory{a, b, Bytes(8)};
    ASSERT_TRUE(run(device(), *image, {draw}, memory));
    float result[2];
    std::memcpy(result, memory[2].data(), 8);
    EXPECT_TRUE(result[0] == 0 || result[0] == 1) << result[0];
    EXPECT_TRUE(result[1] == 0 || result[1] == -1) << result[1];
    sums[0] += result[0];
    sums[1] += result[1];
  }
  // Five standard deviations of a mean of `count` draws with probability 0.3.
  const double tolerance = 5 * std::sqrt(0.3 * 0.7 / static_cast<double>(count));
  EXPECT_NEAR(sums[0] / static_cast<double>(count), 0.3, tolerance);
  EXPECT_NEAR(sums[1] / static_cast<double>(count), -0.3, tolerance);
}

}  // namespace
}  // namespace weft::test
