// SPDX-License-Identifier: Apache-2.0
// Trains a network to tell the inside of a circle from its outside. usage: train_mlp [URI]
#include <weft/weft.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

template <class T>
T must(weft::Result<T> result) {
  if (!result) std::exit((std::fprintf(stderr, "%s\n", result.error().message().c_str()), 1));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Points {
  std::vector<float> x;               // two coordinates each
  std::vector<std::uint32_t> labels;  // 1 inside of the circle
};

// `count` points spread evenly over a square, from number `first` of a fixed sequence on.
Points points(std::uint32_t first, std::uint32_t count) {
  Points made;
  for (std::uint32_t i = first; i < first + count; ++i) {
    const double across = 2 * std::fmod(i * 0.7548776662466927, 1.0) - 1;
    const double up = 2 * std::fmod(i * 0.5698402909980532, 1.0) - 1;
    made.x.insert(made.x.end(), {static_cast<float>(across), static_cast<float>(up)});
    made.labels.push_back(across * across + up * up < 0.6);
  }
  return made;
}

int main(int argc, char** argv) {
  constexpr std::uint32_t kBatch = 64;
  constexpr std::uint32_t kSteps = 300;
  weft::Device device = must(weft::Device::open(argc > 1 ? argv[1] : "fast:"));
  const weft::Sequential network(2, {weft::Linear{32}, weft::Activation::kRelu, weft::Linear{32},
                                     weft::Activation::kRelu, weft::Linear{2}});
  weft::Trainer trainer = must(weft::Trainer::create(
      device, network, {.batch = kBatch, .seed = 1, .optimizer = weft::Adamw{}}));

  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const Points batch = points(step * kBatch, kBatch);
    const float rate = 0.02f * (1 - static_cast<float>(step) / kSteps);
    const weft::StepReport report = must(trainer.step(batch.x, batch.labels, rate));
    if (step % 50 == 0) std::printf("step %u loss %.4f\n", step, static_cast<double>(report.loss));
  }

  const Points test = points(kSteps * kBatch, 1000);
  const weft::Evaluation answers = must(trainer.evaluate(test.x, test.labels));
  std::uint32_t right = 0;
  for (std::size_t i = 0; i < 1000; ++i) right += answers.predictions[i] == test.labels[i];
  std::printf("%.1f %% of 1000 new points are right\n", right / 10.0);
}
