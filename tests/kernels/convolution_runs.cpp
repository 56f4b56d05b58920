// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/convolution_runs.h"

#include <array>
#include <sstream>

namespace weft::test {

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

std::string describe(const ConvolutionShape& s) {
  std::ostringstream text;
  text << "images " << s.images << ", x " << s.height << " x " << s.width << " x " << s.channels
       << ", filters " << s.filters << " of " << s.kernel_height << " x " << s.kernel_width
       << ", stride " << s.stride << ", padding " << s.padding;
  return text.str();
}

std::vector<float> run_forward(const ConvolutionShape& s, const Tensors& t, std::uint32_t seed) {
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
                                       std::uint32_t seed) {
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
                                      std::uint32_t seed) {
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

}  // namespace weft::test
