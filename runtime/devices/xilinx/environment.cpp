// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/xilinx/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <system_error>

namespace weft::xilinx {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModeVariable = "XCL_EMULATION_MODE";
constexpr std::string_view kHardwareEmulation = "hw_emu";
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

// The first message must be the largest: the keys of [Debug] are in it, packet_size bounds others.
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
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("packet_size=")) packet = std::strtoull(line.c_str() + 12, nullptr, 10);
    if (line.starts_with("pad=")) longest = line.size() - 4;
  }
  if (longest <= packet) {
    check.problem = fmt::format("pad has {} bytes, not more than packet_size, {}", longest, packet);
  }
  return check;
}

EnvironmentCheck check_user() {
  EnvironmentCheck check{"USER", variable("USER"), {}};
  if (check.value.empty()) check.problem = "not set: all processes would share one socket";
  return check;
}

}  // namespace

std::vector<EnvironmentCheck> check_environment(const Options& options) {
  std::vector<EnvironmentCheck> checks{check_mode(options), check_libraries(options)};
  if (options.target == Target::kEmulation) {
    checks.push_back(check_ini());
    checks.push_back(check_user());
  }
  return checks;
}

// XRT's emulation itself opens a device of any number, through its native interface.
std::uint32_t emulated_devices() {
  std::ifstream file(fs::path(variable("EMCONFIG_PATH")) / "emconfig.json");
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
