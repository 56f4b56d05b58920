// SPDX-License-Identifier: Apache-2.0
// Steps: equal phase by phase, in parts and in processes, after a restore; and what is refused.
#include "weft/trainer.h"

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <limits>
#include <string>
#include <thread>

#include "tests/graph/small_training.h"

namespace weft {
namespace {

using namespace test;

TEST(Trainer, StepsPhaseByPhaseAreTheSameBits) {
  PhaseCosts costs{};
  expect_equal(train_on("fast:", {}), train_on("fast:", {}, 4, &costs));
  // M N K of the three layers forward and for weights, and all but the first for inputs; 4 steps.
  const double first = 30.0 * 40 * kInputs * 4;
  const double others = 30.0 * (24 * 40 + kOutputs * 24) * 4;
  EXPECT_EQ(costs[static_cast<std::size_t>(StepPhase::kForward)].multiplies, first + others);
  EXPECT_EQ(costs[static_cast<std::size_t>(StepPhase::kWgrad)].multiplies, first + others);
  EXPECT_EQ(costs[static_cast<std::size_t>(StepPhase::kDgrad)].multiplies, others);
}

TEST(Trainer, SeedsGiveOtherWeights) {
  EXPECT_NE(train_on("fast:", {.seed = 1}).hash, train_on("fast:", {.seed = 2}).hash);
  EXPECT_EQ(train_on("fast:", {.seed = 2}).hash, train_on("fast:", {.seed = 2}).hash);
}

TEST(Trainer, TheLossFalls) {
  const Trained run = train_on("fast:", {}, 60);
  EXPECT_LT(run.losses.back(), 0.5f * run.losses.front());
}

TEST(Trainer, RestoreContinuesBitForBit) {
  for (const Optimizer& optimizer : {Optimizer(Sgd{}), Optimizer(Adamw{})}) {
    const TrainerOptions options{.batch = 30, .optimizer = optimizer};
    const Trained whole = train_on("fast:", options, 6);
    auto device = Device::open("fast:");
    const Sequential layers = network();
    auto begun = Trainer::create(*device, layers, options);
    Trained run;
    train(*begun, 0, 3, run);
    const auto state = begun->state();
    EXPECT_EQ(state->step, 3u);
    auto continued = Trainer::create(*device, layers, options);
    ASSERT_TRUE(continued->restore(*state).has_value());
    train(*continued, 3, 6, run);
    expect_equal(run, whole);
  }
}

TEST(Trainer, RestoreNamesWhatIsMissing) {
  auto device = Device::open("fast:");
  const Sequential layers = network();
  auto trainer = Trainer::create(*device, layers, {});
  auto state = trainer->state();
  state->tensors.erase("optimizer.second.layer1.weight");
  const auto refused = trainer->restore(*state);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().what.find("optimizer.second.layer1.weight"), std::string::npos);
}

// Two processes as two threads: each with a device of its own.
TEST(Trainer, ProcessesEqualPartsOfOneDevice) {
  constexpr std::uint32_t kRanks = 2;
  std::array<std::vector<std::byte>, kRanks> sent;
  std::barrier everyone(kRanks);
  std::array<Trained, kRanks> runs;
  std::vector<std::jthread> threads;
  for (std::uint32_t rank = 0; rank < kRanks; ++rank) {
    threads.emplace_back([&, rank] {
      const Exchange exchange{
          .rank = rank,
          .ranks = kRanks,
          .all_gather = [&,
                         rank](std::span<const std::byte> mine) -> Result<std::vector<std::byte>> {
            sent[rank].assign(mine.begin(), mine.end());
            everyone.arrive_and_wait();
            std::vector<std::byte> all = sent[0];
            all.insert(all.end(), sent[1].begin(), sent[1].end());
            everyone.arrive_and_wait();
            return all;
          }};
      runs[rank] = train_on("fast:", {.exchange = &exchange});
    });
  }
  threads.clear();
  const Trained alone = train_on("fast:", {.micro_batches = kRanks});
  expect_equal(runs[0], alone);
  expect_equal(runs[1], alone);
}

TEST(Trainer, EvaluatesEveryRowOnce) {
  auto device = Device::open("fast:");
  const Sequential layers = network();
  auto trainer = Trainer::create(*device, layers, {});
  const Samples all = samples(515, 1);
  const auto whole = trainer->evaluate(all.x, all.labels);
  ASSERT_TRUE(whole.has_value()) << whole.error().message();
  ASSERT_EQ(whole->predictions.size(), 515u);
  // Row by row the answers are the same; the mean of losses up to rounding of FP32 sums.
  double loss = 0;
  for (std::size_t row = 0; row < 515; row += 103) {
    const auto part =
        trainer->evaluate(std::span(all.x).subspan(row * kInputs, std::size_t{103} * kInputs),
                          std::span(all.labels).subspan(row, 103));
    ASSERT_TRUE(part.has_value());
    for (std::size_t i = 0; i < 103; ++i) {
      EXPECT_EQ(part->predictions[i], whole->predictions[row + i]);
    }
    loss += part->loss / 5;
  }
  EXPECT_NEAR(loss, whole->loss, 1e-5);
}

TEST(Trainer, NamesOptionsAndRowsThatMakeNoSense) {
  auto device = Device::open("fast:");
  const Sequential layers = network();
  for (const TrainerOptions& options :
       {TrainerOptions{.batch = 0}, TrainerOptions{.batch = 10, .micro_batches = 3},
        TrainerOptions{.micro_batches = 0}}) {
    const auto refused = Trainer::create(*device, layers, options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  }
  auto trainer = Trainer::create(*device, layers, {.batch = 4});
  Samples rows = samples(4, 1);
  EXPECT_FALSE(trainer->step(std::span(rows.x).first(5), rows.labels, kRate).has_value());
  const Samples many = samples(8, 1);
  EXPECT_FALSE(trainer->step(many.x, many.labels, kRate).has_value());
  rows.labels[2] = kOutputs;
  const auto refused = trainer->step(rows.x, rows.labels, kRate);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().what.find("label 5 of row 2"), std::string::npos);
}

TEST(Trainer, ReportsTheErrorsOfANetwork) {
  auto device = Device::open("fast:");
  const Sequential empty(kInputs, {Linear{0}});
  EXPECT_EQ(Trainer::create(*device, empty, {}).error().code, Code::kInvalidArgument);
  const Sequential nothing(kInputs, {Activation::kRelu});
  EXPECT_EQ(Trainer::create(*device, nothing, {}).error().code, Code::kInvalidArgument);
}

TEST(Trainer, FindsTheFirstBadTensor) {
  auto device = Device::open("fast:");
  const Sequential layers = network();
  auto trainer = Trainer::create(*device, layers, {.batch = 30});
  const Samples batch = samples(30, 1);
  auto found = trainer->find_bad_tensor(batch.x, batch.labels, kRate);
  ASSERT_TRUE(found.has_value()) << found.error().message();
  EXPECT_FALSE(found->has_value());

  auto state = trainer->state();
  // The product overflows in the second layer.
  for (float& weight : state->tensors["layer1.weight"].values) weight = 3e38f;
  ASSERT_TRUE(trainer->restore(*state).has_value());
  found = trainer->find_bad_tensor(batch.x, batch.labels, kRate);
  EXPECT_EQ(found->value_or(""), "linear2");

  state->tensors["layer0.bias"].values[3] = std::numeric_limits<float>::infinity();
  ASSERT_TRUE(trainer->restore(*state).has_value());
  found = trainer->find_bad_tensor(batch.x, batch.labels, kRate);
  EXPECT_EQ(found->value_or(""), "layer0.bias");
}

TEST(Trainer, ActivationsShareMemory) {
  auto device = Device::open("fast:");
  const Sequential layers = network();
  const auto trainer = Trainer::create(*device, layers, {});
  EXPECT_LT(trainer->memory().arena_bytes, trainer->memory().unshared_bytes);
  EXPECT_GT(trainer->memory().parameter_bytes, 0u);
}

}  // namespace
}  // namespace weft
