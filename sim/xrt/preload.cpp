// SPDX-License-Identifier: Apache-2.0
// libweft_xrt_preload.so, preloaded into hosts: what XRT's hardware emulation asks of the system is
// done on a smaller scale. Only for calls from libxrt_hwemu; others get what they ask for.
//
//   sleep   It waits for a kernel with sleep(), ten seconds the first time and one from then on:
//           50 microseconds.
//   kill    Its handlers of SIGTERM, SIGABRT and SIGSEGV send the signal to the whole process
//           group, which may be a shell's or a test runner's: it ends this process alone.
#include <dlfcn.h>
#include <signal.h>

#include <cstring>
#include <ctime>

namespace {

using Sleep = unsigned (*)(unsigned);
using Kill = int (*)(pid_t, int);
constexpr long kShort = 50'000;  // nanoseconds

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool called_by_emulation(const void* caller) {
  Dl_info info{};
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libxrt_hwemu") != nullptr;
}

// As if there were no handler. The signal is blocked while its handler runs.
void end_by(int number) {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(number, &action, nullptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(number);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) unsigned sleep(unsigned seconds) {
  static const auto real = next<Sleep>("sleep");
  if (!called_by_emulation(__builtin_return_address(0))) return real(seconds);
  const timespec pause{.tv_sec = 0, .tv_nsec = seconds == 0 ? 0 : kShort};
  nanosleep(&pause, nullptr);
  return 0;
}

extern "C" __attribute__((visibility("default"))) int kill(pid_t process, int number) noexcept {
  static const auto real = next<Kill>("kill");
  if (process != 0 || !called_by_emulation(__builtin_return_address(0))) {
    return real(process, number);
  }
  end_by(number);
  return 0;
}
