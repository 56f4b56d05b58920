// SPDX-License-Identifier: Apache-2.0
// libweft_xrt_sleep.so, preloaded into hosts: XRT's hardware emulation waits for a kernel with
// sleep(), for ten seconds the first time and for one from then on. Calls of sleep() from
// libxrt_hwemu are made 50 microseconds; everybody else sleeps as long as they asked.
#include <dlfcn.h>

#include <cstring>
#include <ctime>

namespace {

using Sleep = unsigned (*)(unsigned);
constexpr long kShort = 50'000;  // nanoseconds

bool called_by_emulation(const void* caller) {
  Dl_info info{};
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libxrt_hwemu") != nullptr;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) unsigned sleep(unsigned seconds) {
  static const auto real = reinterpret_cast<Sleep>(dlsym(RTLD_NEXT, "sleep"));
  if (!called_by_emulation(__builtin_return_address(0))) return real(seconds);
  const timespec pause{.tv_sec = 0, .tv_nsec = seconds == 0 ? 0 : kShort};
  nanosleep(&pause, nullptr);
  return 0;
}
