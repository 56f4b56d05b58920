// SPDX-License-Identifier: Apache-2.0
// Softmax, its gradient, and the cross entropy.
//
// Error of an exponential e[c] = exp2(t), t = fma(x, L, -m L): t is rounded once (u |t|), the
// constant L = log2(e) is off by at most u of itself, both times |x - m|; exp2 adds 1 ulp = 2u.
// That -m L is rounded multiplies a whole row by one factor, which cancels. With |t| = |x - m|
// log2(e) and d exp2(t) = exp2(t) ln2 dt the relative error of e[c] is
//   exponential_error(x - m) = u (2 |x - m| + 2).
// The sum has the errors of its terms, weighted, and those of its additions. Its reciprocal rounds,
// and the product with it.
#include <limits>

#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::Shape;

constexpr double kSecondOrder = 1.001;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<Shape> shapes() {
  if (slow()) return {{1, 1}, {5, 10}, {64, 100}};
  return {{1, 1}, {1, 17}, {5, 10}, {64, 10}, {20, 33}, {300, 1000}, {3, 5000}};
}

double exponential_error(double distance) {
  return kU * (2 * std::abs(distance) + 2);
}

struct Row {
  std::vector<double> p;
  std::vector<double> error;  // relative, of p but for the reciprocal and its product
  double largest = 0;
  double log_sum = 0;    // ln of the sum of exp(x - largest)
  double sum_error = 0;  // relative
};

Row softmax(std::span<const double> x) {
  Row row;
  row.largest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double each : x) sum += std::exp(each - row.largest);
  row.log_sum = std::log(sum);
  row.sum_error = gamma(row_additions(static_cast<double>(x.size())));
  for (const double each : x) {
    row.p.push_back(std::exp(each - row.largest) / sum);
    row.sum_error += row.p.back() * exponential_error(each - row.largest);
  }
  for (const double each : x) {
    row.error.push_back(exponential_error(each - row.largest) + row.sum_error);
  }
  return row;
}

// x with rows of different size and place, so that the largest matters.
std::vector<float> logits(Shape shape, std::uint64_t seed) {
  auto x = normal(std::size_t{shape.rows} * shape.cols, seed, 4);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] += 20.0f * static_cast<float>(i / shape.cols % 7) - 50;
  }
  return x;
}

TEST(Softmax, IsWithinTheBoundOfItsPasses) {
  for (const Shape shape : shapes()) {
    const auto x = logits(shape, 31);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& to = card.room(x.size());
      card.run(kernels::softmax(card.info(), shape), {.x = from.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    std::vector<double> want;
    std::vector<double> bound;
    const auto wide = widen(x);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const Row row = softmax(std::span(wide).subspan(std::size_t{r} * shape.cols, shape.cols));
      for (std::uint32_t c = 0; c < shape.cols; ++c) {
        want.push_back(row.p[c]);
        bound.push_back(kSecondOrder * row.p[c] * (row.error[c] + 2 * kU) + kTiny);
      }
    }
    expect_close(outputs[0], want, bound, "softmax");
  }
}

TEST(Softmax, OfInfinityAndNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x{-kInfinity, 0, 0, 1, kInfinity, 2, 3, nan, 4};
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& from = card.put(x);
    Buffer& to = card.room(x.size());
    card.run(kernels::softmax(card.info(), {3, 3}), {.x = from.view(), .y = to.view()});
    return Outputs{card.get(to)};
  });
  EXPECT_EQ(outputs[0][0], 0);
  EXPECT_EQ(outputs[0][1], 0.5f);
  EXPECT_EQ(outputs[0][2], 0.5f);
  for (std::size_t i = 3; i < 9; ++i) EXPECT_TRUE(std::isnan(outputs[0][i])) << i;
}

// dx = y (dy - s): s has a product, its terms' additions; dy - s and the product round.
TEST(SoftmaxGradient, IsWithinTheBoundOfItsPasses) {
  for (const Shape shape : shapes()) {
    const auto x = widen(logits(shape, 32));
    std::vector<float> y;
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const Row row = softmax(std::span(x).subspan(std::size_t{r} * shape.cols, shape.cols));
      for (const double p : row.p) y.push_back(static_cast<float>(p));
    }
    const auto dy = normal(y.size(), 33);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& result = card.put(y);
      Buffer& gradient = card.put(dy);
      Buffer& to = card.room(y.size());
      card.run(kernels::softmax_gradient(card.info(), shape),
               {.y = result.view(), .dy = gradient.view(), .dx = to.view()});
      return Outputs{card.get(to)};
    });
    std::vector<double> want;
    std::vector<double> bound;
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const std::size_t first = std::size_t{r} * shape.cols;
      double sum = 0;
      double magnitudes = 0;
      for (std::size_t i = first; i < first + shape.cols; ++i) {
        sum += double{y[i]} * dy[i];
        magnitudes += std::abs(double{y[i]} * dy[i]);
      }
      const double sum_error = (kU + gamma(row_additions(shape.cols))) * magnitudes;
      for (std::size_t i = first; i < first + shape.cols; ++i) {
        want.push_back(y[i] * (dy[i] - sum));
        bound.push_back(kSecondOrder * (y[i] * sum_error + 2 * kU * std::abs(want.back())) + kTiny);
      }
    }
    expect_close(outputs[0], want, bound, "softmax gradient");
  }
}

TEST(SoftmaxGradient, IsTheGradientOfSoftmax) {
  const auto x = widen(normal(7, 34, 2));
  const auto dy = widen(normal(7, 35));
  const auto f = [&](const std::vector<double>& at) {
    const Row row = softmax(at);
    double sum = 0;
    for (std::size_t i = 0; i < at.size(); ++i) sum += row.p[i] * dy[i];
    return sum;
  };
  const Row row = softmax(x);
  std::vector<double> gradient;
  for (std::size_t i = 0; i < x.size(); ++i) gradient.push_back(row.p[i] * (dy[i] - f(x)));
  expect_gradient(f, x, gradient, "softmax");
}

std::vector<std::int32_t> labels_for(Shape shape) {
  std::vector<std::int32_t> labels;
  for (std::uint32_t r = 0; r < shape.rows; ++r) {
    labels.push_back(static_cast<std::int32_t>(r * 7919u % shape.cols));
  }
  return labels;
}

struct CrossEntropy {
  std::vector<float> loss;
  std::vector<float> gradient;
  std::vector<float> predictions;  // bits of int32
};

CrossEntropy cross_entropy(Shape shape, const std::vector<float>& x,
                           const std::vector<std::int32_t>& labels, float factor) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& from = card.put(x);
    Buffer& wanted = card.put(labels);
    Buffer& loss = card.room(shape.rows);
    Buffer& gradient = card.room(x.size());
    Buffer& predictions = card.room(shape.rows);
    card.run(kernels::softmax_cross_entropy(card.info(), shape), {.logits = from.view(),
                                                                  .labels = wanted.view(),
                                                                  .loss = loss.view(),
                                                                  .dlogits = gradient.view(),
                                                                  .predictions = predictions.view(),
                                                                  .factor = factor});
    return Outputs{card.get(loss), card.get(gradient), card.get(predictions)};
  });
  return {outputs[0], outputs[1], outputs[2]};
}

// The loss is ln2 (log2(s) - t): s has sum_error, log2 1 ulp, t what an exponential's has (without
// exp2), ln2 is off by u of itself in both terms, and the last step and -ln2 t round. The common
// factor of s and 2^t, off from 1 by what rounding m L brings, is in both.
// The gradient is f p - f hit: f / sum rounds twice, then the multiply-add once.
TEST(SoftmaxCrossEntropy, IsWithinTheBoundOfItsPasses) {
  for (const Shape shape : shapes()) {
    const auto x = logits(shape, 36);
    const auto labels = labels_for(shape);
    const float factor = 1.0f / static_cast<float>(shape.rows);
    const CrossEntropy got = cross_entropy(shape, x, labels, factor);
    std::vector<double> loss;
    std::vector<double> loss_bound;
    std::vector<double> want;
    std::vector<double> bound;
    const auto wide = widen(x);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const auto values = std::span(wide).subspan(std::size_t{r} * shape.cols, shape.cols);
      const Row row = softmax(values);
      const auto label = static_cast<std::size_t>(labels[r]);
      const double distance = std::abs(values[label] - row.largest);
      const double shift = std::abs(row.largest) * kU;  // of the common factor's logarithm
      loss.push_back(row.log_sum - (values[label] - row.largest));
      loss_bound.push_back(kSecondOrder * (row.sum_error + 4 * kU * (row.log_sum + shift) +
                                           5 * kU * (distance + shift) + kU * loss.back()) +
                           kTiny);
      for (std::uint32_t c = 0; c < shape.cols; ++c) {
        want.push_back(factor * (row.p[c] - (c == label ? 1 : 0)));
        bound.push_back(kSecondOrder * (factor * row.p[c] * (row.error[c] + 2 * kU) +
                                        kU * std::abs(want.back())) +
                        kTiny);
      }
      const auto largest = std::max_element(values.begin(), values.end()) - values.begin();
      EXPECT_EQ(std::bit_cast<std::int32_t>(got.predictions[r]), largest) << "row " << r;
    }
    expect_close(got.loss, loss, loss_bound, "loss");
    expect_close(got.gradient, want, bound, "gradient of the loss");
  }
}

TEST(SoftmaxCrossEntropy, GradientIsThatOfTheLoss) {
  const auto x = widen(normal(9, 37, 2));
  constexpr std::size_t kLabel = 4;
  const auto f = [&](const std::vector<double>& at) { return -std::log(softmax(at).p[kLabel]); };
  std::vector<double> gradient = softmax(x).p;
  gradient[kLabel] -= 1;
  expect_gradient(f, x, gradient, "cross entropy");
}

TEST(SoftmaxCrossEntropy, TakesMaskedLogitsTiesAndForeignLabels) {
  const std::vector<float> x{-kInfinity, 1, 1, 5, 5, -kInfinity, 0, 0, 0};
  const CrossEntropy got = cross_entropy({3, 3}, x, {1, 0, 77}, 1);
  EXPECT_NEAR(got.loss[0], std::log(2.0), 1e-6);
  EXPECT_NEAR(got.loss[1], std::log(2.0), 1e-6);
  EXPECT_NEAR(got.loss[2], std::log(3.0), 1e-6);
  EXPECT_EQ(got.gradient[0], 0);
  EXPECT_EQ(got.gradient[1], -0.5f);
  EXPECT_EQ(got.gradient[2], 0.5f);
  EXPECT_EQ(std::bit_cast<std::int32_t>(got.predictions[0]), 1);
  EXPECT_EQ(std::bit_cast<std::int32_t>(got.predictions[1]), 0);
  EXPECT_NEAR(got.gradient[8], 1.0 / 3, 1e-7);
}

}  // namespace
}  // namespace weft::test
