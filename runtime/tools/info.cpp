// SPDX-License-Identifier: Apache-2.0
// weft info: what a device says of itself.
#include <fmt/format.h>

#include "runtime/tools/command.h"
#include "runtime/tools/report.h"

namespace weft::tools {
namespace {

Exit run_info(const Output& out, const std::string& uri) {
  const auto device = Device::open(uri);
  if (!device) return out.failed(device.error());
  const DeviceInfo& info = device->info();
  const spec::Config& config = info.config;
  out.line(fmt::format("{}  {}", out.bold("device"), info.uri));
  out.line(fmt::format("  configuration   {}", info.config_name));
  out.line(fmt::format("  array           {} x {} x {} = {} multiplies per cycle",
                       config.array_rows, config.array_columns, config.array_depth,
                       peak_multiplies(config)));
  out.line(fmt::format("  lanes           {}", info.lanes));
  out.line(fmt::format("  scratchpads     A {} KiB, B {} KiB, V {} KiB", config.a_bytes / 1024,
                       config.b_bytes / 1024, config.v_bytes / 1024));
  out.line(fmt::format("  memory          {} MiB, port {} bytes wide", info.memory_bytes >> 20,
                       config.axi_bytes));
  if (info.memory_bytes_per_cycle != 0) {
    out.line(fmt::format("  bandwidth       {} bytes per cycle", info.memory_bytes_per_cycle));
  }
  out.line(fmt::format("  spec            {:016x}", info.spec_hash));
  out.result({{"uri", info.uri},
              {"config", info.config_name},
              {"array_rows", config.array_rows},
              {"array_columns", config.array_columns},
              {"array_depth", config.array_depth},
              {"multiplies_per_cycle", peak_multiplies(config)},
              {"lanes", info.lanes},
              {"a_bytes", config.a_bytes},
              {"b_bytes", config.b_bytes},
              {"v_bytes", config.v_bytes},
              {"axi_bytes", config.axi_bytes},
              {"memory_bytes", info.memory_bytes},
              {"memory_bytes_per_cycle", info.memory_bytes_per_cycle},
              {"spec_hash", fmt::format("{:016x}", info.spec_hash)}});
  return Exit::kOk;
}

}  // namespace

void add_info(CLI::App& app, Choice& choice) {
  const auto uri = std::make_shared<std::string>("fast:");
  CLI::App* command = add_command(app, choice, "info", "What a device says of itself",
                                  [uri](const Output& out) { return run_info(out, *uri); });
  command->add_option("--device", *uri, kDeviceHelp)->capture_default_str();
}

}  // namespace weft::tools
