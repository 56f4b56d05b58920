// SPDX-License-Identifier: Apache-2.0
// The convolution and its input gradient.
#include "weft/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

// Pixels (i, j), (i, j + stride) ... of dx. Windows of y reach them by the lines u and columns v of
// the kernel with i + padding - u and j + padding - v multiples of the stride.
WindowProduct::Phase input_phase(const ConvolutionShape& shape, std::uint32_t i, std::uint32_t j) {
  WindowProduct::Phase phase{.line = i,
                             .column = j,
                             .lines = (shape.height - i - 1) / shape.stride + 1,
                             .columns = (shape.width - j - 1) / shape.stride + 1};
  const std::int64_t stride = shape.stride;
  for (std::uint32_t u = 0; u < shape.kernel_height; ++u) {
    for (std::uint32_t v = 0; v < shape.kernel_width; ++v) {
      const std::int64_t line = std::int64_t{i} + shape.padding - u;
      const std::int64_t column = std::int64_t{j} + shape.padding - v;
      if (line % stride != 0 || column % stride != 0) continue;
      phase.pieces.push_back(
          {.line = line / stride,
           .column = column / stride,
           .weight = (std::uint64_t{u} * shape.kernel_width + v) * shape.channels * 4,
           .length = shape.filters});
    }
  }
  return phase;
}

// How many pixels windows reach behind the interior of `from`, whose pixels they step through one
// by one.
std::int64_t reach_of(const WindowProduct& product) {
  std::int64_t reach = 0;
  const auto height = static_cast<std::int64_t>(product.from.height);
  const auto width = static_cast<std::int64_t>(product.from.width);
  for (const WindowProduct::Phase& phase : product.phases) {
    for (const WindowProduct::Piece& piece : phase.pieces) {
      reach = std::max({reach, -piece.line, -piece.column, phase.lines + piece.line - height,
                        phase.columns + piece.column - width});
    }
  }
  return reach;
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
                        .from_step = shape.stride,
                        .weight_elements = shape.weight_elements(),
                        .filter_bytes = filter_elements(shape) * 4,
                        .bias = shape.bias,
                        .relu = shape.relu,
                        .rounding = shape.rounding,
                        .from_tensor = shape.x_tensor,
                        .weights_tensor = shape.weights_tensor};
  const std::int64_t padding = shape.padding;
  const std::uint32_t line = shape.kernel_width * shape.channels;
  WindowProduct::Phase all{.lines = shape.output_height(), .columns = shape.output_width()};
  for (std::uint32_t u = 0; u < shape.kernel_height; ++u) {
    all.pieces.push_back({.line = u - padding,
                          .column = -padding,
                          .weight = std::uint64_t{u} * line * 4,
                          .length = line});
  }
  product.phases.push_back(std::move(all));
  return make_kernel<ConvolutionArguments>(device, product);
}

Call InputGradientArguments::call() const {
  return {.bindings = {dy, weights, dx}, .scalars = {seed}};
}

Result<Kernel<InputGradientArguments>> convolution_input_gradient(const DeviceInfo& device,
                                                                  const ConvolutionShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  WindowProduct product{.name = name_of("convolution-input-gradient", shape),
                        .from = y_map(shape),
                        .to = x_map(shape),
                        .to_step = shape.stride,
                        .weight_elements = shape.weight_elements(),
                        .filter_bytes = filter_elements(shape) * 4,
                        .filters_contracted = true,
                        .rounding = shape.rounding,
                        .from_tensor = shape.dy_tensor,
                        .weights_tensor = shape.weights_tensor};
  for (std::uint32_t i = 0; i < std::min(shape.stride, shape.height); ++i) {
    for (std::uint32_t j = 0; j < std::min(shape.stride, shape.width); ++j) {
      product.phases.push_back(input_phase(shape, i, j));
    }
  }
  if (const std::int64_t reach = reach_of(product); reach > shape.y_border) {
    return fail(Code::kInvalidArgument,
                fmt::format("convolution_input_gradient: dy has a border of {}, its windows reach "
                            "{} pixels behind its interior",
                            shape.y_border, reach),
                "store dy with a border of at least that");
  }
  return make_kernel<InputGradientArguments>(device, product);
}

}  // namespace weft::kernels
