// SPDX-License-Identifier: Apache-2.0
// held_stdout.h: XRT's emulation says on stdout how it configures its scheduler; stdout belongs to
// the program. While a HeldStdout lives, what this process writes there is kept in memory instead,
// whichever thread it is. If the process ends meanwhile, as XRT ends it when it cannot go on, what
// was kept goes to stderr. One at a time.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace weft::xilinx {

class HeldStdout {
 public:
  HeldStdout() {
    std::fflush(stdout);
    held_ = ::memfd_create("stdout", MFD_CLOEXEC);
    kept_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (held_ >= 0 && kept_ >= 0) ::dup2(held_, STDOUT_FILENO);
    living = this;
    static const int registered = std::atexit([] {
      if (living != nullptr) living->show();
    });
    (void)registered;
  }
  HeldStdout(const HeldStdout&) = delete;
  HeldStdout& operator=(const HeldStdout&) = delete;
  ~HeldStdout() {
    living = nullptr;
    std::fflush(stdout);
    if (held_ >= 0 && kept_ >= 0) ::dup2(kept_, STDOUT_FILENO);
    if (held_ >= 0) ::close(held_);
    if (kept_ >= 0) ::close(kept_);
  }

  // Copies what was held to stderr: it may say why something failed.
  void show() const {
    std::fflush(stdout);
    std::array<char, 4096> text{};
    for (off_t at = 0;;) {
      const ssize_t count = ::pread(held_, text.data(), text.size(), at);
      if (count <= 0) return;
      std::fwrite(text.data(), 1, static_cast<std::size_t>(count), stderr);
      at += count;
    }
  }

 private:
  static inline HeldStdout* living = nullptr;

  int held_ = -1;
  int kept_ = -1;
};

}  // namespace weft::xilinx
