// SPDX-License-Identifier: Apache-2.0
// The gradients of convolution against references in double precision, and stochastic rounding.
#include <cmath>

#include "tests/kernels/convolution_runs.h"

namespace weft::test {
namespace {

TEST(ConvolutionWeightGradient, IsTheSumOverPixels) {
  for (const ConvolutionShape& s : shapes()) {
    const Tensors t(s);
    const Reference want = weight_gradient(s, t.x, t.dy);
    expect_close(run_weight_gradient(s, t), want.want, want.bound, describe(s));
  }
}

TEST(ConvolutionInputGradient, IsTheSumOverWindowsOfDy) {
  for (const ConvolutionShape& s : input_gradient_shapes()) {
    const Tensors t(s);
    const Reference want = input_gradient(s, t.dy, t.w);
    expect_close(run_input_gradient(s, t), want.want, want.bound, describe(s));
  }
}

TEST(ConvolutionBiasGradient, IsTheSumOverPixels) {
  for (const ConvolutionShape& s : shapes()) {
    const Tensors t(s);
    const Map out = y_map(s);
    const auto got = on_all_devices([&](Card& card) {
      Buffer& db = card.room(s.filters);
      card.run(kernels::convolution_bias_gradient(card.info(), s),
               {.dy = card.put(out.stored(t.dy)).view(), .db = db.view()});
      return Outputs{card.get(db)};
    })[0];
    std::vector<double> want(s.filters);
    std::vector<double> bound(s.filters);
    std::vector<float> same(s.filters);
    const std::size_t pixels = std::size_t{out.height} * out.width;
    for (std::uint32_t f = 0; f < s.filters; ++f) {
      for (std::size_t n = 0; n < s.images; ++n) {
        float image = 0;
        for (std::size_t p = 0; p < pixels; ++p) {
          const float each = t.dy[(n * pixels + p) * s.filters + f];
          want[f] += each;
          bound[f] += gamma(static_cast<double>(pixels + s.images)) * std::abs(double{each});
          image += each;
        }
        same[f] += image;
      }
    }
    expect_close(got, want, bound, describe(s));
    EXPECT_EQ(got, same) << "order of sums, " << describe(s);
  }
}

TEST(ConvolutionGradients, AreThoseOfTheReference) {
  const ConvolutionShape s{.images = 2,
                           .height = 5,
                           .width = 4,
                           .channels = 2,
                           .filters = 3,
                           .kernel_height = 3,
                           .kernel_width = 2,
                           .padding = 1};
  const Tensors t(s);
  const auto loss = [&](const std::vector<double>& x, const std::vector<double>& w) {
    const Reference y = forward(s, x, w, {});
    double sum = 0;
    for (std::size_t i = 0; i < y.want.size(); ++i) sum += y.want[i] * t.dy[i];
    return sum;
  };
  const auto x = widen(t.x);
  const auto w = widen(t.w);
  expect_gradient([&](const std::vector<double>& at) { return loss(x, at); }, w,
                  weight_gradient(s, t.x, t.dy).want, "weights");
  expect_gradient([&](const std::vector<double>& at) { return loss(at, w); }, x,
                  input_gradient(s, t.dy, t.w).want, "input");
}

TEST(ConvolutionStochasticRounding, StaysWithinAStepAndFollowsTheSeed) {
  ConvolutionShape s = input_gradient_shapes()[slow() ? 1 : 4];
  s.rounding = spec::Rounding::kStochastic;
  s.x_tensor = 1;
  s.weights_tensor = 2;
  s.dy_tensor = 3;
  const Tensors t(s);
  const Reference y = forward(s, t.x, t.w, {});
  const Reference dw = weight_gradient(s, t.x, t.dy);
  const Reference dx = input_gradient(s, t.dy, t.w);
  const auto first = run_forward(s, t, 1);
  expect_close(first, y.want, y.bound, "y");
  expect_close(run_weight_gradient(s, t, 1), dw.want, dw.bound, "dw");
  expect_close(run_input_gradient(s, t, 1), dx.want, dx.bound, "dx");
  EXPECT_EQ(run_forward(s, t, 1), first);
  EXPECT_NE(run_forward(s, t, 2), first);
  EXPECT_NE(run_weight_gradient(s, t, 2), run_weight_gradient(s, t, 1));
  EXPECT_NE(run_input_gradient(s, t, 2), run_input_gradient(s, t, 1));
}

}  // namespace
}  // namespace weft::test
