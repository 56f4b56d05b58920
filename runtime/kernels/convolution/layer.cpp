// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/convolution/layer.h"

#include <fmt/format.h>

namespace weft::kernels {

std::string name_of(std::string_view kernel, const ConvolutionShape& s) {
  std::string name = fmt::format("{}-{}x{}x{}x{}-{}x{}x{}-s{}-p{}-b{}-{}", kernel, s.images,
                                 s.height, s.width, s.channels, s.filters, s.kernel_height,
                                 s.kernel_width, s.stride, s.padding, s.x_border, s.y_border);
  if (s.bias) name += "-bias";
  if (s.relu) name += "-relu";
  if (s.rounding == spec::Rounding::kStochastic) {
    name += fmt::format("-stochastic-{}-{}-{}", s.x_tensor, s.weights_tensor, s.dy_tensor);
  }
  return name;
}

StoredMap x_map(const ConvolutionShape& shape) {
  return {.images = shape.images,
          .height = shape.height,
          .width = shape.width,
          .channels = shape.channels,
          .border = shape.x_border};
}

StoredMap y_map(const ConvolutionShape& shape) {
  return {.images = shape.images,
          .height = shape.output_height(),
          .width = shape.output_width(),
          .channels = shape.filters,
          .border = shape.y_border};
}

Result<void> check(const ConvolutionShape& shape) {
  if (auto done = check("convolution, x", x_map(shape)); !done) return done;
  if (shape.kernel_height == 0 || shape.kernel_width == 0 || shape.stride == 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("convolution: a kernel of {} x {}, stride {}", shape.kernel_height,
                            shape.kernel_width, shape.stride),
                "kernel and stride are at least 1");
  }
  const std::uint64_t height = shape.height + std::uint64_t{2} * shape.padding;
  const std::uint64_t width = shape.width + std::uint64_t{2} * shape.padding;
  if (height >> 32 != 0 || width >> 32 != 0 || shape.kernel_height > height ||
      shape.kernel_width > width) {
    return fail(Code::kInvalidArgument,
                fmt::format("convolution: a kernel of {} x {} on a map of {} x {}, padded",
                            shape.kernel_height, shape.kernel_width, height, width),
                "the kernel is no larger than the padded map");
  }
  if (auto done = check("convolution, y", y_map(shape)); !done) return done;
  // The kernel is no larger than the padded map, so that product does not overflow.
  const std::uint64_t pixels = std::uint64_t{shape.kernel_height} * shape.kernel_width;
  if (pixels >> 30 != 0 || pixels * shape.channels >> 30 != 0) {
    return fail(Code::kUnsupported,
                fmt::format("convolution: filters of {} x {} x {}", shape.kernel_height,
                            shape.kernel_width, shape.channels),
                "a filter takes less than 4 GiB");
  }
  if (shape.weight_elements() >> 32 != 0) {
    return fail(Code::kUnsupported, fmt::format("convolution: {} weights", shape.weight_elements()),
                "there are fewer than 2^32");
  }
  return {};
}

Result<void> check_windows_of_x(const ConvolutionShape& shape) {
  if (shape.x_border >= shape.padding) return {};
  return fail(Code::kInvalidArgument,
              fmt::format("convolution: x has a border of {} and is padded by {}", shape.x_border,
                          shape.padding),
              "store x with a border of at least the padding");
}

}  // namespace weft::kernels
