// SPDX-License-Identifier: Apache-2.0
// abandon.h: what to do with a device that is closed while its launch does not end.
//
// XRT's emulation crashes when what a running kernel uses is released. So it is kept until the
// process ends. Then XRT would close the card under its own scheduler and crash after all, so the
// process ends without the handlers and destructors that were registered earlier, XRT's among them.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

namespace weft::xilinx {

// How long closing waits for the launch in flight before that.
inline constexpr std::chrono::seconds kCloseBound{2};

inline void end_at_once(int status, void*) {
  std::fflush(nullptr);
  ::_exit(status);
}

template <class Handles>
void abandon(std::unique_ptr<Handles>& handles) {
  (void)handles.release();
  static const int registered = ::on_exit(end_at_once, nullptr);
  (void)registered;
}

}  // namespace weft::xilinx
