// SPDX-License-Identifier: Apache-2.0
// Convolution against a reference in double precision, its programs, and what it refuses.
#include <algorithm>

#include "tests/kernels/convolution_runs.h"

namespace weft::test {
namespace {

TEST(Convolution, IsTheSumOverWindows) {
  for (ConvolutionShape s : shapes()) {
    const Tensors t(s);
    const Reference want = forward(s, t.x, t.w, {});
    expect_close(run_forward(s, t), want.want, want.bound, describe(s));
  }
}

TEST(Convolution, AddsABiasAndCutsAtZero) {
  for (ConvolutionShape s : shapes()) {
    const Tensors t(s);
    Reference want = forward(s, t.x, t.w, t.bias);
    s.bias = true;
    expect_close(run_forward(s, t), want.want, want.bound, describe(s));
    s.relu = true;
    for (double& each : want.want) each = std::max(each, 0.0);
    expect_close(run_forward(s, t), want.want, want.bound, describe(s));
  }
}

// More images than one program has commands for; each is one pixel.
TEST(ConvolutionPrograms, FollowEachOther) {
  const ConvolutionShape s{.images = 50000,
                           .height = 1,
                           .width = 1,
                           .channels = 1,
                           .filters = 2,
                           .kernel_height = 1,
                           .kernel_width = 1};
  const Tensors t(s);
  Card card("fast:");
  EXPECT_GT(kernels::convolution(card.info(), s)->programs().size(), 1u);
  EXPECT_GT(kernels::convolution_weight_gradient(card.info(), s)->programs().size(), 1u);
  const Reference y = forward(s, t.x, t.w, {});
  expect_close(run_forward(s, t), y.want, y.bound, "y");
  const Reference dw = weight_gradient(s, t.x, t.dy);
  expect_close(run_weight_gradient(s, t), dw.want, dw.bound, "dw");
}

template <class Arguments>
void expect_refused(const Result<kernels::Kernel<Arguments>>& kernel, const std::string& part) {
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().code, Code::kInvalidArgument);
  EXPECT_NE(kernel.error().message().find(part), std::string::npos) << kernel.error().message();
}

TEST(ConvolutionErrors, NameWhatIsWrong) {
  const DeviceInfo device = Card("fast:").info();
  const ConvolutionShape good{.images = 1,
                              .height = 6,
                              .width = 6,
                              .channels = 2,
                              .filters = 3,
                              .kernel_height = 3,
                              .kernel_width = 5,
                              .y_border = 4};
  ConvolutionShape s = good;
  s.channels = 0;
  expect_refused(kernels::convolution(device, s), "6 x 6 x 0");
  expect_refused(kernels::convolution_bias_gradient(device, s), "6 x 6 x 0");
  s = good;
  s.kernel_height = 7;
  expect_refused(kernels::convolution_weight_gradient(device, s), "7 x 5");
  s = good;
  s.stride = 0;
  expect_refused(kernels::convolution(device, s), "stride 0");
  s = good;
  s.y_border = 3;
  expect_refused(kernels::convolution_input_gradient(device, s), "border of 3");
  s = good;
  s.padding = 1;
  expect_refused(kernels::convolution(device, s), "padded by 1");
  expect_refused(kernels::convolution_weight_gradient(device, s), "padded by 1");
}

}  // namespace
}  // namespace weft::test
