// SPDX-License-Identifier: Apache-2.0
// registers.h: an engine's registers as a host sees them, and the launch they start.
//
// They are the front's own: the simulator is told what they hold when a launch starts, and says
// what the fault registers hold when it ends. So they answer while a launch runs, and when there is
// no simulator any more.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>

#include "sim/xrt/card_memory.h"
#include "sim/xrt/simulator.h"
#include "sim/xrt/watchdog.h"

namespace weft::xrt {

class Registers {
 public:
  // `log`: gets one line of JSON per launch; may be null. Engines count from 1.
  Registers(CardMemory& memory, Simulator& simulator, unsigned engine, std::FILE* log)
      : memory_(memory), simulator_(simulator), engine_(engine), log_(log) {}

  // Accesses of 4 bytes; the address counts from the first register.
  void write(std::uint32_t address, std::uint32_t value);
  // Of the control register while a launch runs: waits a little for its end.
  [[nodiscard]] std::uint32_t read(std::uint32_t address);

  // To be called when simulator.event() is readable.
  void on_simulator_event();
  // To be called at least each Watchdog::kInterval while running(): ends a simulator that hangs.
  void watch();
  [[nodiscard]] bool running() const { return running_; }
  // The memory is not what the host believes: every launch from now on ends as lost.
  void lose() { simulator_.end("the card's memory could not be copied"); }

 private:
  void start();
  void end(const Ended& ended);
  void end_lost();
  void wait_a_little();
  [[nodiscard]] std::uint64_t pair(std::uint32_t low) const;

  CardMemory& memory_;
  Simulator& simulator_;
  unsigned engine_;
  std::FILE* log_;
  std::array<std::uint32_t, 0x48 / 4> held_{};
  Start started_;
  Watchdog watchdog_;
  bool running_ = false;
  bool done_ = false;
  std::uint64_t launches_ = 0;
};

}  // namespace weft::xrt
