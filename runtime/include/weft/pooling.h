// SPDX-License-Identifier: Apache-2.0
// weft/pooling.h: windows of a feature map made into one pixel each, and the gradients.
//
// Conventions of weft/kernel.h, feature maps of weft/convolution.h. Windows are squares that do not
// overlap; of height x width pixels they cover output_height() * window lines of output_width() *
// window pixels, from the first on. Pixels behind them count for nothing, and their gradient is 0.
// A window of 1 copies: so a map gets another border.
//
// Errors    kInvalidArgument for a size of 0 or a window larger than the map; kUnsupported for an
//           image of 4 GiB or more, and for windows that take more than 65,535 commands: a side
//           above 114 in the gradient of max pooling, 180 otherwise.
#pragma once

#include <cstdint>

#include "weft/convolution.h"
#include "weft/kernel.h"

namespace weft::kernels {

struct PoolShape {
  std::uint32_t images = 0;
  std::uint32_t height = 0;  // of x
  std::uint32_t width = 0;
  std::uint32_t channels = 0;
  std::uint32_t window = 2;  // pixels, both ways; also the step from window to window
  // As stored. A kernel uses those of the maps it has.
  std::uint32_t x_border = 0;
  std::uint32_t y_border = 0;
  std::uint32_t dx_border = 0;
  std::uint32_t dy_border = 0;

  [[nodiscard]] constexpr std::uint32_t output_height() const { return height / window; }
  [[nodiscard]] constexpr std::uint32_t output_width() const { return width / window; }
};

// y = the largest of each window, NaN if any is; or their mean: the sum in row-major order of the
// window, each addition rounded once, then one division.
struct PoolArguments {
  BufferView x;  // map of height x width
  BufferView y;  // map of the output, its interior written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<PoolArguments>> max_pool(const DeviceInfo& device,
                                                     const PoolShape& shape);
[[nodiscard]] Result<Kernel<PoolArguments>> average_pool(const DeviceInfo& device,
                                                         const PoolShape& shape);

// dx = dy at the first pixel of the window, row-major, that equals y, and 0 at the others. Equal is
// as compare says: -0 is +0, subnormals are 0. Where y is NaN, all of the window is NaN; where dy
// is infinite, so may be what follows the first.
struct MaxPoolGradientArguments {
  BufferView x;   // map of height x width
  BufferView y;   // map of the output, from max_pool()
  BufferView dy;  // map of the output
  BufferView dx;  // map of height x width, its interior written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<MaxPoolGradientArguments>> max_pool_gradient(const DeviceInfo& device,
                                                                         const PoolShape& shape);

// dx = dy / window^2 at each pixel of the window.
struct AveragePoolGradientArguments {
  BufferView dy;  // map of the output
  BufferView dx;  // map of height x width, its interior written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<AveragePoolGradientArguments>> average_pool_gradient(
    const DeviceInfo& device, const PoolShape& shape);

}  // namespace weft::kernels
