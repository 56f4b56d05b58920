// SPDX-License-Identifier: Apache-2.0
// Optimizers: a few steps from zero state, each against the formula in double precision applied to
// the card's own state before the step, so that bounds are those of one step.
#include "tests/kernels/support.h"

namespace weft::test {
namespace {

constexpr double kSecondOrder = 1.001;
constexpr std::uint32_t kSteps = 3;

std::vector<std::size_t> sizes() {
  if (slow()) return {1, 20001};
  return {1, 100, 50001};
}

// Each of g', v and p is one fused multiply-add: g' has u |g'|; v that and u |v|; p the rate times
// those and u |p|.
TEST(SgdMomentum, FollowsItsFormula) {
  constexpr float kRate = 0.05f;
  constexpr float kMomentum = 0.9f;
  constexpr float kDecay = 0.01f;
  for (const std::size_t count : sizes()) {
    const auto start = normal(count, 41);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Outputs states{start, std::vector<float>(count)};
      Buffer& p = card.put(states[0]);
      Buffer& v = card.put(states[1]);
      for (std::uint32_t step = 0; step < kSteps; ++step) {
        Buffer& g = card.put(normal(count, 50 + step));
        card.run(kernels::sgd_momentum(card.info(), count), {.p = p.view(),
                                                             .v = v.view(),
                                                             .g = g.view(),
                                                             .learning_rate = kRate,
                                                             .momentum = kMomentum,
                                                             .weight_decay = kDecay});
        states.push_back(card.get(p));
        states.push_back(card.get(v));
      }
      return states;
    });
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      const auto g = normal(count, 50 + step);
      std::vector<double> p(count);
      std::vector<double> v(count);
      std::vector<double> p_bound(count);
      std::vector<double> v_bound(count);
      for (std::size_t i = 0; i < count; ++i) {
        const double gradient = g[i] + double{kDecay} * outputs[2 * step][i];
        v[i] = double{kMomentum} * outputs[2 * step + 1][i] + gradient;
        p[i] = outputs[2 * step][i] - double{kRate} * v[i];
        const double v_error = kU * (std::abs(gradient) + std::abs(v[i]));
        v_bound[i] = kSecondOrder * v_error + kTiny;
        p_bound[i] = kSecondOrder * (kRate * v_error + kU * std::abs(p[i])) + kTiny;
      }
      expect_close(outputs[2 * step + 2], p, p_bound, "parameters");
      expect_close(outputs[2 * step + 3], v, v_bound, "velocity");
    }
  }
}

// Scalars that the host makes are rounded: u each, but the betas and epsilon.
//   m   (1 - beta1) g: 2u; the sum u
//   v   g^2 u, the scalar and its product 2u; the sum u: all terms are positive, so 4u of v
//   root = sqrt(v) / sqrt(1 - beta2^step) + epsilon: 4u / 2 + u of sqrt, u of the scalar, u of the
//          sum: 5u
//   step = rate' m / root: that, u of the division, 2u of the scalar and its product: 8u; and what
//          m is off
//   p    the scalar (1 - rate decay) u of its product, and u of the sum
TEST(Adamw, FollowsItsFormula) {
  constexpr float kRate = 0.01f;
  constexpr float kBeta1 = 0.9f;
  constexpr float kBeta2 = 0.999f;
  constexpr float kEpsilon = 1e-8f;
  constexpr float kDecay = 0.1f;
  for (const std::size_t count : sizes()) {
    const auto start = normal(count, 42);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Outputs states{start, std::vector<float>(count), std::vector<float>(count)};
      Buffer& p = card.put(states[0]);
      Buffer& m = card.put(states[1]);
      Buffer& v = card.put(states[2]);
      for (std::uint32_t step = 0; step < kSteps; ++step) {
        Buffer& g = card.put(normal(count, 60 + step));
        card.run(kernels::adamw(card.info(), count), {.p = p.view(),
                                                      .m = m.view(),
                                                      .v = v.view(),
                                                      .g = g.view(),
                                                      .step = step + 1,
                                                      .learning_rate = kRate,
                                                      .beta1 = kBeta1,
                                                      .beta2 = kBeta2,
                                                      .epsilon = kEpsilon,
                                                      .weight_decay = kDecay});
        for (Buffer* each : {&p, &m, &v}) states.push_back(card.get(*each));
      }
      return states;
    });
    for (std::uint32_t step = 0; step < kSteps; ++step) {
      const auto g = normal(count, 60 + step);
      const auto state = std::span(outputs).subspan(std::size_t{3} * step);
      const double corrected1 = 1 - std::pow(double{kBeta1}, step + 1);
      const double corrected2 = 1 - std::pow(double{kBeta2}, step + 1);
      std::vector<std::vector<double>> want(3, std::vector<double>(count));
      std::vector<std::vector<double>> bound(3, std::vector<double>(count));
      for (std::size_t i = 0; i < count; ++i) {
        const double gradient = g[i];
        const double m = kBeta1 * double{state[1][i]} + (1 - double{kBeta1}) * gradient;
        const double v = kBeta2 * double{state[2][i]} + (1 - double{kBeta2}) * gradient * gradient;
        const double root = std::sqrt(v / corrected2) + kEpsilon;
        const double rate = kRate / corrected1;
        const double kept = state[0][i] * (1 - double{kRate} * kDecay);
        const double p = kept - rate * m / root;
        const double m_error = kU * (2 * std::abs((1 - double{kBeta1}) * gradient) + std::abs(m));
        want[0][i] = p;
        want[1][i] = m;
        want[2][i] = v;
        bound[0][i] = kSecondOrder * (rate / root * (m_error + 8 * kU * std::abs(m)) +
                                      kU * std::abs(kept) + kU * std::abs(p)) +
                      kTiny;
        bound[1][i] = kSecondOrder * m_error + kTiny;
        bound[2][i] = kSecondOrder * 4 * kU * v + kTiny;
      }
      expect_close(state[3], want[0], bound[0], "parameters");
      expect_close(state[4], want[1], bound[1], "first moment");
      expect_close(state[5], want[2], bound[2], "second moment");
    }
  }
}

}  // namespace
}  // namespace weft::test
