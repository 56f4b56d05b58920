// SPDX-License-Identifier: Apache-2.0
// runtime/tools/training.h: the loop of `weft train`: epochs, checkpoints, interruption.
//
// The order of samples in an epoch depends on (seed, epoch) alone and rounding on (seed, step), so
// that a training continued from a checkpoint ends with the same bytes as one that never stopped.
// The last samples of an epoch that fill no batch are left out of it; every epoch has another
// order.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/tools/output.h"
#include "runtime/tools/ranks.h"
#include "runtime/tools/samples.h"
#include "runtime/tools/train_config.h"
#include "weft/checkpoint.h"
#include "weft/trainer.h"

namespace weft::tools {

// What a training has seen so far; part of its checkpoints.
struct History {
  std::vector<double> losses;      // mean of each epoch
  std::vector<double> accuracies;  // on the batches of each epoch, as they were met
  double loss_sum = 0;             // of the steps of the epoch that is not over
  std::uint64_t right = 0;         // predictions of it
};

struct TrainingCost {
  std::uint64_t steps = 0;              // of this process
  std::optional<std::uint64_t> cycles;  // of these
  PhaseCosts phases{};  // of steps that were launched phase by phase: the first of each epoch
  std::uint64_t profiled_steps = 0;

  // M N K of the products of all steps.
  [[nodiscard]] double multiplies() const;
};

class Training {
 public:
  // `output`: where checkpoints go; empty: nowhere.
  Training(const Output& out, Ranks& ranks, TrainConfig config, std::string output);

  [[nodiscard]] Result<void> open(const std::string& device, const std::string& resume);

  // Trains to the end, or to `interrupted`. kDiverged: the loss is not finite.
  [[nodiscard]] Result<bool> run();

  [[nodiscard]] Result<Evaluation> evaluate();
  [[nodiscard]] double accuracy(const Evaluation& evaluation) const;

  [[nodiscard]] const TrainConfig& config() const { return config_; }
  [[nodiscard]] const DeviceInfo& device() const { return device_->info(); }
  [[nodiscard]] const Trainer& trainer() const { return *trainer_; }
  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] const TrainingCost& cost() const { return cost_; }
  [[nodiscard]] std::uint32_t train_count() const { return train_.count(); }
  [[nodiscard]] std::uint32_t test_count() const { return test_.count(); }
  [[nodiscard]] std::uint64_t total_steps() const { return steps_per_epoch_ * config_.epochs; }

  // Ctrl-C ends the training after its step; a second one ends the process.
  static void catch_interrupts();

 private:
  [[nodiscard]] Result<void> load_data();
  [[nodiscard]] Result<void> resume_from(const Checkpoint& checkpoint);
  [[nodiscard]] Result<void> save() const;
  [[nodiscard]] Samples batch_of(std::uint64_t step);
  [[nodiscard]] Result<void> one_step(std::uint64_t step);
  [[nodiscard]] Result<void> end_epoch();
  [[nodiscard]] Error diverged(std::uint64_t step, float loss);
  void show(std::uint64_t step, float loss) const;

  const Output& out_;
  Ranks& ranks_;
  TrainConfig config_;
  std::string output_;
  std::optional<Device> device_;
  std::optional<Sequential> network_;
  std::optional<Trainer> trainer_;
  Samples train_;
  Samples test_;
  std::uint64_t steps_per_epoch_ = 0;
  std::optional<std::uint64_t> ordered_epoch_;
  std::vector<std::uint32_t> order_;
  TrainerState snapshot_;  // at the start of the epoch, or where this process began
  History history_;
  TrainingCost cost_;
  std::chrono::steady_clock::time_point start_;
  std::uint64_t first_step_ = 0;  // of this process
};

// The configuration a checkpoint was trained with. kCorruptFile if it says none.
[[nodiscard]] Result<TrainConfig> config_of(const Checkpoint& checkpoint, const std::string& name);

}  // namespace weft::tools
