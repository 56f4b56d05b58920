// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/restart.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "runtime/devices/xilinx/environment.h"
#include "runtime/tools/device_list.h"
#include "runtime/tools/paths.h"
#include "runtime/xclbin/environment.h"
#include "runtime/xclbin/run_folder.h"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestartVariable = "WEFT_RESTARTED";  // names, each with a comma behind it

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

// What `text` asks for if it is a device on an emulated card.
std::optional<xilinx::Options> emulated(std::string_view text) {
  auto uri = core::Uri::parse(text);
  if (!uri || !xilinx::is_xilinx(*uri)) return std::nullopt;
  auto options = xilinx::parse(std::move(*uri));
  if (!options || options->target != xilinx::Target::kEmulation) return std::nullopt;
  return std::move(*options);
}

// The first device on an emulated card that the arguments name: one, or one of a list.
std::optional<xilinx::Options> named_device(int argc, char** argv) {
  std::string_view before;
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    std::string_view word = argv[i];
    if (before == "doctor" && word == "xrt") word = "xrt:0";
    if (word.starts_with("--device=")) word.remove_prefix(9);
    before = word;
    if (auto options = emulated(word)) return options;
    for (const std::string& each : split_devices(word)) {
      if (auto options = emulated(each)) return options;
    }
  }
  return std::nullopt;
}

// Whether what this process has for a variable of host_environment() is to stay.
bool keep(const std::string& name, const std::vector<xilinx::EnvironmentCheck>& checks) {
  if (name == "LD_PRELOAD") {
    return is_set("LD_PRELOAD") &&
           std::string_view(std::getenv("LD_PRELOAD")).find(xclbin::kPreloadLibrary) !=
               std::string_view::npos;
  }
  const auto check = std::find_if(checks.begin(), checks.end(),
                                  [&](const auto& each) { return each.variable == name; });
  return check == checks.end() ? is_set(name.c_str()) : check->problem.empty();
}

// Beside the xclbin if `weft pack` made it there, else this installation's.
Result<xclbin::Variables> variables_for(const xilinx::Options& options) {
  const fs::path library = prefix_folder() / "lib" / xclbin::kPreloadLibrary;
  auto beside = xclbin::host_environment(options.xclbin.parent_path(), library);
  return beside ? beside : xclbin::host_environment(share_folder(), library);
}

}  // namespace

void restart_for_xrt(int argc, char** argv) {
  if (std::getenv(kRestartVariable) != nullptr) return;
  const auto options = named_device(argc, argv);
  if (!options) return;
  const auto variables = variables_for(*options);
  if (!variables) return;
  const auto checks = xilinx::check_environment(*options);
  std::string names;
  for (const auto& [name, value] : *variables) {
    if (keep(name, checks)) continue;
    ::setenv(name.c_str(), value.c_str(), 1);
    names += name + ",";
  }
  if (names.empty()) return;
  if (const auto folder = xclbin::make_run_folder()) {
    ::setenv("SDACCEL_EM_RUN_DIR", folder->c_str(), 1);
  }
  ::setenv(kRestartVariable, names.c_str(), 1);
  ::execv("/proc/self/exe", argv);
}

std::vector<std::string_view> variables_set_by_restart() {
  std::vector<std::string_view> names;
  const char* set = std::getenv(kRestartVariable);
  for (std::string_view rest = set == nullptr ? "" : set; !rest.empty();) {
    const auto comma = rest.find(',');
    names.push_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(rest.size(), comma == rest.npos ? comma : comma + 1));
  }
  return names;
}

}  // namespace weft::tools
