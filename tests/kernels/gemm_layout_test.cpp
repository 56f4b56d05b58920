// SPDX-License-Identifier: Apache-2.0
// gemm with operands stored the other way round, and with stochastic rounding.
#include <array>

#include "hls/functions/random16.h"
#include "tests/kernels/support.h"

namespace weft::test {
namespace {

constexpr auto kContiguous = GemmLayout::kContractionContiguous;
constexpr auto kStrided = GemmLayout::kContractionStrided;
constexpr auto kFp32 = spec::LoadFormat::kFp32;
constexpr auto kBf16 = spec::LoadFormat::kBf16;

struct Size {
  std::uint32_t m, n, k;
};

std::vector<Size> sizes() {
  if (slow()) return {{1, 1, 1}, {20, 17, 40}, {130, 50, 257}};
  return {{1, 1, 1}, {3, 5, 33}, {16, 16, 64}, {50, 70, 100}, {130, 200, 257}, {64, 300, 1100}};
}

// The matrix whose rows are the columns of `matrix`.
template <class T>
std::vector<T> transposed(const std::vector<T>& matrix, std::uint32_t rows, std::uint32_t cols) {
  std::vector<T> turned(matrix.size());
  for (std::uint32_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < cols; ++c) {
      turned[std::size_t{c} * rows + r] = matrix[std::size_t{r} * cols + c];
    }
  }
  return turned;
}

std::vector<std::uint16_t> bf16(const std::vector<float>& values) {
  std::vector<std::uint16_t> words;
  for (const float each : values) {
    words.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(each) >> 16));
  }
  return words;
}

template <class T>
std::vector<float> product(const GemmShape& shape, const std::vector<T>& a, const std::vector<T>& b,
                           std::uint32_t seed = 0) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& left = card.put(a);
    Buffer& right = card.put(b);
    Buffer& to = card.room(std::size_t{shape.m} * shape.n);
    const auto kernel = gemm(card.info(), shape);
    EXPECT_TRUE(kernel) << kernel.error().message();
    if (kernel) {
      card.run(kernel->steps({.a = left.view(), .b = right.view(), .c = to.view(), .seed = seed})
                   .value());
    }
    return Outputs{card.get(to)};
  });
  return outputs[0];
}

// The same operands as packed in memory either way: rounding to nearest sees the same blocks.
template <class T>
void expect_layouts_agree(Size size, spec::LoadFormat format, const std::vector<T>& a,
                          const std::vector<T>& b) {
  const auto [m, n, k] = size;
  GemmShape shape{.m = m, .n = n, .k = k, .a_format = format, .b_format = format};
  const auto want = product(shape, a, b);
  const auto turned_a = transposed(a, m, k);
  const auto turned_b = transposed(b, n, k);
  for (const auto a_layout : {kContiguous, kStrided}) {
    for (const auto b_layout : {kContiguous, kStrided}) {
      shape.a_layout = a_layout;
      shape.b_layout = b_layout;
      const auto got =
          product(shape, a_layout == kStrided ? turned_a : a, b_layout == kStrided ? turned_b : b);
      EXPECT_EQ(got, want) << m << " x " << n << " x " << k;
    }
  }
}

TEST(GemmLayouts, GiveTheSameBytes) {
  for (const Size size : sizes()) {
    const auto a = normal(std::size_t{size.m} * size.k, 81);
    const auto b = normal(std::size_t{size.n} * size.k, 82);
    expect_layouts_agree(size, kFp32, a, b);
  }
}

TEST(GemmLayouts, GiveTheSameBytesFromBf16) {
  const Size size = slow() ? Size{20, 17, 40} : Size{50, 70, 100};
  expect_layouts_agree(size, kBf16, bf16(normal(std::size_t{size.m} * size.k, 83)),
                       bf16(normal(std::size_t{size.n} * size.k, 84)));
}

// An operand as the card has it after stochastic rounding: blocks of 32 along the contraction, the
// scale the smallest power of two with the largest at most 127 of it, |x| cut to 2^-16 of a step.
// `index` is the place of (row, k) in memory.
std::vector<double> rounded(const std::vector<float>& matrix, std::uint32_t rows,
                            std::uint32_t depth, std::uint32_t seed, std::uint16_t tensor,
                            GemmLayout layout) {
  std::vector<double> result(matrix.size());
  for (std::uint32_t r = 0; r < rows; ++r) {
    for (std::uint32_t start = 0; start < depth; start += 32) {
      const std::uint32_t end = std::min(depth, start + 32);
      double largest = 0;
      for (std::uint32_t k = start; k < end; ++k) {
        largest = std::max(largest, std::abs(double{matrix[std::size_t{r} * depth + k]}));
      }
      double scale = 1;
      while (largest > 127 * scale) scale *= 2;
      while (largest <= 127 * scale / 2) scale /= 2;
      for (std::uint32_t k = start; k < end; ++k) {
        const std::size_t at = std::size_t{r} * depth + k;
        const std::uint32_t index = layout == kStrided ? k * rows + r : r * depth + k;
        const double draw = hls::random16(seed, tensor, index);
        const double steps = std::floor(std::abs(matrix[at]) / scale * 65536);
        result[at] = std::copysign(std::floor((steps + draw) / 65536) * scale, matrix[at]);
      }
    }
  }
  return result;
}

// What is left is the accumulation, one rounding per block.
TEST(GemmStochasticRounding, DrawsByThePlaceOfAnElementInItsTensor) {
  constexpr std::uint32_t kSeed = 20260;
  for (const Size size : sizes()) {
    const auto [m, n, k] = size;
    const auto a = normal(std::size_t{m} * k, 85);
    const auto b = normal(std::size_t{n} * k, 86);
    for (const auto a_layout : {kContiguous, kStrided}) {
      const auto b_layout = a_layout == kStrided ? kContiguous : kStrided;
      const GemmShape shape{.m = m,
                            .n = n,
                            .k = k,
                            .a_format = kFp32,
                            .b_format = kFp32,
                            .a_layout = a_layout,
                            .b_layout = b_layout,
                            .rounding = spec::Rounding::kStochastic,
                            .a_tensor = 7,
                            .b_tensor = 65535};
      const auto got = product(shape, a_layout == kStrided ? transposed(a, m, k) : a,
                               b_layout == kStrided ? transposed(b, n, k) : b, kSeed);
      const auto left = rounded(a, m, k, kSeed, 7, a_layout);
      const auto right = rounded(b, n, k, kSeed, 65535, b_layout);
      std::vector<double> want(got.size());
      std::vector<double> bound(got.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        for (std::uint32_t at = 0; at < k; ++at) {
          const double term = left[i / n * k + at] * right[i % n * k + at];
          want[i] += term;
          bound[i] += gamma(std::ceil(k / 32.0)) * std::abs(term);
        }
      }
      expect_close(got, want, bound, "stochastic gemm");
    }
  }
}

TEST(GemmStochasticRounding, DependsOnTheSeedAndNothingElse) {
  const auto a = normal(40 * 50, 87);
  const auto b = normal(30 * 50, 88);
  const GemmShape shape{.m = 40,
                        .n = 30,
                        .k = 50,
                        .a_format = kFp32,
                        .b_format = kFp32,
                        .rounding = spec::Rounding::kStochastic};
  const auto first = product(shape, a, b, 1);
  EXPECT_EQ(product(shape, a, b, 1), first);
  EXPECT_NE(product(shape, a, b, 2), first);
}

// The mean of many draws comes closer to the product of the real operands than one draw can.
TEST(GemmStochasticRounding, HasNoBias) {
  constexpr std::uint32_t kDraws = 400;
  constexpr std::uint32_t kDepth = 32;
  const auto a = normal(kDepth, 89);
  const auto b = normal(kDepth, 90);
  const GemmShape shape{.m = 1,
                        .n = 1,
                        .k = kDepth,
                        .a_format = kFp32,
                        .b_format = kFp32,
                        .rounding = spec::Rounding::kStochastic,
                        .a_tensor = 1,
                        .b_tensor = 2};
  double sum = 0;
  for (std::uint32_t seed = 0; seed < kDraws; ++seed) sum += product(shape, a, b, seed)[0];
  // A step is at most 2 max / 127 and a draw lies within it, with a deviation of at most half of
  // it: per product that is at most half a step of a times |b| and the reverse, independent. Five
  // standard deviations of the mean.
  double exact = 0;
  double squares = 0;
  double largest_a = 0;
  double largest_b = 0;
  for (std::uint32_t k = 0; k < kDepth; ++k) {
    largest_a = std::max(largest_a, std::abs(double{a[k]}));
    largest_b = std::max(largest_b, std::abs(double{b[k]}));
  }
  for (std::uint32_t k = 0; k < kDepth; ++k) {
    exact += double{a[k]} * b[k];
    squares += std::pow(largest_a / 127 * b[k], 2) + std::pow(largest_b / 127 * a[k], 2) +
               std::pow(largest_a / 127 * largest_b / 127, 2);
  }
  EXPECT_NEAR(sum / kDraws, exact, 5 * std::sqrt(squares / kDraws));
}

// C[m][n] in double precision, and what rounding to nearest leaves: half a step, at most the
// largest of the block / 127, of either operand, and one rounding per block.
void expect_product(const std::vector<float>& got, const std::vector<float>& a,
                    const std::vector<float>& b, Size size, const char* what) {
  const auto [m, n, k] = size;
  const auto errors = [k = k](const std::vector<float>& matrix) {
    std::vector<double> error(matrix.size());
    for (std::size_t row = 0; row < matrix.size(); row += k) {
      for (std::size_t start = 0; start < k; start += 32) {
        const std::size_t end = std::min<std::size_t>(k, start + 32);
        double largest = 0;
        for (std::size_t i = start; i < end; ++i) {
          largest = std::max(largest, std::abs(double{matrix[row + i]}));
        }
        for (std::size_t i = start; i < end; ++i) error[row + i] = largest / 127;
      }
    }
    return error;
  };
  const auto a_error = errors(a);
  const auto b_error = errors(b);
  std::vector<double> want(got.size());
  std::vector<double> bound(got.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    for (std::size_t at = 0; at < k; ++at) {
      const std::size_t ia = i / n * k + at;
      const std::size_t ib = i % n * k + at;
      const double x = std::abs(double{a[ia]});
      const double y = std::abs(double{b[ib]});
      want[i] += double{a[ia]} * b[ib];
      bound[i] += x * b_error[ib] + y * a_error[ia] + a_error[ia] * b_error[ib] +
                  gamma(std::ceil(k / 32.0)) * 1.02 * x * y;
    }
  }
  expect_close(got, want, bound, what);
}

TEST(GemmOfTraining, ForwardDgradAndWgradReadWhatIsInMemory) {
  const std::uint32_t batch = slow() ? 20 : 90;
  const std::uint32_t inputs = slow() ? 33 : 150;
  const std::uint32_t outputs = slow() ? 17 : 70;
  const auto x = normal(std::size_t{batch} * inputs, 91);
  const auto w = normal(std::size_t{outputs} * inputs, 92);
  const auto dy = normal(std::size_t{batch} * outputs, 93);
  expect_product(
      product({.m = batch, .n = outputs, .k = inputs, .a_format = kFp32, .b_format = kFp32}, x, w),
      x, w, {batch, outputs, inputs}, "forward");
  expect_product(product({.m = batch,
                          .n = inputs,
                          .k = outputs,
                          .a_format = kFp32,
                          .b_format = kFp32,
                          .b_layout = kStrided},
                         dy, w),
                 dy, transposed(w, outputs, inputs), {batch, inputs, outputs}, "dgrad");
  expect_product(product({.m = outputs,
                          .n = inputs,
                          .k = batch,
                          .a_format = kFp32,
                          .b_format = kFp32,
                          .a_layout = kStrided,
                          .b_layout = kStrided},
                         dy, x),
                 transposed(dy, batch, outputs), transposed(x, batch, inputs),
                 {outputs, inputs, batch}, "wgrad");
}

}  // namespace
}  // namespace weft::test
