// SPDX-License-Identifier: Apache-2.0
// FakeUnits: a bench of the sequencer. It plays the memory, which holds launches, and the units,
// which take commands and retire them after a random time, and checks on every cycle that commands
// come in order and only when what they wait for has retired.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "Vweft_sequencer_bench.h"
#include "runtime/program/image.h"
#include "sim/axi_memory.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {

struct TestProgram {
  spec::Entry entry;  // program, commands, bindings and table are filled in by place()
  std::vector<CommandBytes> commands;
  std::vector<spec::Binding> bindings;
};

struct TestLaunch {
  spec::Launch launch;
  std::vector<TestProgram> programs;
};

class FakeUnits : public Bench<Vweft_sequencer_bench> {
 protected:
  static constexpr std::uint64_t kArena = 0x40'0000'0000;
  static constexpr std::uint64_t kRecord = 64;
  static constexpr std::uint64_t kCompletion = 512;
  static constexpr std::uint64_t kList = 1024;

  FakeUnits();

  // A command of this unit that passes every check.
  CommandBytes command(std::size_t unit, const std::array<std::uint16_t, 4>& after = {});
  TestProgram random_program(std::size_t commands);
  TestLaunch random_launch();

  // Writes the launch into memory as it stands in `launch`.
  void place(TestLaunch& launch);
  // Starts the launch that is placed, runs until done and returns the completion record, if one
  // was written.
  std::optional<spec::Completion> run(std::uint64_t limit = 200000);
  // The same, given up after some cycles.
  void run_some(std::uint64_t cycles);
  // A launch that must end well: the sequencer is sound.
  void expect_sound();
  void reset_all();

  spec::Fault fault() const { return static_cast<spec::Fault>(dut->fault_o); }

  std::vector<std::uint8_t> bytes;
  sim::MemoryTiming timing;
  bool memory_silent = false;
  bool silent_at_record = false;         // from when the completion record is offered
  std::optional<std::size_t> dead_unit;  // takes commands, retires none and says it is idle
  // The unit reports an error with the next command it takes.
  bool read_error_next = false;
  bool write_error_next = false;
  bool index_error_next = false;  // of load, just before the command retires
  std::array<std::uint32_t, 4> retired_in_launch{};
  std::uint64_t clears = 0;  // cycles of unit_clear_o
  std::uint64_t read_beats = 0;

 private:
  struct Taken {
    std::uint32_t where;
    std::uint64_t retires_at;
  };

  void start();
  bool step();  // one cycle; true when it was the launch's last
  void drive();
  void sample();
  void check_order(std::size_t unit, std::uint32_t where);

  std::unique_ptr<sim::AxiMemory> memory_;
  sim::SlaveSignals slave_;
  TestLaunch placed_;
  std::array<std::deque<Taken>, 4> taken_;
  std::array<std::uint32_t, 4> retired_{};   // of the program under way
  std::array<std::uint32_t, 4> accepted_{};  // the same
  std::uint32_t program_ = 0;
  std::array<Stalls, 4> stalls_;
};

}  // namespace weft::test
