// SPDX-License-Identifier: Apache-2.0
// The card through its library: faults of memory, stalls, and results that no timing changes.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "tests/rtl/support/seed.h"
#include "tests/sim/sample_launch.h"
#include "weft_card.h"

namespace weft::test {
namespace {

constexpr const spec::Config& kConfig = spec::kConfigs[WEFT_CONFIG];

struct Close {
  void operator()(weft_card* card) const { weft_card_close(card); }
};
using Card = std::unique_ptr<weft_card, Close>;

Card open_card(weft_card_options options) {
  char error[200] = "";
  options.arena_bytes = kArenaBytes;
  Card card(weft_card_open(&options, error, sizeof error));
  EXPECT_NE(card, nullptr) << error;
  return card;
}

class CardTest : public testing::Test {
 protected:
  void fill(const Card& card, const SampleLaunch& sample) {
    std::memcpy(weft_card_memory(card.get()), sample.arena.data(), kArenaBytes);
  }
  spec::Completion completion(const Card& card) {
    return completion_in({weft_card_memory(card.get()), kArenaBytes});
  }
  void expect_result(const Card& card, const SampleLaunch& sample) {
    EXPECT_EQ(std::memcmp(weft_card_memory(card.get()) + kResult, sample.expected.data(),
                          sample.expected.size()),
              0);
  }
  void expect_fault(const Card& card, spec::Fault fault, spec::Unit unit) {
    const auto end = completion(card);
    EXPECT_EQ(end.status, spec::Status::kFault);
    EXPECT_EQ(end.fault, static_cast<std::uint32_t>(fault));
    EXPECT_EQ(end.fault_unit, static_cast<std::uint32_t>(unit));
    EXPECT_EQ(weft_card_fault(card.get()), static_cast<std::uint32_t>(fault));
  }
  // A launch that is right, on a card that has seen something else.
  void expect_sound(const Card& card) {
    const auto sample = sample_launch(dice, kConfig, 1);
    fill(card, sample);
    ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0) << weft_card_error(card.get());
    EXPECT_EQ(completion(card).status, spec::Status::kDone);
    expect_result(card, sample);
  }

  Dice dice{test_seed()};
};

TEST_F(CardTest, ResultsDoNotDependOnMemory) {
  const auto sample = sample_launch(dice, kConfig, 2);
  for (const weft_card_options& options :
       {weft_card_options{.latency = 1}, weft_card_options{.latency = 64},
        weft_card_options{.latency = 300}, weft_card_options{.bytes_per_cycle = 5},
        weft_card_options{.latency = 20, .reorder_seed = dice.bits() | 1},
        weft_card_options{
            .latency = 90, .bytes_per_cycle = 11, .reorder_seed = (dice.bits() | 1) + 1}}) {
    const Card card = open_card(options);
    fill(card, sample);
    ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0) << weft_card_error(card.get());
    expect_result(card, sample);
    const auto end = completion(card);
    EXPECT_EQ(end.status, spec::Status::kDone);
    EXPECT_EQ(end.retired, (std::array<std::uint32_t, 4>{4, 2, 2, 2}));
    EXPECT_LE(end.cycles, weft_card_last_cycles(card.get()));
    for (std::size_t unit = 0; unit < spec::kNumUnits; ++unit) {
      const auto* first = &end.counter[unit * spec::kNumStates];
      EXPECT_EQ(std::accumulate(first, first + spec::kNumStates, std::uint64_t{0}), end.cycles)
          << spec::name(static_cast<spec::Unit>(unit));
    }
    const auto busy = static_cast<std::size_t>(spec::State::kBusy);
    EXPECT_EQ(end.counter[spec::kNumStates + busy], sample.matmul_steps);
  }
}

TEST_F(CardTest, AReadErrorNamesTheLoadAndItsAddressAndTheNextLaunchWorks) {
  const Card card = open_card({.error_address = kBData + 1000});
  const auto sample = sample_launch(dice, kConfig, 1);
  fill(card, sample);
  ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0) << weft_card_error(card.get());
  expect_fault(card, spec::Fault::kReadError, spec::Unit::kLoad);
  const auto end = completion(card);
  EXPECT_EQ(end.fault_command, 1u);
  // The arena does not start at 0, but at a multiple of its size.
  EXPECT_LE(end.fault_address % kArenaBytes, kBData + 1000);
  EXPECT_GT(end.fault_address % kArenaBytes + 4096, kBData + 1000);

  std::memcpy(weft_card_memory(card.get()) + kRecord, identify_record().data(), 64);
  ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0);
  EXPECT_EQ(completion(card).status, spec::Status::kDone);
}

TEST_F(CardTest, AWriteErrorNamesTheStoreAndItsAddress) {
  const Card card = open_card({.error_address = kResult + 100});
  const auto sample = sample_launch(dice, kConfig, 1);
  fill(card, sample);
  ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0) << weft_card_error(card.get());
  expect_fault(card, spec::Fault::kWriteError, spec::Unit::kStore);
  const auto end = completion(card);
  EXPECT_EQ(end.fault_command, 4u);
  EXPECT_LE(end.fault_address % kArenaBytes, kResult + 100);
  EXPECT_GT(end.fault_address % kArenaBytes + 4096, kResult + 100);
}

// Memory falls silent in the middle of a long launch; a reset brings the card back for short ones.
TEST_F(CardTest, ASilentMemoryIsAStallAndResetBringsTheCardBack) {
  const auto one = sample_launch(dice, kConfig, 1);
  std::uint64_t length = 0;
  {
    const Card card = open_card({});
    fill(card, one);
    ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0);
    length = weft_card_last_cycles(card.get());
  }
  for (int round = 0; round < 4; ++round) {
    const Card card = open_card({.hang_after = length + dice.between(100, 2 * length)});
    const auto many = sample_launch(dice, kConfig, 5, 3000);
    fill(card, many);
    EXPECT_EQ(weft_card_launch(card.get(), kRecord), 2) << weft_card_error(card.get());
    EXPECT_EQ(weft_card_fault(card.get()), static_cast<std::uint32_t>(spec::Fault::kStalled));
    // Until then it refuses, though memory may now take the record of the stalled launch.
    EXPECT_NE(weft_card_launch(card.get(), kRecord), 1) << weft_card_error(card.get());
    EXPECT_EQ(weft_card_fault(card.get()), static_cast<std::uint32_t>(spec::Fault::kStalled));
    weft_card_reset(card.get());
    expect_sound(card);
  }
}

TEST_F(CardTest, WorksOnMemoryOfItsCallerAndTheArenaMayBeginAnywhereInIt) {
  constexpr std::uint64_t kMoved = 3 * 4096;
  std::vector<std::uint8_t> memory(kMoved + kArenaBytes);
  char error[200] = "";
  const weft_card_options options{.arena_bytes = memory.size(), .memory = memory.data()};
  const Card card(weft_card_open(&options, error, sizeof error));
  ASSERT_NE(card, nullptr) << error;
  EXPECT_EQ(weft_card_memory(card.get()), memory.data());

  const auto sample = sample_launch(dice, kConfig, 1);
  std::memcpy(memory.data() + kMoved, sample.arena.data(), kArenaBytes);
  const std::uint64_t arena = weft_card_memory_base(card.get()) + kMoved;
  weft_card_write_register(card.get(), 0x10, static_cast<std::uint32_t>(arena));
  weft_card_write_register(card.get(), 0x14, static_cast<std::uint32_t>(arena >> 32));
  EXPECT_EQ(weft_card_read_register(card.get(), 0x10), static_cast<std::uint32_t>(arena));
  ASSERT_EQ(weft_card_launch(card.get(), kRecord), 0) << weft_card_error(card.get());
  EXPECT_EQ(completion_in({memory.data() + kMoved, kArenaBytes}).status, spec::Status::kDone);
  EXPECT_EQ(
      std::memcmp(memory.data() + kMoved + kResult, sample.expected.data(), sample.expected.size()),
      0);
}

TEST_F(CardTest, ResetBetweenLaunchesChangesNothing) {
  const Card card = open_card({});
  expect_sound(card);
  weft_card_reset(card.get());
  expect_sound(card);
}

}  // namespace
}  // namespace weft::test
