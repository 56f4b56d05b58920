// SPDX-License-Identifier: Apache-2.0
// The convolution and its input gradient.
#include "weft/convolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/kernels/convolution/layer.h"
#include "runtime/kernels/convolution/window_product.h"

namespace weft::kernels {
namespace {

template <class Arguments>
Result<Kernel<Arguments>> make_kernel(const DeviceInfo& device, const WindowProduct& product) {
  return make_programs(device, product).map([](Programs programs) {
    return Kernel<Arguments>(std::move(programs));
  });
}

std::uint32_t filter_elements(const ConvolutionShape& shape) {
  return shape.kernel_height * shape.kernel_width * shape.channels;
}

}  // namespace

Call ConvolutionArguments::call() const {
  Call call{.bindings = {x, weights, y}, .scalars = {seed}};
  if (bias) call.bindings.push_back(*bias);
  return call;
}

Result<Kernel<ConvolutionArguments>> convolution(const DeviceInfo& device,
                                                 const ConvolutionShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  if (auto done = check_windows_of_x(shape); !done) return tl::unexpected(done.error());
  WindowProduct product{.name = name_of("convolution", shape),
                        .from = x_map(shape),
                        .to = y_map(shape),
                        .step = shape.stride,
                        .weight_elements = shape.weight_elements(),
                        .filter_bytes = filter_elements(shape) * 4,
                        .bias = shape.bias,
                        .relu = shape.relu,
                        .rounding = shape.rounding,
                        .from_tensor = shape.x_tensor,
                        .weights_tensor = shape.weights_tensor};
  const std::int64_t padding = shape.padding;
  const std::uint32_t line = shape.kernel_width * shape.channels;
  for (std::uint32_t u = 0; u < shape.kernel_height; ++u) {
    product.pieces.push_back({.line = u - padding,
                              .column = -padding,
                              .weight = std::uint64_t{u} * line * 4,
                              .length = line});
  }
  return make_kernel<ConvolutionArguments>(device, product);
}

Call InputGradientArguments::call() const {
  return {.bindings = {dy, weights, dx}, .scalars = {seed}};
}

Result<Kernel<InputGradientArguments>> convolution_input_gradient(const DeviceInfo& device,
                                                                  const ConvolutionShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  if (shape.stride != 1) {
    return fail(Code::kUnsupported,
                fmt::format("convolution_input_gradient: stride {}", shape.stride),
                "the input gradient is there for stride 1");
  }
  const std::uint64_t reach = std::max(shape.kernel_height, shape.kernel_width);
  if (shape.y_border + std::uint64_t{1} + shape.padding < reach) {
    return fail(Code::kInvalidArgument,
                fmt::format("convolution_input_gradient: dy has a border of {}, its windows reach "
                            "{} pixels behind its interior",
                            shape.y_border, reach - 1 - shape.padding),
                "store dy with a border of at least that");
  }
  WindowProduct product{.name = name_of("convolution-input-gradient", shape),
                        .from = y_map(shape),
                        .to = x_map(shape),
                        .weight_elements = shape.weight_elements(),
                        .filter_bytes = filter_elements(shape) * 4,
                        .filters_contracted = true,
                        .rounding = shape.rounding,
                        .from_tensor = shape.dy_tensor,
                        .weights_tensor = shape.weights_tensor};
  const std::int64_t padding = shape.padding;
  for (std::uint32_t u = 0; u < shape.kernel_height; ++u) {
    for (std::uint32_t v = 0; v < shape.kernel_width; ++v) {
      product.pieces.push_back(
          {.line = padding - u,
           .column = padding - v,
           .weight = (std::uint64_t{u} * shape.kernel_width + v) * shape.channels * 4,
           .length = shape.filters});
    }
  }
  return make_kernel<InputGradientArguments>(device, product);
}

}  // namespace weft::kernels
