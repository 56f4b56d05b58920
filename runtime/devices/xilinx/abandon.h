// SPDX-License-Identifier: Apache-2.0
// abandon.h: what to do with a device that is closed while its launch does not end.
//
// XRT's emulation crashes when what a running kernel uses is released. So it is kept until the
// process ends. Then XRT closes the card under its own scheduler, whose next call meets a closed
// socket: without SIGPIPE that is an error like another, with it the process would end by a signal.
#pragma once

#include <signal.h>

#include <chrono>
#include <memory>

namespace weft::xilinx {

// How long closing waits for the launch in flight before that.
inline constexpr std::chrono::seconds kCloseBound{2};

template <class Handles>
void abandon(std::unique_ptr<Handles>& handles) {
  (void)handles.release();
  struct sigaction action{};
  if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
  }
}

}  // namespace weft::xilinx
