// SPDX-License-Identifier: Apache-2.0
// weft/trainer.h: trains a network on a device.
//
//   Result<Trainer> trainer = Trainer::create(device, network, {.batch = 64, .seed = 1});
//   for (...) Result<StepReport> step = trainer->step(x, labels, rate);
//   Result<Evaluation> test = trainer->evaluate(test_x, test_labels);
//
// A step (forward, loss, backward, optimizer) is compiled and verified once and then launched as
// one list of programs; only scalars change. The host writes inputs and labels and reads the loss
// and the predictions. Weights, gradients and moments are FP32 and stay on the device.
//
// Results depend on the network, the data, the seed and the options, not on the device or its
// configuration: equal to the last bit.
//
// Parts: with `micro_batches` N, the rows of a batch are N equal parts, run one after another,
// their gradients added in order in FP32 on the card. With `exchange`, each of N processes runs one
// part and all exchange gradients; the weights are the same bits.
//
// Errors    kInvalidArgument names the option, size or label that makes no sense. A failed step
//           leaves weights undefined; restore() sets them again.
// Lifetime  Device, network and exchange outlive the trainer.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "weft/device.h"
#include "weft/network.h"
#include "weft/phase.h"
#include "weft/result.h"

namespace weft {

// v = momentum v + g + weight_decay p; p = p - rate v. See weft/optimizers.h.
struct Sgd {
  float momentum = 0.9f;
  float weight_decay = 0;
};
// Adam with decoupled weight decay. See weft/optimizers.h.
struct Adamw {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0.01f;
};
using Optimizer = std::variant<Sgd, Adamw>;

// The other processes of a training, one part of each batch in each.
struct Exchange {
  std::uint32_t rank = 0;
  std::uint32_t ranks = 1;
  // Sends `mine` to all; returns what each sent, by rank, in one piece. Equal lengths.
  std::function<Result<std::vector<std::byte>>(std::span<const std::byte> mine)> all_gather;
};

struct TrainerOptions {
  std::uint32_t batch = 64;         // rows of a step, over all parts
  std::uint32_t micro_batches = 1;  // parts; divides batch. With an exchange: its ranks, or 1
  std::uint64_t seed = 1;           // of initial weights and stochastic rounding
  Optimizer optimizer = Adamw{};
  const Exchange* exchange = nullptr;
};

struct StepReport {
  float loss = 0;  // mean over the batch, before the update
  std::vector<std::uint32_t> predictions;
  std::optional<std::uint64_t> cycles;  // of this process's launches; nothing without a clock
};

struct Evaluation {
  double loss = 0;
  std::vector<std::uint32_t> predictions;
  std::optional<std::uint64_t> cycles;
  double multiplies = 0;
};

// A named tensor on the host; matrices have two extents, vectors one.
struct HostTensor {
  std::vector<std::uint64_t> shape;
  std::vector<float> values;
};

// Everything a training continues from. Weights under the names of the parameters, the optimizer's
// tensors as optimizer.velocity.NAME (Sgd), optimizer.first.NAME and optimizer.second.NAME (Adamw).
struct TrainerState {
  std::uint64_t step = 0;  // steps done
  std::map<std::string, HostTensor> tensors;
};

struct MemoryUse {
  std::uint64_t parameter_bytes = 0;  // weights, gradients, moments
  std::uint64_t arena_bytes = 0;      // activations and their gradients, at their peak
  std::uint64_t unshared_bytes = 0;   // the same without sharing
};

class Trainer {
 public:
  [[nodiscard]] static Result<Trainer> create(Device& device, const Network& network,
                                              const TrainerOptions& options);
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;
  ~Trainer();

  // One step on `batch` rows: all of them, even where an exchange has this process run a part.
  // With `costs`, the step is launched phase by phase and their cycles are added: the same bits.
  [[nodiscard]] Result<StepReport> step(std::span<const float> x,
                                        std::span<const std::uint32_t> labels, float rate,
                                        PhaseCosts* costs = nullptr);

  // Any number of rows, exactly: graphs for 256 rows and for the rest are compiled when needed.
  [[nodiscard]] Result<Evaluation> evaluate(std::span<const float> x,
                                            std::span<const std::uint32_t> labels);

  // Runs a step operator by operator and returns the name of the first tensor with NaN or infinity
  // in it, or nothing. Not with an exchange.
  [[nodiscard]] Result<std::optional<std::string>> find_bad_tensor(
      std::span<const float> x, std::span<const std::uint32_t> labels, float rate);

  [[nodiscard]] Result<TrainerState> state() const;
  // kInvalidArgument names the tensor that is missing or has another shape.
  [[nodiscard]] Result<void> restore(const TrainerState& state);

  [[nodiscard]] std::uint64_t steps_done() const;
  [[nodiscard]] MemoryUse memory() const;

 private:
  struct Impl;
  explicit Trainer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft
