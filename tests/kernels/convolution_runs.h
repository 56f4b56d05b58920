// SPDX-License-Identifier: Apache-2.0
// Convolutions on all devices, for tests that compare them with a reference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/kernels/convolution_reference.h"

namespace weft::test {

// Every path of the kernels; fewer on slow devices.
[[nodiscard]] std::vector<ConvolutionShape> shapes();
// With the border that dy has to have, and strides that leave pixels out.
[[nodiscard]] std::vector<ConvolutionShape> input_gradient_shapes();

[[nodiscard]] std::string describe(const ConvolutionShape& s);

// Tensors of a shape, the same for all tests.
struct Tensors {
  std::vector<float> x, w, bias, dy;

  explicit Tensors(const ConvolutionShape& s)
      : x(normal(x_map(s).size(), 201)),
        w(normal(s.weight_elements(), 202)),
        bias(normal(s.filters, 203)),
        dy(normal(y_map(s).size(), 204)) {}
};

// Interiors of what all devices agree on.
[[nodiscard]] std::vector<float> run_forward(const ConvolutionShape& s, const Tensors& t,
                                             std::uint32_t seed = 0);
[[nodiscard]] std::vector<float> run_weight_gradient(const ConvolutionShape& s, const Tensors& t,
                                                     std::uint32_t seed = 0);
[[nodiscard]] std::vector<float> run_input_gradient(const ConvolutionShape& s, const Tensors& t,
                                                    std::uint32_t seed = 0);

}  // namespace weft::test
