// SPDX-License-Identifier: Apache-2.0
// Convolution and its gradients against references in double precision.
#include <algorithm>
#include <array>
#include <sstream>

#include "tests/kernels/maps.h"

namespace weft::test {
namespace {

using kernels::ConvolutionShape;

std::vector<ConvolutionShape> shapes() {
  const auto shape = [](std::array<std::uint32_t, 4> x, std::array<std::uint32_t, 3> filters,
                        std::uint32_t stride, std::uint32_t padding, std::uint32_t x_border,
                        std::uint32_t y_border) {
    return ConvolutionShape{.images = x[0],
                            .height = x[1],
                            .width = x[2],
                            .channels = x[3],
                            .filters = filters[0],
                            .kernel_height = filters[1],
                            .kernel_width = filters[2],
                            .stride = stride,
                            .padding = padding,
                            .x_border = x_border,
                            .y_border = y_border};
  };
  std::vector<ConvolutionShape> shapes{
      shape({1, 1, 1, 1}, {1, 1, 1}, 1, 0, 0, 0), shape({2, 5, 7, 3}, {5, 3, 2}, 1, 0, 0, 1),
      shape({2, 6, 9, 1}, {8, 5, 5}, 1, 2, 2, 2), shape({3, 11, 6, 4}, {17, 2, 3}, 2, 1, 2, 0)};
  if (slow()) return shapes;
  for (const ConvolutionShape& more : {
           shape({2, 28, 28, 1}, {8, 5, 5}, 1, 2, 2, 0),
           shape({9, 14, 14, 8}, {16, 5, 5}, 1, 2, 2, 2),
           shape({1, 20, 33, 2}, {20, 3, 3}, 1, 1, 1, 1),  // two runs of lines
           shape({2, 3, 1100, 1}, {3, 2, 3}, 2, 0, 0, 1),  // lines cut into runs
           shape({2, 6, 6, 70}, {40, 3, 3}, 1, 1, 1, 1),   // weights do not stay in B
           shape({1, 4, 4, 600}, {20, 1, 2}, 2, 0, 1, 0),  // lines of the kernel are cut
           shape({1, 5, 5, 3}, {600, 2, 2}, 1, 0, 0, 0),   // blocks of filters
           shape({17, 3, 4, 5}, {130, 3, 3}, 1, 2, 2, 1),
       }) {
    shapes.push_back(more);
  }
  return shapes;
}

std::string describe(const ConvolutionShape& s) {
  std::ostringstream text;
  text << "images " << s.images << ", x " << s.height << " x " << s.width << " x " << s.channels
       << ", filters " << s.filters << " of " << s.kernel_height << " x " << s.kernel_width
       << ", stride " << s.stride << ", padding " << s.padding;
  return text.str();
}

Map x_map(const ConvolutionShape& s) {
  return {s.images, s.height, s.width, s.channels, s.x_border};
}
Map y_map(const ConvolutionShape& s) {
  return {s.images, s.output_height(), s.output_width(), s.filters, s.y_border};
}

// A sum of products as the card makes it: segments that begin a new block, in blocks of 32.
class Sum {
 public:
  explicit Sum(spec::Rounding rounding = spec::Rounding::kNearest)
      : steps_(rounding == spec::Rounding::kNearest ? 1 : 2) {}

  void start(double value) {
    want_ = value;
    magnitude_ = std::abs(value);
  }
  void add(double a, double b) {
    terms_.emplace_back(a, b);
    if (terms_.size() == 32) end_segment();
  }
  // Quantised to nearest an operand is off by half a step, at most the largest of its block / 127;
  // stochastically by a step.
  void end_segment() {
    if (terms_.empty()) return;
    double a_error = 0;
    double b_error = 0;
    for (const auto& [a, b] : terms_) {
      a_error = std::max(a_error, steps_ * std::abs(a) / 127);
      b_error = std::max(b_error, steps_ * std::abs(b) / 127);
    }
    for (const auto& [a, b] : terms_) {
      want_ += a * b;
      magnitude_ += 1.04 * std::abs(a * b);
      bound_ += std::abs(a) * b_error + std::abs(b) * a_error + a_error * b_error;
    }
    terms_.clear();
    ++blocks_;
  }
  [[nodiscard]] double want() const { return want_; }
  [[nodiscard]] double bound() const { return bound_ + gamma(blocks_) * magnitude_ + kTiny; }

 private:
  double steps_;
  std::vector<std::pair<double, double>> terms_;
  double want_ = 0;
  double magnitude_ = 0;
  double bound_ = 0;
  double blocks_ = 0;
};

struct Reference {
  std::vector<double> want;
  std::vector<double> bound;

  void push(Sum& sum) {
    sum.end_segment();
    want.push_back(sum.want());
    bound.push_back(sum.bound());
  }
};

// Index of a weight.
std::size_t weight(const ConvolutionShape& s, std::uint32_t f, std::uint32_t u, std::uint32_t v,
                   std::uint32_t c) {
  return ((std::size_t{f} * s.kernel_height + u) * s.kernel_width + v) * s.channels + c;
}

template <class T>
Reference forward(const ConvolutionShape& s, const std::vector<T>& x, const std::vector<T>& w,
                  const std::vector<T>& bias) {
  const Map in = x_map(s);
  Reference reference;
  for (std::uint32_t n = 0; n < s.images; ++n) {
    for (std::int64_t i = 0; i < s.output_height(); ++i) {
      for (std::int64_t j = 0; j < s.output_width(); ++j) {
        for (std::uint32_t f = 0; f < s.filters; ++f) {
          Sum sum(s.rounding);
          if (!bias.empty()) sum.start(bias[f]);
          for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
            for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
              for (std::uint32_t c = 0; c < s.channels; ++c) {
                sum.add(in.at(x, n, i * s.stride + u - s.padding, j * s.stride + v - s.padding, c),
                        w[weight(s, f, u, v, c)]);
              }
            }
            sum.end_segment();
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

template <class T>
Reference weight_gradient(const ConvolutionShape& s, const std::vector<T>& x,
                          const std::vector<T>& dy) {
  const Map in = x_map(s);
  const Map out = y_map(s);
  const std::uint32_t lines = std::max(1u, 512 / out.width);
  Reference reference;
  for (std::uint32_t f = 0; f < s.filters; ++f) {
    for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
      for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
        for (std::uint32_t c = 0; c < s.channels; ++c) {
          Sum sum(s.rounding);
          for (std::uint32_t n = 0; n < s.images; ++n) {
            for (std::int64_t i = 0; i < out.height; ++i) {
              if (i % lines == 0) sum.end_segment();
              for (std::int64_t j = 0; j < out.width; ++j) {
                if (out.width > 512 && j % 512 == 0) sum.end_segment();
                sum.add(out.at(dy, n, i, j, f),
                        in.at(x, n, i * s.stride + u - s.padding, j * s.stride + v - s.padding, c));
              }
            }
            sum.end_segment();
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

template <class T>
Reference input_gradient(const ConvolutionShape& s, const std::vector<T>& dy,
                         const std::vector<T>& w) {
  const Map out = y_map(s);
  Reference reference;
  for (std::uint32_t n = 0; n < s.images; ++n) {
    for (std::int64_t i = 0; i < s.height; ++i) {
      for (std::int64_t j = 0; j < s.width; ++j) {
        for (std::uint32_t c = 0; c < s.channels; ++c) {
          Sum sum(s.rounding);
          for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
            for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
              const std::int64_t line = i + s.padding - u;
              const std::int64_t column = j + s.padding - v;
              if (line % s.stride != 0 || column % s.stride != 0) continue;
              for (std::uint32_t f = 0; f < s.filters; ++f) {
                sum.add(out.at(dy, n, line / s.stride, column / s.stride, f),
                        w[weight(s, f, u, v, c)]);
              }
              sum.end_segment();
            }
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

// Tensors of a shape, the same for all tests.
struct Tensors {
  std::vector<float> x, w, bias, dy;

  explicit Tensors(const ConvolutionShape& s)
      : x(normal(x_map(s).size(), 201)),
        w(normal(s.weight_elements(), 202)),
        bias(normal(s.filters, 203)),
        dy(normal(y_map(s).size(), 204)) {}
};

std::vector<float> run_forward(const ConvolutionShape& s, const Tensors& t,
                               std::uint32_t seed = 0) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& y = y_map(s).room(card);
    kernels::ConvolutionArguments arguments{.x = card.put(x_map(s).stored(t.x)).view(),
                                            .weights = card.put(t.w).view(),
                                            .y = y.view(),
                                            .seed = seed};
    if (s.bias) arguments.bias = card.put(t.bias).view();
    card.run(kernels::convolution(card.info(), s), arguments);
    return Outputs{card.get(y)};
  });
  return y_map(s).interior(outputs[0], describe(s));
}

std::vector<float> run_weight_gradient(const ConvolutionShape& s, const Tensors& t,
                                       std::uint32_t seed = 0) {
  return on_all_devices([&](Card& card) {
    Buffer& dw = card.room(s.weight_elements());
    card.run(kernels::convolution_weight_gradient(card.info(), s),
             {.x = card.put(x_map(s).stored(t.x)).view(),
              .dy = card.put(y_map(s).stored(t.dy)).view(),
              .dw = dw.view(),
              .seed = seed});
    return Outputs{card.get(dw)};
  })[0];
}

std::vector<float> run_input_gradient(const ConvolutionShape& s, const Tensors& t,
                                      std::uint32_t seed = 0) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& dx = x_map(s).room(card);
    card.run(kernels::convolution_input_gradient(card.info(), s),
             {.dy = card.put(y_map(s).stored(t.dy)).view(),
              .weights = card.put(t.w).view(),
              .dx = dx.view(),
              .seed = seed});
    return Outputs{card.get(dx)};
  });
  return x_map(s).interior(outputs[0], describe(s));
}

// With the border that dy has to have, and strides that leave pixels out.
std::vector<ConvolutionShape> input_gradient_shapes() {
  std::vector<ConvolutionShape> result = shapes();
  ConvolutionShape sparse = result[3];
  sparse.kernel_height = 1;
  sparse.stride = 3;
  sparse.padding = 0;
  result.push_back(sparse);
  for (ConvolutionShape& s : result) s.y_border = s.input_gradient_border();
  return result;
}

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

// More images than one program has commands for; each is one pixel.
TEST(ConvolutionPrograms, FollowEachOther) {
  if (slow()) GTEST_SKIP() << "many commands";
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
