// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/xilinx/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <system_error>

namespace weft::xilinx {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModeVariable = "XCL_EMULATION_MODE";
constexpr std::string_view kHardwareEmulation = "hw_emu";
constexpr std::uint64_t kFieldBytes = 4096;  // more than the fields of a call take
constexpr std::uint64_t kDefaultPacketBytes = std::uint64_t{16} << 20;  // of XRT, without the key

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

EnvironmentCheck check_mode(const Options& options) {
  EnvironmentCheck check{kModeVariable, variable(kModeVariable), {}};
  if (options.target == Target::kEmulation && check.value != kHardwareEmulation) {
    check.problem = "must be hw_emu for an xclbin of the emulation";
  }
  if (options.target == Target::kCard && !check.value.empty()) {
    check.problem = "must not be set for an xclbin of a card";
  }
  return check;
}

EnvironmentCheck check_libraries(const Options& options) {
  EnvironmentCheck check{"XILINX_XRT", variable("XILINX_XRT"), {}};
  const fs::path library =
      options.target == Target::kEmulation ? "lib/libxrt_hwemu.so.2" : "lib/libxrt_core.so.2";
  std::error_code error;
  if (check.value.empty()) {
    check.problem = "not set";
  } else if (!fs::exists(check.value / library, error)) {
    check.problem = "has no " + library.string();
  }
  return check;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// The first message must be the largest: the keys of [Debug] are in it; packet_size bounds the data
// of others, which have some fields besides.
EnvironmentCheck check_ini() {
  EnvironmentCheck check{"XRT_INI_PATH", variable("XRT_INI_PATH"), {}};
  if (check.value.empty()) {
    check.problem = "not set";
    return check;
  }
  std::ifstream file(check.value);
  if (!file) {
    check.problem = "cannot be read";
    return check;
  }
  std::uint64_t packet = kDefaultPacketBytes;
  std::uint64_t longest = 0;
  std::string section;
  for (std::string line; std::getline(file, line);) {
    line = trimmed(line);
    if (line.starts_with("[")) section = line;
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, equals));
    const std::string value = trimmed(line.substr(equals + 1));
    if (section == "[Emulation]" && key == "packet_size") {
      packet = std::strtoull(value.c_str(), nullptr, 0);  // as XRT reads it
    }
    if (section == "[Debug]" && key == "pad") longest = value.size();
  }
  if (longest < packet + kFieldBytes) {
    check.problem = fmt::format("pad in [Debug] has {} bytes; packet_size, {}, wants {}", longest,
                                packet, packet + kFieldBytes);
  }
  return check;
}

EnvironmentCheck check_user() {
  EnvironmentCheck check{"USER", variable("USER"), {}};
  const std::string folder = "/tmp/" + check.value;
  std::error_code error;
  if (check.value.empty()) {
    check.problem = "not set: all processes would share one socket";
  } else if (fs::exists(folder, error) && ::access(folder.c_str(), W_OK | X_OK) != 0) {
    check.problem = folder + ", where XRT makes its sockets, is not this user's";
  }
  return check;
}

// XRT calls it to unpack the card, and ends the process if it is not there.
EnvironmentCheck check_unzip() {
  EnvironmentCheck check{"PATH", variable("PATH"), "has no unzip: install the package unzip"};
  std::istringstream folders(check.value);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/unzip").c_str(), X_OK) == 0) check.problem.clear();
  }
  return check;
}

// XRT passes it to a shell without quotes.
EnvironmentCheck check_run_folder() {
  EnvironmentCheck check{"SDACCEL_EM_RUN_DIR", variable("SDACCEL_EM_RUN_DIR"), {}};
  std::error_code error;
  const std::string folder = check.value.empty()
                                 ? fs::read_symlink("/proc/self/exe", error).parent_path().string()
                                 : check.value;
  constexpr std::string_view kHarmless =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:=@%";
  if (folder.find_first_not_of(kHarmless) != std::string::npos) {
    check.problem = fmt::format("`{}` has characters that a shell does not leave alone", folder);
  } else if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    check.problem = fmt::format("`{}` cannot be written", folder);
  }
  return check;
}

}  // namespace

std::vector<EnvironmentCheck> check_environment(const Options& options) {
  std::vector<EnvironmentCheck> checks{check_mode(options), check_libraries(options)};
  if (options.target == Target::kEmulation) {
    checks.push_back(check_ini());
    checks.push_back(check_user());
    checks.push_back(check_unzip());
    checks.push_back(check_run_folder());
  }
  return checks;
}

// XRT's emulation itself opens a device of any number, through its native interface.
std::uint32_t emulated_devices() {
  std::error_code error;
  const std::string named = variable("EMCONFIG_PATH");
  const fs::path folder =
      named.empty() ? fs::read_symlink("/proc/self/exe", error).parent_path() : fs::path(named);
  std::ifstream file(folder / "emconfig.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex count(R"~("NumDevices"\s*:\s*"?(\d{1,4}))~");
  std::uint32_t devices = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), count); at != std::sregex_iterator();
       ++at) {
    devices += static_cast<std::uint32_t>(std::stoul((*at)[1]));
  }
  return std::max(devices, 1u);
}

Result<void> require_environment(const Options& options) {
  std::string problems;
  for (const EnvironmentCheck& check : check_environment(options)) {
    if (check.problem.empty()) continue;
    problems += fmt::format("{}{} {}", problems.empty() ? "" : ", ", check.variable, check.problem);
  }
  if (problems.empty()) return {};
  return fail(Code::kUnsupported,
              fmt::format("`{}` needs another environment: {}", options.uri, problems),
              options.target == Target::kEmulation
                  ? "start the program with weft xrt -- PROGRAM; weft doctor xrt explains"
                  : "source the setup.sh of XRT; weft doctor xrt explains");
}

}  // namespace weft::xilinx
