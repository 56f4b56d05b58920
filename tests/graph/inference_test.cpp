// SPDX-License-Identifier: Apache-2.0
// Inference: the logits of training, whatever the device and the number of rows.
#include "weft/inference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "tests/graph/small_training.h"

namespace weft::test {
namespace {

constexpr std::uint32_t kRows = 20;

// A network after some steps of training, and what it makes of some rows.
struct Subject {
  TrainerState state;
  Samples rows;
  Evaluation evaluation;
};

Subject trained(const Sequential& layers) {
  Subject subject;
  subject.rows = samples(kRows, 77, layers.inputs());
  auto device = Device::open("fast:");
  auto trainer = Trainer::create(*device, layers, {.batch = 30});
  EXPECT_TRUE(trainer.has_value()) << trainer.error().message();
  Trained steps;
  train(*trainer, 0, 3, steps, nullptr, layers.inputs());
  subject.state = trainer->state().value();
  subject.evaluation = trainer->evaluate(subject.rows.x, subject.rows.labels).value();
  return subject;
}

// `at_once` rows in each call.
std::vector<float> logits_on(const std::string& uri, const Sequential& layers,
                             const Subject& subject, std::size_t at_once) {
  std::vector<float> logits;
  auto device = Device::open(uri);
  auto inference = Inference::create(*device, layers, subject.state.tensors);
  EXPECT_TRUE(inference.has_value()) << inference.error().message();
  const std::span<const float> x = subject.rows.x;
  for (std::size_t row = 0; row < kRows; row += at_once) {
    const std::size_t count = std::min(at_once, kRows - row);
    const auto part =
        inference->run(x.subspan(row * layers.inputs(), count * layers.inputs())).value();
    logits.insert(logits.end(), part.values.begin(), part.values.end());
  }
  return logits;
}

// Classes and loss of the logits are those of the evaluation, which computes them on the card.
void expect_evaluated(const std::vector<float>& logits, const Subject& subject) {
  ASSERT_EQ(logits.size(), std::size_t{kRows} * kOutputs);
  double loss = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto of_row = std::span(logits).subspan(row * kOutputs, kOutputs);
    const auto largest = std::max_element(of_row.begin(), of_row.end());
    EXPECT_EQ(largest - of_row.begin(), subject.evaluation.predictions[row]) << row;
    double sum = 0;
    for (const float each : of_row) sum += std::exp(static_cast<double>(each));
    loss += std::log(sum) - static_cast<double>(of_row[subject.rows.labels[row]]);
  }
  // FP32 of some tens of operations.
  EXPECT_NEAR(loss / kRows, subject.evaluation.loss, 1e-5 * subject.evaluation.loss);
}

TEST(Inference, ComputesTheLogitsOfTraining) {
  for (const Sequential& layers : {network(), maps_network()}) {
    const Subject subject = trained(layers);
    const auto logits = logits_on("fast:", layers, subject, kRows);
    expect_evaluated(logits, subject);
    EXPECT_EQ(logits_on("fast:", layers, subject, 7), logits);
    EXPECT_EQ(logits_on("fast:?config=small", layers, subject, kRows), logits);
  }
}

TEST(Inference, NamesItsOperators) {
  const Sequential layers = maps_network();
  const Subject subject = trained(layers);
  auto device = Device::open("fast:");
  auto inference = Inference::create(*device, layers, subject.state.tensors);
  ASSERT_TRUE(inference.has_value());
  const auto operators = inference->run(subject.rows.x).value().operators;
  std::vector<std::string> names;
  for (const OperatorCost& each : operators) {
    names.push_back(each.name + " " + each.parameter);
    EXPECT_FALSE(each.cycles.has_value());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"reborder ", "convolution layer0.weight", "max_pool ",
                                             "convolution layer1.weight", "tanh ", "average_pool ",
                                             "linear layer2.weight"}));
  // 20 maps of 6 x 7 pixels; 9 filters of 3 x 3 x 2.
  EXPECT_EQ(operators[1].m, 20u * 6 * 7);
  EXPECT_EQ(operators[1].n, 9u);
  EXPECT_EQ(operators[1].k, 18u);
  EXPECT_EQ(operators[2].m, 0u);
}

TEST(Inference, MayEndInFlattenedMaps) {
  const Sequential layers(MapShape{.height = 1, .width = 2, .channels = 1},
                          {Conv2d{.filters = 1, .kernel = 1}, Flatten{}});
  auto device = Device::open("fast:");
  auto inference = Inference::create(*device, layers,
                                     {{"layer0.weight", HostTensor{.shape = {1, 1}, .values = {2}}},
                                      {"layer0.bias", HostTensor{.shape = {1}, .values = {1}}}});
  ASSERT_TRUE(inference.has_value()) << inference.error().message();
  const auto logits = inference->run(std::vector<float>{1, 0.5f});
  ASSERT_TRUE(logits.has_value()) << logits.error().message();
  EXPECT_EQ(logits->values, (std::vector<float>{3, 2}));
}

TEST(Inference, NamesWhatDoesNotFit) {
  const Sequential layers = network();
  Subject subject = trained(layers);
  auto device = Device::open("fast:");
  auto inference = Inference::create(*device, layers, subject.state.tensors);
  ASSERT_TRUE(inference.has_value());
  for (const std::size_t values : {0u, kInputs - 1, kInputs + 1}) {
    EXPECT_EQ(inference->run(std::vector<float>(values)).error().code, Code::kInvalidArgument);
  }
  subject.state.tensors.erase("layer1.bias");
  const auto incomplete = Inference::create(*device, layers, subject.state.tensors);
  ASSERT_FALSE(incomplete.has_value());
  EXPECT_NE(incomplete.error().what.find("layer1.bias"), std::string::npos);
  const Sequential maps(kMaps, {Conv2d{.filters = 2}});
  EXPECT_FALSE(Inference::create(*device, maps, {}).has_value());
}

}  // namespace
}  // namespace weft::test
