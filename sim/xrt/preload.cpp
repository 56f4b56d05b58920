// SPDX-License-Identifier: Apache-2.0
// libweft_xrt_preload.so, preloaded into hosts: keeps XRT's hardware emulation from what it does to
// the process it lives in. Only calls from libxrt_hwemu are changed; others get what they ask for.
//
//   sleep      It waits for a kernel with sleep(), ten seconds the first time and one from then
//              on: 50 microseconds. A thread that goes on sleeping for ten seconds is not waiting
//              for a kernel: 10 milliseconds.
//   sigaction  Its handlers of SIGSEGV, SIGFPE and SIGABRT send a signal to the whole process
//              group, which may be a shell's or a test runner's: they are not installed.
//   remove_all It removes its folder while others of its threads may still write there, and where
//              that fails it ends the process: what is left is left to the janitor.
//   fork,      When it closes a card it waits for any child of the process, again and again if
//   waitpid    there is none: it waits for a child it made, and for none if there is none.
#include <dlfcn.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <mutex>
#include <vector>

namespace {

constexpr long kShort = 50'000;       // nanoseconds
constexpr long kLonger = 10'000'000;  // nanoseconds
constexpr unsigned kLongSleep = 10;   // seconds

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// The same where it may not be in the global scope: among the libraries the caller depends on.
template <class Function>
Function* next_for(const void* caller, const char* name) {
  if (auto* found = next<Function>(name)) return found;
  Dl_info info{};
  if (dladdr(caller, &info) == 0) return nullptr;
  void* library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return library == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(library, name));
}

bool called_by_emulation(const void* caller) {
  Dl_info info{};
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libxrt_hwemu") != nullptr;
}

void pause_for(long nanoseconds) {
  const timespec pause{.tv_sec = 0, .tv_nsec = nanoseconds};
  nanosleep(&pause, nullptr);
}

// Children the emulation made and has not waited for.
std::mutex children_mutex;
std::vector<pid_t> children;

using Fork = pid_t();
using WaitPid = pid_t(pid_t, int*, int);
using RemoveAll = std::uintmax_t(const void* path, void* error);  // boost::filesystem's
constexpr const char* kRemoveAll =
    "_ZN5boost10filesystem6detail10remove_allERKNS0_4pathEPNS_6system10error_codeE";
using SigAction = int(int, const struct sigaction*, struct sigaction*);
using Sleep = unsigned(unsigned);

// One of its children that has ended; 0 if none has, -1 if there are none.
pid_t take_ended(WaitPid* real, int* status) {
  const std::lock_guard lock(children_mutex);
  for (const pid_t child : children) {
    const pid_t ended = real(child, status, WNOHANG);
    if (ended == 0) continue;
    children.erase(std::find(children.begin(), children.end(), child));
    return child;  // or it was never to be waited for: SIGCHLD is ignored
  }
  return children.empty() ? -1 : 0;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) unsigned sleep(unsigned seconds) {
  static Sleep* const real = next<Sleep>("sleep");
  if (!called_by_emulation(__builtin_return_address(0))) return real(seconds);
  thread_local bool slept_long = false;
  if (seconds != 0) pause_for(slept_long && seconds >= kLongSleep ? kLonger : kShort);
  slept_long = slept_long || seconds >= kLongSleep;
  return 0;
}

__attribute__((visibility("default"))) int sigaction(int number, const struct sigaction* action,
                                                     struct sigaction* old) noexcept {
  static SigAction* const real = next<SigAction>("sigaction");
  const bool handler = action != nullptr && called_by_emulation(__builtin_return_address(0));
  return real(number, handler ? nullptr : action, old);
}

__attribute__((visibility("default"))) pid_t fork() noexcept {
  static Fork* const real = next<Fork>("fork");
  if (!called_by_emulation(__builtin_return_address(0))) return real();
  const std::lock_guard lock(children_mutex);
  const pid_t child = real();
  if (child > 0) children.push_back(child);
  return child;
}

__attribute__((visibility("default"))) pid_t waitpid(pid_t process, int* status, int options) {
  static WaitPid* const real = next<WaitPid>("waitpid");
  if (process != 0 || !called_by_emulation(__builtin_return_address(0))) {
    return real(process, status, options);
  }
  for (;;) {
    const pid_t ended = take_ended(real, status);
    if (ended != 0) return ended > 0 ? ended : 0;
    pause_for(kShort);
  }
}

std::uintmax_t weft_remove_all(const void* path, void* error) __asm__(
    "_ZN5boost10filesystem6detail10remove_allERKNS0_4pathEPNS_6system10error_codeE");
__attribute__((visibility("default"))) std::uintmax_t weft_remove_all(const void* path,
                                                                      void* error) {
  const void* const caller = __builtin_return_address(0);
  RemoveAll* const real = next_for<RemoveAll>(caller, kRemoveAll);
  if (!called_by_emulation(caller)) return real(path, error);
  try {
    return real != nullptr ? real(path, error) : 0;
  } catch (...) {
    return 0;
  }
}

}  // extern "C"
