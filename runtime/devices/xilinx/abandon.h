// SPDX-License-Identifier: Apache-2.0
// abandon.h: where XRT's emulation must not release its devices.
//
// When a device is closed while its launch does not end: XRT's emulation crashes when what a
// running kernel uses is released. So it is kept until the process ends, and then XRT would close
// the card under its own scheduler and crash after all.
// In a child that was forked: at its end XRT would close the card of its parent.
// So such a process ends without the handlers and destructors that were registered earlier, XRT's
// among them.
#pragma once

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

namespace weft::xilinx {

// How long closing waits for the launch in flight before that.
inline constexpr std::chrono::seconds kCloseBound{2};

inline void end_at_once(int status, void*) {
  std::fflush(stdout);
  std::fflush(stderr);
  ::_exit(status);
}

inline void leave_xrt_alone_at_exit() {
  static const int registered = ::on_exit(end_at_once, nullptr);
  (void)registered;
}

template <class Handles>
void abandon(std::unique_ptr<Handles>& handles) {
  (void)handles.release();
  leave_xrt_alone_at_exit();
}

// To be called once devices have been opened.
inline void leave_devices_to_the_parent() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, leave_xrt_alone_at_exit);
  (void)registered;
}

}  // namespace weft::xilinx
