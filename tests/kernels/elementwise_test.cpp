// SPDX-License-Identifier: Apache-2.0
// Elementwise kernels. Bounds: u is the relative error of one rounding (kU); the functions of the
// chain are off by what their headers in hls/functions state, an ulp being at most 2u. Second-order
// terms are covered by the factor kSecondOrder.
#include <limits>
#include <numbers>

#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::Activation;

constexpr double kSecondOrder = 1.0001;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// One element; less than a word; words and a rest; several tiles in both configurations.
std::vector<std::size_t> sizes() {
  if (slow()) return {1, 100, 30001};
  return {1, 15, 16, 33, 4097, 100003};
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double phi(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}
double Phi(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

struct Case {
  Activation f;
  std::function<double(double)> value;
  std::function<double(double)> derivative;  // of x
  // Errors of the kernels, the second without the multiplication by dy.
  std::function<double(double)> value_bound;
  std::function<double(double)> derivative_bound;  // of what was saved
  bool saves_y = false;
};

std::vector<Case> cases() {
  return {
      {.f = Activation::kRelu,
       .value = [](double x) { return std::max(x, 0.0); },
       .derivative = [](double x) { return x > 0 ? 1.0 : 0.0; },
       .value_bound = [](double) { return 0.0; },
       .derivative_bound = [](double) { return 0.0; }},
      // 1 ulp; below zero |x| 2^-26 and half an ulp. The gradient 1 ulp; below zero 2^-25 and half.
      {.f = Activation::kGelu,
       .value = [](double x) { return x * Phi(x); },
       .derivative = [](double x) { return Phi(x) + x * phi(x); },
       .value_bound =
           [](double x) {
             const double y = std::abs(x * Phi(x));
             return x >= 0 ? 2 * kU * y : std::abs(x) * 0x1p-26 + kU * y;
           },
       .derivative_bound =
           [](double x) {
             const double slope = std::abs(Phi(x) + x * phi(x));
             return x >= 0 ? 2 * kU * slope : 0x1p-25 + kU * slope;
           }},
      // The sigmoid 1.5 ulp = 3u, a product. The gradient: t = 1 + x s(-x) has 3u of its second
      // term and a rounding, s(x) 3u, their product a rounding.
      {.f = Activation::kSilu,
       .value = [](double x) { return x * sigmoid(x); },
       .derivative = [](double x) { return sigmoid(x) * (1 + x * sigmoid(-x)); },
       .value_bound = [](double x) { return 4 * kU * std::abs(x * sigmoid(x)); },
       .derivative_bound =
           [](double x) {
             const double t = std::abs(1 + x * sigmoid(-x));
             return sigmoid(x) * (3 * kU * std::abs(x) * sigmoid(-x) + kU * t + 4 * kU * t);
           }},
      {.f = Activation::kSigmoid,
       .value = sigmoid,
       .derivative = [](double x) { return sigmoid(x) * sigmoid(-x); },
       .value_bound = [](double x) { return 3 * kU * sigmoid(x); },
       .derivative_bound = [](double y) { return 2 * kU * std::abs((1 - y) * y); },
       .saves_y = true},
      // y * y is rounded, and 1 - that.
      {.f = Activation::kTanh,
       .value = [](double x) { return std::tanh(x); },
       .derivative = [](double x) { return 1 - std::tanh(x) * std::tanh(x); },
       .value_bound = [](double x) { return 2 * kU * std::abs(std::tanh(x)); },
       .derivative_bound = [](double y) { return kU * y * y + kU * std::abs(1 - y * y); },
       .saves_y = true},
  };
}

TEST(Activations, AreWithinTheBoundsOfTheirFunctions) {
  for (const Case& each : cases()) {
    for (const std::size_t count : sizes()) {
      const auto x = normal(count, count, 3);
      const Outputs outputs = on_all_devices([&](Card& card) {
        Buffer& from = card.put(x);
        Buffer& to = card.room(count);
        card.run(kernels::activation(card.info(), each.f, count),
                 {.x = from.view(), .y = to.view()});
        return Outputs{card.get(to)};
      });
      std::vector<double> want(count);
      std::vector<double> bound(count);
      for (std::size_t i = 0; i < count; ++i) {
        want[i] = each.value(x[i]);
        bound[i] = kSecondOrder * each.value_bound(x[i]) + kTiny;
      }
      expect_close(outputs[0], want, bound,
                   "activation " + std::to_string(static_cast<int>(each.f)));
    }
  }
}

// dx = dy * f', one more rounding; from y the derivative is a formula of y.
TEST(ActivationGradients, AreWithinTheBoundsOfTheirFormulas) {
  for (const Case& each : cases()) {
    for (const std::size_t count : sizes()) {
      auto saved = normal(count, count + 1, 3);
      if (each.saves_y) {
        for (float& y : saved) y = static_cast<float>(each.value(y));
      }
      const auto dy = normal(count, count + 2);
      const Outputs outputs = on_all_devices([&](Card& card) {
        Buffer& from = card.put(saved);
        Buffer& gradient = card.put(dy);
        Buffer& to = card.room(count);
        card.run(kernels::activation_gradient(card.info(), each.f, count),
                 {.saved = from.view(), .dy = gradient.view(), .dx = to.view()});
        return Outputs{card.get(to)};
      });
      std::vector<double> want(count);
      std::vector<double> bound(count);
      for (std::size_t i = 0; i < count; ++i) {
        const double s = saved[i];
        const double slope = !each.saves_y                    ? each.derivative(s)
                             : each.f == Activation::kSigmoid ? (1 - s) * s
                                                              : 1 - s * s;
        want[i] = dy[i] * slope;
        bound[i] =
            kSecondOrder * (std::abs(dy[i]) * each.derivative_bound(s) + kU * std::abs(want[i])) +
            kTiny;
        if (each.f == Activation::kRelu) bound[i] = 0;
      }
      expect_close(outputs[0], want, bound, "gradient " + std::to_string(static_cast<int>(each.f)));
    }
  }
}

TEST(ActivationGradients, AreDerivatives) {
  for (const Case& each : cases()) {
    expect_derivative(each.value, each.derivative, normal(200, 7, 2));
  }
}

TEST(Relu, KeepsNanAndInfinity) {
  const std::vector<float> x{-kInfinity, -1, -0.0f, 0, 2, kInfinity, kNan};
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& from = card.put(x);
    Buffer& to = card.room(x.size());
    card.run(kernels::activation(card.info(), Activation::kRelu, x.size()),
             {.x = from.view(), .y = to.view()});
    return Outputs{card.get(to)};
  });
  EXPECT_EQ(std::vector<float>(outputs[0].begin(), outputs[0].end() - 1),
            (std::vector<float>{0, 0, 0, 0, 2, kInfinity}));
  EXPECT_TRUE(std::isnan(outputs[0].back()));
}

TEST(Arithmetic, RoundsAsItsFormulasSay) {
  constexpr float kA = 0.7f;
  constexpr float kB = -1.3f;
  for (const std::size_t count : sizes()) {
    const auto a = normal(count, 11);
    const auto b = normal(count, 12);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& left = card.put(a);
      Buffer& right = card.put(b);
      Buffer& sum = card.room(count);
      Buffer& product = card.room(count);
      Buffer& scaled = card.room(count);
      Buffer& both = card.room(count);
      Buffer& copied = card.room(count);
      Buffer& accumulated = card.put(b);
      Buffer& filled = card.room(count);
      card.run(kernels::add(card.info(), count),
               {.a = left.view(), .b = right.view(), .y = sum.view()});
      card.run(kernels::multiply(card.info(), count),
               {.a = left.view(), .b = right.view(), .y = product.view()});
      card.run(kernels::scale(card.info(), count),
               {.x = left.view(), .y = scaled.view(), .factor = kA});
      card.run(kernels::scale_add(card.info(), count),
               {.x = left.view(), .z = right.view(), .y = both.view(), .a = kA, .b = kB});
      card.run(kernels::copy(card.info(), count), {.x = left.view(), .y = copied.view()});
      card.run(kernels::accumulate(card.info(), count),
               {.x = left.view(), .y = accumulated.view()});
      card.run(kernels::fill(card.info(), count), {.y = filled.view(), .value = kB});
      return Outputs{card.get(sum),    card.get(product),     card.get(scaled), card.get(both),
                     card.get(copied), card.get(accumulated), card.get(filled)};
    });
    // The host's FP32 rounds as the card does; the numbers here are far from what is flushed.
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(outputs[0][i], a[i] + b[i]);
      ASSERT_EQ(outputs[1][i], a[i] * b[i]);
      ASSERT_EQ(outputs[2][i], kA * a[i]);
      ASSERT_EQ(outputs[3][i], std::fma(kA, a[i], kB * b[i]));
      ASSERT_EQ(outputs[4][i], a[i]);
      ASSERT_EQ(outputs[5][i], a[i] + b[i]);
      ASSERT_EQ(outputs[6][i], kB);
    }
  }
}

TEST(Copy, ChangesNoBit) {
  const std::vector<std::uint32_t> bits{0x00000001, 0x80000000, 0x7fa00001, 0xffffffff, 0x12345678};
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& from = card.put(bits);
    Buffer& to = card.room(bits.size());
    card.run(kernels::copy(card.info(), bits.size()), {.x = from.view(), .y = to.view()});
    return Outputs{card.get(to)};
  });
  for (std::size_t i = 0; i < bits.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(outputs[0][i]), bits[i]);
  }
}

}  // namespace
}  // namespace weft::test
