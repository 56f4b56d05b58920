// SPDX-License-Identifier: Apache-2.0
// weft/inference.h: what a network answers, on a device.
//
//   Result<Inference> trained = Inference::create(device, network, checkpoint.state.tensors);
//   Result<Logits> logits = trained->run(x);
//
// The forward pass of weft/trainer.h: logits are those that training computes from the same
// weights, equal to the last bit on every device and for any number of rows in a call. Each
// operator is a launch of its own, so that its cycles are known.
//
// Errors    kInvalidArgument names the tensor or size that does not fit.
// Lifetime  Device and network outlive the inference.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weft/device.h"
#include "weft/network.h"
#include "weft/result.h"
#include "weft/trainer.h"

namespace weft {

// One operator of a network. A ReLU behind a product is part of it.
struct OperatorCost {
  std::string name;       // linear, convolution, max_pool, ...
  std::string parameter;  // the first it reads, its weight or gain; empty: it has none
  // Of its product; 0 if it is none.
  std::uint64_t m = 0;
  std::uint64_t n = 0;
  std::uint64_t k = 0;
  std::optional<std::uint64_t> cycles;  // nothing without a clock

  [[nodiscard]] double multiplies() const {
    return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

struct Logits {
  std::vector<float> values;  // rows x outputs
  std::vector<OperatorCost> operators;
};

class Inference {
 public:
  // `weights` has a tensor for each parameter of the network; others are left alone.
  [[nodiscard]] static Result<Inference> create(Device& device, const Network& network,
                                                const std::map<std::string, HostTensor>& weights);
  Inference(Inference&&) noexcept;
  Inference& operator=(Inference&&) noexcept;
  ~Inference();

  // All rows of `x` at once; compiles when a number of rows is met first.
  [[nodiscard]] Result<Logits> run(std::span<const float> x);

 private:
  struct Impl;
  explicit Inference(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft
