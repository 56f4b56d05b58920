// SPDX-License-Identifier: Apache-2.0
// weft/spread.h: what a network answers, its rows shared out over several devices.
//
//   std::vector<Device> devices;  // Device::open(uri), once for each
//   Result<SpreadInference> spread = SpreadInference::create(devices, network, tensors);
//   Result<Logits> logits = spread->run(x);
//
// Rows go in batches of consecutive rows. Each device begins with one batch and then takes the next
// that nobody has, so a slow device holds up no other. Logits are in the order of the rows and
// equal those of Inference on one device to the last bit. Costs of the operators are added up over
// all batches; cycles are there if every device has a clock, and are the work of all devices, not
// the time that passes.
//
// Errors    kInvalidArgument as of Inference, and without a device. The error of the device that
//           fails first is returned; of several it is named. The others finish their batch and
//           take no other.
// Lifetime  Devices and network outlive the spread.
// Threads   One at a time. run() uses a thread of its own for each device but one; all have ended
//           when it returns. Every launch has the bound of Event::wait(), and so has run().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "weft/device.h"
#include "weft/inference.h"
#include "weft/network.h"
#include "weft/result.h"

namespace weft {

class SpreadInference {
 public:
  // The most rows of a batch if run() is not told how many.
  static constexpr std::uint32_t kMostBatch = 512;

  // Rows done so far. Called after each batch, from any of the threads but one at a time. It must
  // not throw.
  using Progress = std::function<void(std::size_t rows)>;

  // `weights` as of Inference::create().
  [[nodiscard]] static Result<SpreadInference> create(
      std::span<Device> devices, const Network& network,
      const std::map<std::string, HostTensor>& weights);
  SpreadInference(SpreadInference&&) noexcept;
  SpreadInference& operator=(SpreadInference&&) noexcept;
  ~SpreadInference();

  // All rows of `x`, `batch` at a time. 0: equal parts for the devices, of at most kMostBatch, so
  // that each gets work if there are as many rows. Fewer batches than devices leave some idle.
  [[nodiscard]] Result<Logits> run(std::span<const float> x, std::uint32_t batch = 0,
                                   const Progress& progress = {});

 private:
  struct Impl;
  explicit SpreadInference(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft
