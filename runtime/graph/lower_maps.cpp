// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/lower_maps.h"

#include <utility>

#include "weft/convolution.h"
#include "weft/pooling.h"

namespace weft::graph {
namespace {

class Lowering {
 public:
  Lowering(const DeviceInfo& device, const Contents& contents, const Operator& operation,
           std::span<const std::optional<BufferView>> views, std::uint32_t part)
      : device_(device), contents_(contents), operation_(operation), views_(views), part_(part) {}

  Result<LoweredMaps> lower() {
    switch (operation_.operation) {
      case Operation::kReborder:
        return constantly(kernels::max_pool(device_, reborder()), {.x = in(0), .y = out()});
      case Operation::kConvolution: {
        auto shape = layer(input(0), output());
        shape.bias = operation_.inputs.size() > 2;
        shape.relu = operation_.relu;
        kernels::ConvolutionArguments arguments{.x = in(0), .weights = in(1), .y = out()};
        if (shape.bias) arguments.bias = in(2);
        return product(shape, kernels::convolution(device_, shape), arguments);
      }
      case Operation::kConvolutionInput: {
        auto shape = layer(output(), input(0));
        shape.rounding = spec::Rounding::kStochastic;
        shape.dy_tensor = number(0);
        shape.weights_tensor = number(1);
        return product(shape, kernels::convolution_input_gradient(device_, shape),
                       {.dy = in(0), .weights = in(1), .dx = out()});
      }
      case Operation::kConvolutionWeight: {
        auto shape = layer(input(1), input(0));
        shape.rounding = spec::Rounding::kStochastic;
        shape.dy_tensor = number(0);
        shape.x_tensor = number(1);
        return product(shape, kernels::convolution_weight_gradient(device_, shape),
                       {.x = in(1), .dy = in(0), .dw = out()});
      }
      case Operation::kConvolutionBias:
        return constantly(kernels::convolution_bias_gradient(device_, map_alone(input(0))),
                          {.dy = in(0), .db = out()});
      case Operation::kMaxPool:
        return constantly(kernels::max_pool(device_, pool(input(0), output())),
                          {.x = in(0), .y = out()});
      case Operation::kAveragePool:
        return constantly(kernels::average_pool(device_, pool(input(0), output())),
                          {.x = in(0), .y = out()});
      case Operation::kMaxPoolGradient: {
        auto shape = pool(input(1), input(2));
        shape.dy_border = input(0).border;
        shape.dx_border = output().border;
        return constantly(kernels::max_pool_gradient(device_, shape),
                          {.x = in(1), .y = in(2), .dy = in(0), .dx = out()});
      }
      case Operation::kAveragePoolGradient: {
        auto shape = pool(output(), input(0));
        shape.dy_border = std::exchange(shape.y_border, 0);
        shape.dx_border = std::exchange(shape.x_border, 0);
        return constantly(kernels::average_pool_gradient(device_, shape),
                          {.dy = in(0), .dx = out()});
      }
      default:
        return fail(Code::kUnsupported, "an operator without a kernel");
    }
  }

 private:
  [[nodiscard]] const BufferView& in(std::size_t i) const { return *views_[operation_.inputs[i]]; }
  [[nodiscard]] const BufferView& out() const { return *views_[operation_.outputs[0]]; }
  [[nodiscard]] const TensorEntry& input(std::size_t i) const {
    return contents_.tensors[operation_.inputs[i]];
  }
  [[nodiscard]] const TensorEntry& output() const {
    return contents_.tensors[operation_.outputs[0]];
  }
  // Of stochastic rounding.
  [[nodiscard]] std::uint16_t number(std::size_t i) const {
    return static_cast<std::uint16_t>(operation_.inputs[i] + 1);
  }

  [[nodiscard]] kernels::ConvolutionShape layer(const TensorEntry& x, const TensorEntry& y) const {
    const Windows& windows = operation_.windows;
    return {.images = x.shape.rows,
            .height = x.shape.map->height,
            .width = x.shape.map->width,
            .channels = x.shape.map->channels,
            .filters = y.shape.map->channels,
            .kernel_height = windows.height,
            .kernel_width = windows.width,
            .stride = windows.stride,
            .padding = windows.padding,
            .x_border = x.border,
            .y_border = y.border};
  }

  // A layer of which only dy matters: each pixel is a window of one.
  [[nodiscard]] static kernels::ConvolutionShape map_alone(const TensorEntry& dy) {
    return {.images = dy.shape.rows,
            .height = dy.shape.map->height,
            .width = dy.shape.map->width,
            .channels = 1,
            .filters = dy.shape.map->channels,
            .kernel_height = 1,
            .kernel_width = 1,
            .y_border = dy.border};
  }

  [[nodiscard]] kernels::PoolShape pool(const TensorEntry& x, const TensorEntry& y) const {
    return {.images = x.shape.rows,
            .height = x.shape.map->height,
            .width = x.shape.map->width,
            .channels = x.shape.map->channels,
            .window = operation_.windows.height,
            .x_border = x.border,
            .y_border = y.border};
  }

  // Windows of one pixel copy; the side that is a matrix is a map without a border.
  [[nodiscard]] kernels::PoolShape reborder() const {
    const bool to_map = output().border > 0 || !input(0).shape.map;
    const MapShape map = to_map ? *output().shape.map : *input(0).shape.map;
    return {.images = input(0).shape.rows,
            .height = map.height,
            .width = map.width,
            .channels = map.channels,
            .window = 1,
            .x_border = input(0).border,
            .y_border = output().border};
  }

  template <class Arguments>
  Result<LoweredMaps> constantly(const Result<kernels::Kernel<Arguments>>& kernel,
                                 const Arguments& arguments) const {
    auto steps = constant(kernel, arguments);
    if (!steps) return tl::unexpected(steps.error());
    return LoweredMaps{.steps = std::move(*steps)};
  }

  template <class Arguments>
  Result<LoweredMaps> product(const kernels::ConvolutionShape& shape,
                              const Result<kernels::Kernel<Arguments>>& kernel,
                              const Arguments& arguments) const {
    if (!kernel) return tl::unexpected(kernel.error());
    const double pixels =
        static_cast<double>(shape.images) * shape.output_height() * shape.output_width();
    return LoweredMaps{.steps = [kernel = *kernel, arguments, part = part_](
                                    const Scalars& scalars) -> Result<std::vector<Step>> {
                         Arguments now = arguments;
                         now.seed = scalars.seeds[part];
                         return kernel.steps(now);
                       },
                       .multiplies = pixels * static_cast<double>(shape.weight_elements()),
                       .changes = shape.rounding == spec::Rounding::kStochastic};
  }

  const DeviceInfo& device_;
  const Contents& contents_;
  const Operator& operation_;
  std::span<const std::optional<BufferView>> views_;
  std::uint32_t part_;
};

}  // namespace

Result<LoweredMaps> lower_maps(const DeviceInfo& device, const Contents& contents,
                               const Operator& operation,
                               std::span<const std::optional<BufferView>> views,
                               std::uint32_t part) {
  return Lowering(device, contents, operation, views, part).lower();
}

}  // namespace weft::graph
