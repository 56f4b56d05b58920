// SPDX-License-Identifier: Apache-2.0
// weft/convolution.h: convolution of feature maps, and its gradients.
//
//   const ConvolutionShape shape{.images = 32, .height = 28, .width = 28, .channels = 1,
//                                .filters = 8, .kernel_height = 5, .kernel_width = 5,
//                                .padding = 2, .x_border = 2};
//   Result<kernels::Kernel<kernels::ConvolutionArguments>> kernel =
//       kernels::convolution(device.info(), shape);
//
// Conventions of weft/kernel.h, and of feature maps: a map is FP32 [image][line][column][channel],
// stored with a border of zeros: [images][height + 2 border][width + 2 border][channels]. Each map
// has a border width of its own. Its owner allocates it as zeros; kernels write the interior only,
// so the border stays zero. A kernel of weft/elementwise.h may run over whole maps of equal borders
// if it takes zeros to zero (relu and its gradient do). A map without border is a dense tensor.
//
// Weights are [filters][kernel_height][kernel_width][channels], dense. With s = stride and
// p = padding,
//
//   y[n][i][j][f] = bias[f] + sum over u, v, c of x[n][i s + u - p][j s + v - p][c] w[f][u][v][c]
//
// for i < output_height(), j < output_width(), and x zero outside of its interior.
//
// Arithmetic is that of gemm from FP32 operands (weft/gemm.h): operands are quantised to MXINT8 as
// they are loaded, in blocks of 32 along the contraction, to nearest or stochastically; one fused
// multiply-add per block, in the order the kernel states, rounds to FP32. Stochastic rounding draws
// by seed, tensor number and the place of the element in its stored tensor.
//
// Errors    kInvalidArgument for a size of 0, a kernel that is larger than the padded map, or a
//           border that is too narrow: each names the numbers. kUnsupported for an image or a
//           filter of 4 GiB or more, for 2^32 weights or more, and where a step that cannot be cut
//           takes more than 65,535 commands: bias gradients from 1024 x 1024 pixels of 8 images on,
//           weight gradients from 2048 x 2048 pixels of an image on (small: 512 x 512 of 64
//           channels).
#pragma once

#include <cstdint>
#include <optional>

#include "weft/kernel.h"
#include "weft/spec.h"

namespace weft::kernels {

// Elements a feature map takes in memory.
constexpr std::uint64_t map_elements(std::uint64_t images, std::uint64_t height,
                                     std::uint64_t width, std::uint64_t channels,
                                     std::uint64_t border) {
  return images * (height + 2 * border) * (width + 2 * border) * channels;
}

// A layer; the same for the convolution and its gradients.
struct ConvolutionShape {
  std::uint32_t images = 0;
  std::uint32_t height = 0;  // of x
  std::uint32_t width = 0;
  std::uint32_t channels = 0;
  std::uint32_t filters = 0;  // channels of y
  std::uint32_t kernel_height = 0;
  std::uint32_t kernel_width = 0;
  std::uint32_t stride = 1;    // of windows, both ways
  std::uint32_t padding = 0;   // zeros around x that windows reach into
  std::uint32_t x_border = 0;  // as stored, of x or dx
  std::uint32_t y_border = 0;  // as stored, of y or dy
  bool bias = false;           // of convolution() only
  bool relu = false;           // of convolution() only: max(y, 0), NaN stays NaN
  spec::Rounding rounding = spec::Rounding::kNearest;
  // Numbers of the operands for stochastic rounding; those a kernel does not round are not used.
  std::uint16_t x_tensor = 0;
  std::uint16_t weights_tensor = 0;
  std::uint16_t dy_tensor = 0;

  [[nodiscard]] constexpr std::uint32_t output_height() const {
    return (height + 2 * padding - kernel_height) / stride + 1;
  }
  [[nodiscard]] constexpr std::uint32_t output_width() const {
    return (width + 2 * padding - kernel_width) / stride + 1;
  }
  // Pixels that windows of the input gradient reach behind the interior of dy, at most.
  [[nodiscard]] constexpr std::uint32_t input_gradient_border() const {
    const std::uint32_t kernel = kernel_height > kernel_width ? kernel_height : kernel_width;
    return kernel > padding + 1 ? (kernel - 2 - padding) / stride + 1 : 0;
  }
  [[nodiscard]] constexpr std::uint64_t x_elements() const {
    return map_elements(images, height, width, channels, x_border);
  }
  [[nodiscard]] constexpr std::uint64_t y_elements() const {
    return map_elements(images, output_height(), output_width(), filters, y_border);
  }
  [[nodiscard]] constexpr std::uint64_t weight_elements() const {
    return std::uint64_t{filters} * kernel_height * kernel_width * channels;
  }
};

// y from x and weights. Needs x_border >= padding. From the bias, or +0, on, the blocks follow each
// other line u after line u of the kernel; of a line, (v, c) row-major: kernel_width * channels
// elements, the last block of the line filled up with zeros.
struct ConvolutionArguments {
  BufferView x;                      // map of height x width x channels
  BufferView weights;                // filters x kernel_height x kernel_width x channels
  BufferView y;                      // map of the output, its interior written
  std::optional<BufferView> bias{};  // filters; there exactly if the shape says so
  std::uint32_t seed = 0;            // of stochastic rounding
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<ConvolutionArguments>> convolution(const DeviceInfo& device,
                                                               const ConvolutionShape& shape);

// dw[f][u][v][c] = sum over n, i, j of dy[n][i][j][f] x[n][i s + u - p][j s + v - p][c]. Needs
// x_border >= padding. From +0 on, image after image; of an image, runs of as many whole lines of
// dy as have at most 512 pixels (of a wider line, runs of 512 pixels of it), row-major; the blocks
// of a run follow each other, its last filled up with zeros.
struct WeightGradientArguments {
  BufferView x;   // map of height x width x channels
  BufferView dy;  // map of the output
  BufferView dw;  // filters x kernel_height x kernel_width x channels, written
  std::uint32_t seed = 0;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<WeightGradientArguments>> convolution_weight_gradient(
    const DeviceInfo& device, const ConvolutionShape& shape);

// db[f] = sum over n, i, j of dy[n][i][j][f]: each image's pixels are added up in row-major order
// from +0, then the images in ascending order, all in FP32.
struct BiasGradientArguments {
  BufferView dy;  // map of the output
  BufferView db;  // filters, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<BiasGradientArguments>> convolution_bias_gradient(
    const DeviceInfo& device, const ConvolutionShape& shape);

// dx[n][i][j][c] = sum over u, v, f of dy[n][(i + p - u) / s][(j + p - v) / s][f] w[f][u][v][c],
// over the u and v that s divides without rest. Reads the border of dy; y_border >=
// input_gradient_border() is enough. From +0 on, (u, v) row-major; of each, filters ascending, the
// last block filled up with zeros.
struct InputGradientArguments {
  BufferView dy;       // map of the output
  BufferView weights;  // filters x kernel_height x kernel_width x channels
  BufferView dx;       // map of height x width x channels, its interior written
  std::uint32_t seed = 0;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<InputGradientArguments>> convolution_input_gradient(
    const DeviceInfo& device, const ConvolutionShape& shape);

}  // namespace weft::kernels
