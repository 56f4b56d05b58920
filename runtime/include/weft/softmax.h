// SPDX-License-Identifier: Apache-2.0
// weft/softmax.h: softmax of rows and the cross entropy of its result with labels.
//
// Conventions of weft/kernel.h. V holds at least one row for softmax, two for its gradient, three
// for the cross entropy; the error of a longer row names the limit.
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

// y[r][c] = exp(x[r][c] - m[r]) / (sum over k of exp(x[r][k] - m[r])), m the largest of the row.
// -infinity gives 0; a row with NaN, with +infinity or of -infinity alone becomes NaN.
struct SoftmaxArguments {
  BufferView x;
  BufferView y;  // written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<SoftmaxArguments>> softmax(const DeviceInfo& device, Shape shape);

// dx[r][c] = y[r][c] * (dy[r][c] - sum over k of y[r][k] dy[r][k])
struct SoftmaxGradientArguments {
  BufferView y;  // result of softmax()
  BufferView dy;
  BufferView dx;  // written
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<SoftmaxGradientArguments>> softmax_gradient(const DeviceInfo& device,
                                                                        Shape shape);

// With p = softmax(logits) and t[r] the label of row r:
//
//   loss[r]        = -ln p[r][t[r]]
//   dlogits[r][c]  = factor * (p[r][c] - (1 if c == t[r], else 0))
//   predictions[r] = index of the row's first largest logit, or of its first NaN
//
// For the gradient of the mean loss pass factor = 1 / rows. Source: Goodfellow, Bengio, Courville,
// Deep Learning, 2016, 6.2.2.3. Logits of -infinity count as the lowest finite number. Labels are
// 0..cols-1, cols at most 2^16 - 1. A label outside matches no column: its row has the loss
// ln(sum exp(logits - largest)) + largest and the gradient factor * p.
struct SoftmaxCrossEntropyArguments {
  BufferView logits;       // rows x cols
  BufferView labels;       // rows, int32
  BufferView loss;         // rows, written
  BufferView dlogits;      // rows x cols, written
  BufferView predictions;  // rows, int32, written
  float factor = 1.0f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<SoftmaxCrossEntropyArguments>> softmax_cross_entropy(
    const DeviceInfo& device, Shape shape);

}  // namespace weft::kernels
