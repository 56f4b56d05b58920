// SPDX-License-Identifier: Apache-2.0
// weft devices: the device URIs this installation knows and whether each can be opened.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "runtime/tools/command.h"
#include "weft/weft.h"

namespace weft::tools {
namespace {

std::vector<std::string> known_uris() {
  std::vector<std::string> uris;
  for (const spec::Config& config : spec::kConfigs) {
    uris.push_back(fmt::format("fast:?config={}", config.name));
  }
  for (const spec::Config& config : spec::kConfigs) {
    for (const char* arithmetic : {"native", "rtl"}) {
      uris.push_back(fmt::format("sim:?config={}&arith={}", config.name, arithmetic));
    }
  }
  return uris;
}

Exit run_devices(const Output& out) {
  Json list = Json::array();
  for (const std::string& uri : known_uris()) {
    const auto device = Device::open(uri);
    const std::string reason = device ? "" : device.error().message();
    out.line(fmt::format("{:<34} {}", uri, device ? out.green("ready") : reason));
    list.push_back({{"uri", uri},
                    {"ready", device.has_value()},
                    {"reason", device ? Json(nullptr) : Json(reason)}});
  }
  out.line("fast: and sim: alone mean config=default, and sim: arith=native");
  out.line("for xrt:N and opencl:N see weft doctor xrt");
  out.result({{"devices", std::move(list)}});
  return Exit::kOk;
}

}  // namespace

void add_devices(CLI::App& app, Choice& choice) {
  (void)add_command(app, choice, "devices", "The devices this installation knows", run_devices);
}

}  // namespace weft::tools
