// SPDX-License-Identifier: Apache-2.0
// weft/elementwise.h: kernels that treat every element alike, `count` of them, of any shape.
//
// Conventions of weft/kernel.h. Subnormals count as zero of their sign, except in copy().
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

// Nonlinear functions y = f(x), and what their gradients dx = dy * f'(x) are computed from:
//
//               f(x)                              f'                                  saved
//   kRelu       max(x, 0), NaN stays NaN          1 if saved > 0, else 0              x or y
//   kGelu       x Phi(x), Phi the normal          Phi(x) + x phi(x)                   x
//               distribution (the exact form)
//   kSilu       x s(x)                            s(x) (1 + x s(-x))                  x
//   kSigmoid    s(x) = 1 / (1 + exp(-x))          y (1 - y)                           y
//   kTanh       tanh(x)                           1 - y^2                             y
//
// Source of the formulas: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016 (gelu, silu).
enum class Activation : std::uint8_t { kRelu, kGelu, kSilu, kSigmoid, kTanh };

// y = f(x)
struct UnaryArguments {
  BufferView x;
  BufferView y;  // written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<UnaryArguments>> activation(const DeviceInfo& device, Activation f,
                                                        std::uint64_t count);
// y = x, no bit changed; any 32-bit data.
[[nodiscard]] Result<Kernel<UnaryArguments>> copy(const DeviceInfo& device, std::uint64_t count);

// dx = dy * f'; `saved` is x or y of the forward pass, as in the table.
struct ActivationGradientArguments {
  BufferView saved;
  BufferView dy;
  BufferView dx;  // written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<ActivationGradientArguments>> activation_gradient(
    const DeviceInfo& device, Activation f, std::uint64_t count);

// y = a + b, or y = a * b: one rounding.
struct BinaryArguments {
  BufferView a;
  BufferView b;
  BufferView y;  // written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<BinaryArguments>> add(const DeviceInfo& device, std::uint64_t count);
[[nodiscard]] Result<Kernel<BinaryArguments>> multiply(const DeviceInfo& device,
                                                       std::uint64_t count);

// y = y + x, in place: one rounding. Accumulates gradients.
struct AccumulateArguments {
  BufferView x;
  BufferView y;  // read and written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<AccumulateArguments>> accumulate(const DeviceInfo& device,
                                                             std::uint64_t count);

// y = factor * x: one rounding.
struct ScaleArguments {
  BufferView x;
  BufferView y;  // written
  float factor = 1.0f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<ScaleArguments>> scale(const DeviceInfo& device, std::uint64_t count);

// y = a * x + b * z: b * z is rounded, then the fused multiply-add is.
struct ScaleAddArguments {
  BufferView x;
  BufferView z;
  BufferView y;  // written
  float a = 1.0f;
  float b = 1.0f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<ScaleAddArguments>> scale_add(const DeviceInfo& device,
                                                          std::uint64_t count);

// y = value. Reads y, whatever it holds, and uses nothing of it.
struct FillArguments {
  BufferView y;  // read and written
  float value = 0.0f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<FillArguments>> fill(const DeviceInfo& device, std::uint64_t count);

}  // namespace weft::kernels
