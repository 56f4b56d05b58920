// SPDX-License-Identifier: Apache-2.0
// weft/optimizers.h: one step of an optimizer on `count` parameters, in place.
//
// Conventions of weft/kernel.h. Products of rates that the formulas show are made on the host, in
// double precision, and passed as scalars.
#pragma once

#include <cstdint>

#include "weft/kernel.h"

namespace weft::kernels {

// g' = g + weight_decay * p;  v = momentum * v + g';  p = p - learning_rate * v
//
// v starts as zeros. Source: the form of Sutskever et al., On the importance of initialization and
// momentum in deep learning, 2013, with the rate outside of v, as torch.optim.SGD has it.
struct SgdMomentumArguments {
  BufferView p;  // parameters, read and written
  BufferView v;  // velocity, read and written
  BufferView g;  // gradient
  float learning_rate = 0.01f;
  float momentum = 0.9f;
  float weight_decay = 0.0f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<SgdMomentumArguments>> sgd_momentum(const DeviceInfo& device,
                                                                std::uint64_t count);

// m = beta1 * m + (1 - beta1) * g
// v = beta2 * v + (1 - beta2) * g^2
// p = p * (1 - learning_rate * weight_decay)
//     - learning_rate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)
//
// m and v start as zeros, step as 1. Source: Loshchilov, Hutter, Decoupled Weight Decay
// Regularization, 2019, algorithm 2, with the schedule multiplier inside learning_rate.
struct AdamwArguments {
  BufferView p;  // parameters, read and written
  BufferView m;  // first moment, read and written
  BufferView v;  // second moment, read and written
  BufferView g;  // gradient
  std::uint64_t step = 1;
  float learning_rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0.01f;
  [[nodiscard]] Call call() const;
};
[[nodiscard]] Result<Kernel<AdamwArguments>> adamw(const DeviceInfo& device, std::uint64_t count);

}  // namespace weft::kernels
