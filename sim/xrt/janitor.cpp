// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/janitor.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace weft::xrt {

namespace fs = std::filesystem;

namespace {

// XRT names them device<i>_<n>_<process>, and D2X_unix_sock_ in front of that.
void remove_sockets_of(pid_t host, const fs::path& folder) {
  const std::string end = "_" + std::to_string(host);
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error); at != fs::directory_iterator();
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool ours = name.starts_with("device") || name.starts_with("D2X_unix_sock_device");
    if (ours && name.ends_with(end)) found.push_back(at->path());
  }
  for (const fs::path& path : found) ::unlink(path.c_str());
}

// An empty log beside the host program.
void remove_empty_log(const fs::path& program) {
  const fs::path log = program.parent_path() / "emulation_debug.log";
  std::error_code error;
  if (fs::is_regular_file(log, error) && fs::file_size(log, error) == 0) fs::remove(log, error);
}

[[noreturn]] void clean_after(pid_t host, int host_process, const Places& places,
                              const fs::path& program) {
  ::setsid();
  (void)!::chdir("/");
  for (const int standard : {0, 1, 2}) ::close(standard);
  pollfd waited{.fd = host_process, .events = POLLIN, .revents = 0};
  while (::poll(&waited, 1, -1) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  fs::remove_all(*places.run_folder, ignored);
  ::rmdir(places.run_folder->parent_path().c_str());
  remove_sockets_of(host, fs::path(places.calls).parent_path());
  remove_empty_log(program);
  ::_exit(0);
}

}  // namespace

void start_janitor(pid_t host, int host_process, const Places& places) {
  if (!places.run_folder || host_process < 0) return;
  const fs::path mark = *places.run_folder / "janitor";
  const int made = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return;
  ::close(made);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/" + std::to_string(host) + "/exe", error);
  if (::fork() == 0) clean_after(host, host_process, places, program);
}

}  // namespace weft::xrt
