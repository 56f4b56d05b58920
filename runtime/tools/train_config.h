// SPDX-License-Identifier: Apache-2.0
// runtime/tools/train_config.h: what `weft train` trains, as JSON. docs/train.md has every key.
//
// The same JSON is in the checkpoints of a training, so that it can be continued.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/tools/architecture.h"
#include "runtime/tools/output.h"
#include "runtime/tools/samples.h"
#include "weft/result.h"
#include "weft/trainer.h"

namespace weft::tools {

// How the learning rate falls over all steps.
enum class Schedule : std::uint8_t { kConstant, kLinear, kCosine };

struct TrainConfig {
  SampleFiles train;
  SampleFiles test;
  Architecture network;
  Optimizer optimizer = Sgd{};
  float rate = 0;  // at the first step
  Schedule schedule = Schedule::kCosine;
  std::uint32_t epochs = 10;
  std::uint32_t batch = 64;
  std::uint32_t micro_batches = 1;
  std::uint64_t seed = 1;
};

// A data set by name, "digits" or "mnist", and a network for it, "mlp", "cnn" or "" for the one it
// is usually shown with.
[[nodiscard]] Result<TrainConfig> named_config(const std::string& data, const std::string& model);

// An optimizer by name, "sgd" or "adamw", with its default options and rate.
[[nodiscard]] Result<void> set_optimizer(TrainConfig& config, const std::string& name);

// kInvalidArgument names the key. Relative paths of samples start at `folder`.
[[nodiscard]] Result<TrainConfig> parse_config(const std::string& text, const std::string& name,
                                               const std::filesystem::path& folder);
[[nodiscard]] Json config_json(const TrainConfig& config);

// The rate of step `step` (from 0) of `steps`.
[[nodiscard]] float rate_of(const TrainConfig& config, std::uint64_t step, std::uint64_t steps);

}  // namespace weft::tools
