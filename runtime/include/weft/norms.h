// SPDX-License-Identifier: Apache-2.0
// weft/norms.h: layer and root-mean-square normalisation of rows, and their gradients.
//
// Conventions of weft/kernel.h. Rows are at most 4096 elements (a column vector of the chain), and
// V holds 3 of them forwards, 13 backwards (in configuration `small`: 1248 elements); the error of
// a longer row names the limit.
//
// Sources: Ba, Kiros, Hinton, Layer Normalization, 2016; Zhang, Sennrich, Root Mean Square Layer
// Normalization, 2019.
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

// mean[r]  = (sum over c of x[r][c]) / cols
// sigma[r] = sqrt((sum over c of (x[r][c] - mean[r])^2) / cols + epsilon)
// y[r][c] = (x[r][c] - mean[r]) / sigma[r] * gamma[c] + beta[c]
struct LayerNormArguments {
  BufferView x;      // rows x cols
  BufferView gamma;  // cols
  BufferView beta;   // cols
  BufferView y;      // rows x cols, written
  BufferView mean;   // rows, written: for the gradient
  BufferView sigma;  // rows, written: for the gradient
  float epsilon = 1e-5f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<LayerNormArguments>> layer_norm(const DeviceInfo& device, Shape shape);

// With h[r][c] = (x[r][c] - mean[r]) / sigma[r] and g[r][c] = dy[r][c] * gamma[c]:
//
//   dx[r][c]  = (g[r][c] - (sum over k of g[r][k]) / cols
//                        - h[r][c] * (sum over k of g[r][k] h[r][k]) / cols) / sigma[r]
//   dgamma[c] = sum over r of dy[r][c] h[r][c], rows ascending
//   dbeta[c]  = sum over r of dy[r][c], rows ascending
struct LayerNormGradientArguments {
  BufferView x;       // rows x cols
  BufferView dy;      // rows x cols
  BufferView gamma;   // cols
  BufferView mean;    // rows, from layer_norm()
  BufferView sigma;   // rows, from layer_norm()
  BufferView dx;      // rows x cols, written
  BufferView dgamma;  // cols, written
  BufferView dbeta;   // cols, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<LayerNormGradientArguments>> layer_norm_gradient(
    const DeviceInfo& device, Shape shape);

// sigma[r] = sqrt((sum over c of x[r][c]^2) / cols + epsilon)
// y[r][c] = x[r][c] / sigma[r] * gamma[c]
struct RmsNormArguments {
  BufferView x;      // rows x cols
  BufferView gamma;  // cols
  BufferView y;      // rows x cols, written
  BufferView sigma;  // rows, written: for the gradient
  float epsilon = 1e-5f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<RmsNormArguments>> rms_norm(const DeviceInfo& device, Shape shape);

// As of layer_norm, with h[r][c] = x[r][c] / sigma[r] and without the sum over g:
//
//   dx[r][c]  = (g[r][c] - h[r][c] * (sum over k of g[r][k] h[r][k]) / cols) / sigma[r]
//   dgamma[c] = sum over r of dy[r][c] h[r][c], rows ascending
struct RmsNormGradientArguments {
  BufferView x;       // rows x cols
  BufferView dy;      // rows x cols
  BufferView gamma;   // cols
  BufferView sigma;   // rows, from rms_norm()
  BufferView dx;      // rows x cols, written
  BufferView dgamma;  // cols, written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<RmsNormGradientArguments>> rms_norm_gradient(const DeviceInfo& device,
                                                                         Shape shape);

}  // namespace weft::kernels
