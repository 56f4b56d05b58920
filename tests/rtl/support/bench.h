// SPDX-License-Identifier: Apache-2.0
// A Verilated model with its clock, its assertions and a seeded dice.
//
// A cycle is: set inputs, settle(), look at outputs, edge(). Inputs change while the clock is low,
// so what settle() shows is what both sides see at the edge.
#pragma once

#include <gtest/gtest.h>
#include <verilated.h>

#include <cstdint>
#include <memory>

#include "tests/conformance/random.h"
#include "tests/rtl/support/seed.h"
#include "weft/spec.h"

namespace weft::test {

// The configuration the model under test was built for.
inline constexpr const spec::Config& kConfig = spec::kConfigs[WEFT_CONFIG];
inline constexpr std::size_t kBytes = kConfig.axi_bytes;
inline constexpr std::size_t kLanes = kBytes / 4;

template <class Model>
class Bench : public testing::Test {
 protected:
  Bench() : dice(test_seed()) {
    context_.assertOn(true);
    context_.fatalOnError(false);
    dut = std::make_unique<Model>(&context_, "bench");
    reset();
  }

  ~Bench() override {
    EXPECT_EQ(context_.errorCount(), 0) << "an assertion in the RTL failed; see stderr";
    dut->final();
  }

  void settle() {
    dut->clk_i = 0;
    dut->eval();
  }

  void edge() {
    dut->clk_i = 1;
    dut->eval();
    context_.timeInc(1);
    ++cycle;
  }

  void tick() {
    settle();
    edge();
  }

  void reset() {
    dut->rst_ni = 0;
    for (int i = 0; i < 4; ++i) tick();
    dut->rst_ni = 1;
  }

 private:
  VerilatedContext context_;

 protected:
  Dice dice;
  std::unique_ptr<Model> dut;
  std::uint64_t cycle = 0;
};

}  // namespace weft::test
