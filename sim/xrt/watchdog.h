// SPDX-License-Identifier: Apache-2.0
// watchdog.h: tells that a process does not run any more, though it lives: stopped, or waiting for
// what does not come. A simulator that works uses the processor.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <chrono>

namespace weft::xrt {

class Watchdog {
 public:
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr int kIntervals = 10;  // messages and docs/xrt.md say 10 s

  // Call it at least each kInterval while the process should work. True if it used no processor
  // time in kIntervals intervals. They are counted, not measured: while this process is stopped
  // with the other (Ctrl-Z, a laptop asleep) none pass.
  [[nodiscard]] bool hung(pid_t process) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return false;
    next_ = now + kInterval;
    const std::chrono::nanoseconds used = processor_time(process);
    idle_ = used == used_ ? idle_ + 1 : 0;
    used_ = used;
    return idle_ >= kIntervals;
  }

  // What is watched works on something else from now on.
  void restart() { idle_ = 0; }

 private:
  static std::chrono::nanoseconds processor_time(pid_t process) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
      return std::chrono::nanoseconds(-1);
    }
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  }

  std::chrono::steady_clock::time_point next_;
  std::chrono::nanoseconds used_{-1};
  int idle_ = 0;
};

}  // namespace weft::xrt
