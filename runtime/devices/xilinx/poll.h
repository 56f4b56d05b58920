// SPDX-License-Identifier: Apache-2.0
// poll.h: waiting for the end of a launch with a bound of our own. In emulation no wait of XRT ever
// times out, and OpenCL has none that does.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace weft::xilinx {

// Asks `ended` at once and then ever less often, at least once per millisecond, and once more when
// `bound` is over. Its last answer.
template <class Ended>
[[nodiscard]] bool poll_until(std::chrono::milliseconds bound, Ended ended) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::nanoseconds kImpatient = std::chrono::microseconds(100);
  constexpr std::chrono::nanoseconds kLongest = std::chrono::milliseconds(1);
  constexpr int kShare = 16;  // of the time waited so far is the next pause
  const auto begin = Clock::now();
  for (;;) {
    if (ended()) return true;
    const std::chrono::nanoseconds waited = Clock::now() - begin;
    if (waited >= bound) return ended();
    if (waited < kImpatient) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::min({waited / kShare, kLongest, bound - waited}));
    }
  }
}

}  // namespace weft::xilinx
