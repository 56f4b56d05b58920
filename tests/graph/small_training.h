// SPDX-License-Identifier: Apache-2.0
// A small network with every kind of pass, and steps of its training, for tests that compare bits.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/graph/random.h"
#include "weft/checkpoint.h"
#include "weft/trainer.h"

namespace weft::test {

inline constexpr std::uint32_t kInputs = 19;
inline constexpr std::uint32_t kOutputs = 5;
inline constexpr float kRate = 0.05f;

inline Sequential network() {
  return {kInputs,
          {Linear{40}, Activation::kRelu, Linear{24}, LayerNorm{}, Activation::kGelu,
           Linear{kOutputs}}};
}

// The same of feature maps.
inline constexpr MapShape kMaps{.height = 6, .width = 7, .channels = 2};

inline Sequential maps_network() {
  return {kMaps,
          {Conv2d{.filters = 9, .padding = 1}, Activation::kRelu, MaxPool{},
           Conv2d{.filters = 20, .kernel = 2}, Activation::kTanh, AveragePool{}, Flatten{},
           Linear{kOutputs}}};
}

struct Samples {
  std::vector<float> x;
  std::vector<std::uint32_t> labels;
};

inline Samples samples(std::uint32_t rows, std::uint64_t seed, std::uint32_t inputs = kInputs) {
  Samples made;
  for (std::uint32_t i = 0; i < rows * inputs; ++i) {
    const auto bits = graph::draw(seed, graph::Purpose::kInitial, 9, i);
    made.x.push_back(static_cast<float>(graph::uniform(bits)));
  }
  for (std::uint32_t i = 0; i < rows; ++i) {
    made.labels.push_back(made.x[std::size_t{i} * inputs] > 0 ? 1 : 3);
  }
  return made;
}

struct Trained {
  std::uint64_t hash = 0;
  std::vector<float> losses;
};

// Steps `first` to `last` of a training of 30 rows a step.
inline void train(Trainer& trainer, std::uint64_t first, std::uint64_t last, Trained& run,
                  PhaseCosts* costs = nullptr, std::uint32_t inputs = kInputs) {
  for (std::uint64_t step = first; step < last; ++step) {
    const Samples batch = samples(30, step, inputs);
    const auto report = trainer.step(batch.x, batch.labels, kRate, costs);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    run.losses.push_back(report->loss);
  }
  const auto state = trainer.state();
  ASSERT_TRUE(state.has_value());
  run.hash = weights_hash(*state);
}

inline Trained train_on(const std::string& uri, TrainerOptions options, std::uint64_t steps = 4,
                        PhaseCosts* costs = nullptr, const Sequential& layers = network()) {
  Trained run;
  auto device = Device::open(uri);
  EXPECT_TRUE(device.has_value()) << device.error().message();
  if (!device) return run;
  options.batch = 30;
  auto trainer = Trainer::create(*device, layers, options);
  EXPECT_TRUE(trainer.has_value()) << trainer.error().message();
  if (trainer) train(*trainer, 0, steps, run, costs, layers.inputs());
  return run;
}

inline void expect_equal(const Trained& x, const Trained& y) {
  EXPECT_EQ(x.hash, y.hash);
  EXPECT_EQ(x.losses, y.losses);
}

}  // namespace weft::test
