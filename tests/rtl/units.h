// SPDX-License-Identifier: Apache-2.0
// Units: a bench of the four units. It plays the scratchpads, granting ports of V at random, and
// the memory, and checks what holds on every cycle:
//
// - a unit with commands says so (active), and falls silent when it has none
// - no write of a command comes after the command retired, and every command retires once
// - bursts keep to AXI4
//
// `expected` executes each command at issue(); `actual` gets what the units write.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "Vweft_units_bench.h"
#include "runtime/program/check.h"
#include "sim/axi_memory.h"
#include "tests/conformance/oracle.h"
#include "tests/conformance/random_data.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {

class Units : public Bench<Vweft_units_bench> {
 protected:
  static constexpr std::uint64_t kBase = 0x12'3456'0000;  // of memory
  static constexpr std::size_t kMemory = 256 * 1024;

  struct Error {
    std::uint64_t address;
    std::uint32_t program;
    std::uint32_t command;
  };

  Units();

  template <class Command>
  static bool legal(const Command& command) {
    const spec::Binding all{.offset = 0, .size = kMemory, .rights = 3};
    return check_command(spec::pack(command), {}, std::span(&all, 1), kConfig) ==
           spec::Fault::kNone;
  }

  template <class Command>
  void issue(const Command& command) {
    const auto packed = spec::pack(command);
    commands[static_cast<std::size_t>(command.opcode) - 1].push(packed);
    ProgramImage image;
    image.commands.push_back(packed);
    expected.run(image, {}, expected_memory);
  }

  // Until all commands have retired and the units are silent, or a check failed.
  void run(std::uint64_t limit);
  // Some cycles, then a reset of units and memory in the middle of what they do. The scratchpads
  // and memory are taken as they are then.
  void run_and_reset(std::uint64_t cycles);
  // Scratchpads and memory are as expected.
  void compare();
  // Memory that answers bursts touching this byte with an error.
  void fail_at(std::uint64_t offset);
  // Memory of this latency; neither it nor V makes a unit wait from here on.
  void never_stall(std::uint32_t latency);

  Oracle expected{kConfig};
  Oracle actual{kConfig};
  Memory expected_memory;
  std::vector<std::uint8_t> bytes;
  std::array<Source<CommandBytes>, 4> commands;
  std::array<std::uint64_t, 4> busy{};    // cycles
  std::array<std::uint64_t, 4> active{};  // cycles
  bool v_grants_all = false;              // no reader or writer of V ever waits
  std::uint64_t load_reads_every = 1;     // cycles from a read of V by the load unit to the next
  std::vector<Error> load_errors;
  std::vector<Error> index_errors;  // address: the index
  std::vector<Error> store_errors;

 private:
  void drive();
  void drive_command(std::size_t unit, const CommandBytes& command);
  void sample();
  void sample_v();
  void sample_operands();
  void write_allowed(std::size_t unit, std::uint32_t where);

  static constexpr std::size_t kReaders = 5;  // of V, as in weft_v_pkg
  static constexpr std::size_t kWriters = 3;
  std::array<Stalls, kReaders + kWriters> v_stalls_;
  std::array<Bytes, kReaders> v_due_;
  bool operands_due_ = false;
  Bytes a_data_, b_data_;
  std::array<std::uint8_t, 4> a_scale_{};
  std::array<std::uint32_t, 16> b_scale_{};
  std::unique_ptr<sim::AxiMemory> memory_;
  sim::SlaveSignals slave_;
  std::array<std::uint32_t, 4> accepted_{};
  std::array<std::uint32_t, 4> retired_{};
};

}  // namespace weft::test
