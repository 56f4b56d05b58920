// SPDX-License-Identifier: Apache-2.0
// environment.h: what XRT has to find in the environment of this process. XRT reads it when its
// libraries are loaded, so a process is started with it: by `weft xrt -- PROGRAM`, or by the `weft`
// command itself, which starts itself again when something is missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/devices/xilinx/options.h"

namespace weft::xilinx {

struct EnvironmentCheck {
  std::string variable;
  std::string value;    // as found; empty if not set
  std::string problem;  // why that will not do; empty if it will
};

// All that matters for these options, in the order of docs/xrt.md.
[[nodiscard]] std::vector<EnvironmentCheck> check_environment(const Options& options);

// How many devices the emulation shows: as emconfig.json in EMCONFIG_PATH, else beside the program,
// says; one without it.
[[nodiscard]] std::uint32_t emulated_devices();

// kUnsupported, naming every problem and what to do; nothing was loaded then.
[[nodiscard]] Result<void> require_environment(const Options& options);

}  // namespace weft::xilinx
