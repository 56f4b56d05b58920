// SPDX-License-Identifier: Apache-2.0
// weft pack: an xclbin with which XRT's hardware emulation starts the simulated card, and the files
// hosts need beside it. weft xrt: runs a host with the environment for them (docs/xrt.md).
#include "runtime/tools/pack.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "runtime/io/file.h"
#include "runtime/tools/paths.h"
#include "runtime/xclbin/environment.h"
#include "runtime/xclbin/layout.h"
#include "runtime/xclbin/run_folder.h"
#include "runtime/xclbin/xclbin.h"
#include "weft/spec.h"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

struct PackOptions {
  std::string config = "default";
  std::string arithmetic = "native";
  std::string output;
  std::string card;
  unsigned devices = 2;
  unsigned engines = 1;
};

struct XrtOptions {
  std::string xclbin;
  std::string config = "default";
  std::vector<std::string> command;
};

fs::path xclbin_path(const std::string& config) {
  return share_folder() / fmt::format("weft_{}.xclbin", config);
}

std::vector<std::string> config_names() {
  std::vector<std::string> names;
  for (const spec::Config& config : spec::kConfigs) names.emplace_back(config.name);
  return names;
}

Exit run_pack(const Output& out, const PackOptions& options) {
  std::error_code error;
  const fs::path card = options.card.empty() ? prefix_folder() / "libexec" / "weft-xrt-card"
                                             : fs::absolute(options.card, error);
  if (!fs::exists(card, error)) {
    return out.failed({Code::kNotFound, "no card program at " + card.string(),
                       "build weft-xrt-card, or name it with --card"});
  }
  if (card.string().find('\'') != std::string::npos) {
    return out.failed({Code::kInvalidArgument, "the card's path has a quote: " + card.string(),
                       "move the build folder"});
  }
  const fs::path output =
      options.output.empty() ? xclbin_path(options.config) : fs::path(options.output);
  const auto bytes =
      xclbin::make_xclbin({options.config, options.arithmetic, card.string(), options.engines});
  const fs::path folder = fs::absolute(output, error).parent_path();
  fs::create_directories(folder, error);
  if (auto written = io::write_file(output, bytes); !written) return out.failed(written.error());
  const auto support = xclbin::write_support(folder, options.devices);
  if (!support && support.error().code != Code::kNotFound) return out.failed(support.error());
  if (!support) out.note(support.error().message());
  out.line(fmt::format("{}: configuration {}, {} engine{}, {} bytes", output.string(),
                       options.config, options.engines, options.engines == 1 ? "" : "s",
                       bytes.size()));
  out.result({{"xclbin", output.string()},
              {"config", options.config},
              {"arithmetic", options.arithmetic},
              {"engines", options.engines},
              {"bytes", bytes.size()},
              {"xrt", support.has_value()}});
  return Exit::kOk;
}

// Does not return when the command could be started.
Exit run_xrt(const Output& out, XrtOptions options) {
  const fs::path file =
      options.xclbin.empty() ? xclbin_path(options.config) : fs::path(options.xclbin);
  std::error_code error;
  if (!fs::exists(file, error)) {
    return out.failed({Code::kNotFound, "no " + file.string(), "make it with weft pack"});
  }
  const fs::path absolute = fs::absolute(file, error);
  const auto variables = xclbin::host_environment(
      absolute.parent_path(), prefix_folder() / "lib" / xclbin::kPreloadLibrary);
  if (!variables) return out.failed(variables.error());
  for (const auto& [name, value] : *variables) ::setenv(name.c_str(), value.c_str(), 1);
  ::setenv("WEFT_XCLBIN", absolute.c_str(), 1);
  const auto folder = xclbin::make_run_folder();
  if (!folder) return out.failed(folder.error());
  ::setenv("SDACCEL_EM_RUN_DIR", folder->c_str(), 1);
  std::vector<char*> arguments;
  for (std::string& word : options.command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  return out.failed({Code::kNotFound,
                     fmt::format("cannot run {}: {}", options.command[0], std::strerror(errno)),
                     "check the path"});
}

}  // namespace

void add_pack(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<PackOptions>();
  CLI::App* command =
      add_command(app, choice, "pack", "Make an xclbin of the simulated card, for XRT's emulation",
                  [options](const Output& out) { return run_pack(out, *options); });
  command->add_option("--config", options->config, "configuration")
      ->check(CLI::IsMember(config_names()));
  command->add_option("--arith", options->arithmetic, "arithmetic of the simulated card")
      ->check(CLI::IsMember({"native", "rtl"}));
  command->add_option("-o,--output", options->output,
                      "the xclbin; emconfig.json and xrt/ go beside it");
  command->add_option("--card", options->card, "weft-xrt-card, if not this build's");
  command->add_option("--devices", options->devices, "cards the emulation shows")
      ->check(CLI::Range(1, 16));
  command->add_option("--engines", options->engines, "engines of a card, each a device to its host")
      ->check(CLI::Range(1u, xclbin::kMostEngines))
      ->capture_default_str();
}

void add_xrt(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<XrtOptions>();
  CLI::App* command =
      add_command(app, choice, "xrt", "Run a host program on the simulated card through XRT",
                  [options](const Output& out) { return run_xrt(out, *options); });
  command->add_option("--config", options->config, "configuration")
      ->check(CLI::IsMember(config_names()));
  command->add_option("--xclbin", options->xclbin,
                      "another xclbin; the host finds it in WEFT_XCLBIN");
  command->add_option("command", options->command, "the host program, after --")->required();
}

}  // namespace weft::tools
