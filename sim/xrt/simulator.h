// SPDX-License-Identifier: Apache-2.0
// simulator.h: an engine of the card, Verilated, in a process of its own, as the front sees it.
//
// One launch at a time. The process shares nothing with its parent but the engine's bank of memory
// and a socket; it ends when the parent ends, however that comes about. Its name is weft-engine-N.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "sim/xrt/card_memory.h"

namespace weft::xrt {

// What the registers of a start say.
struct Start {
  std::uint64_t arena = 0;   // address
  std::uint64_t record = 0;  // offset in the arena
};

struct Ended {
  bool has_record = false;        // the completion record was written
  std::uint32_t fault = 0;        // register 0x40
  std::uint32_t fault_at = 0;     // register 0x44
  std::uint64_t cycles = 0;       // from the start to the answer to the completion record
  std::uint64_t nanoseconds = 0;  // of wall time
};

class Simulator {
 public:
  // Starts the process, which loads the card from this library. Engines count from 1.
  Simulator(CardMemory& memory, const std::string& library, unsigned engine);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator();  // kills it

  [[nodiscard]] bool alive() const { return process_ > 0; }
  // Readable when a launch has ended or the process has; -1 when it is not alive.
  [[nodiscard]] int event() const { return socket_; }

  void start(const Start& start);
  // What event() announced: the end of the launch; nothing if the process has ended instead. Then
  // alive() is false and a line on stderr says how it ended.
  [[nodiscard]] std::optional<Ended> take();

  [[nodiscard]] pid_t process() const { return process_; }
  // Kills the process and says why; event() then becomes readable.
  void end(const char* why);

 private:
  void lost();

  unsigned engine_;
  pid_t process_ = -1;
  int socket_ = -1;
};

}  // namespace weft::xrt
