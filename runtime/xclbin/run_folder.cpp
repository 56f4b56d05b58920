// SPDX-License-Identifier: Apache-2.0
#include "runtime/xclbin/run_folder.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace weft::xclbin {

namespace fs = std::filesystem;

namespace {

constexpr const char* kVariable = "SDACCEL_EM_RUN_DIR";
constexpr std::string_view kHostMemory = "D2X_unix_sock_";
constexpr std::chrono::seconds kOtherHosts{1};  // between looks whether they have ended

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

bool lives(const std::string& process) {
  std::error_code error;
  return fs::exists("/proc/" + process, error);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    found.push_back(at->path());
  }
  return found;
}

// XRT names them device<i>_<n>_<process>, and D2X_unix_sock_ in front of that.
void remove_sockets_of(const std::string& process, const fs::path& folder) {
  for (const fs::path& path : entries_of(folder)) {
    const std::string file = path.filename();
    std::string_view name = file;
    if (name.starts_with(kHostMemory)) name.remove_prefix(kHostMemory.size());
    std::error_code error;
    if (name.starts_with("device") && name.ends_with("_" + process) &&
        fs::is_socket(fs::symlink_status(path, error))) {
      ::unlink(path.c_str());
    }
  }
}

struct Scope {
  fs::path folder;
  std::string host;
  bool ours = false;  // all of the folder, and every process that used it
};

// Names of the processes that have something in the folder.
std::vector<std::string> users_of(const Scope& scope) {
  std::vector<std::string> found;
  for (const fs::path& path : entries_of(scope.folder / ".run")) {
    const std::string name = path.filename();
    if (is_number(name) && (scope.ours || name == scope.host)) found.push_back(name);
  }
  return found;
}

[[noreturn]] void clean_after(int host, const Scope& scope, const fs::path& sockets) {
  ::setsid();
  (void)!::chdir("/");
  if (host != 3) ::dup2(host, 3);
  ::syscall(SYS_close_range, 4u, ~0u, 0u);
  for (const int standard : {0, 1, 2}) ::close(standard);
  pollfd waited{.fd = 3, .events = POLLIN, .revents = 0};
  while (waited.revents == 0) {
    if (::poll(&waited, 1, -1) < 0 && errno != EINTR) ::_exit(1);
  }
  // The host may have been a shell that left others running.
  std::vector<std::string> users = users_of(scope);
  while (std::any_of(users.begin(), users.end(), lives)) {
    std::this_thread::sleep_for(kOtherHosts);
    users = users_of(scope);
  }
  std::error_code ignored;
  remove_sockets_of(scope.host, sockets);
  for (const std::string& process : users) {
    remove_sockets_of(process, sockets);
    fs::remove_all(scope.folder / ".run" / process, ignored);
  }
  if (scope.ours) {
    fs::remove_all(scope.folder, ignored);
  } else {
    ::rmdir((scope.folder / ".run").c_str());
  }
  ::_exit(0);
}

Result<fs::path> failed(const std::string& what) {
  const std::string why = std::strerror(errno);
  return fail(Code::kIoError, what + ": " + why, "XRT's emulation needs it; check /tmp");
}

}  // namespace

Result<fs::path> make_run_folder() {
  Scope scope{.folder = {}, .host = std::to_string(::getpid()), .ours = true};
  const char* set = std::getenv(kVariable);
  if (set != nullptr && *set != '\0') {
    std::error_code error;
    scope.folder = fs::absolute(set, error);
    scope.ours = false;
  } else {
    std::string pattern = "/tmp/weft-xrt-XXXXXX";  // XRT's sockets are there too
    if (::mkdtemp(pattern.data()) == nullptr) return failed(pattern);
    scope.folder = pattern;
  }
  const char* user = std::getenv("USER");
  const fs::path sockets = user != nullptr && *user != '\0' ? fs::path("/tmp") / user : "/tmp";
  const int host = static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0u));
  if (host < 0) return failed("the process cannot be watched");
  // A child of a child: the host does not find one it did not make.
  const pid_t between = ::fork();
  if (between == 0) {
    const pid_t janitor = ::fork();
    if (janitor == 0) clean_after(host, scope, sockets);
    ::_exit(janitor < 0 ? 1 : 0);
  }
  ::close(host);
  int status = 1;
  while (between > 0 && ::waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) return failed("no process to clean up");
  return scope.folder;
}

}  // namespace weft::xclbin
