// SPDX-License-Identifier: Apache-2.0
// runtime/tools/restart.h: the environment XRT's emulation needs, without the user's help.
//
// XRT reads its environment while its libraries load, and LD_PRELOAD works for a new process only.
// So a command that names a device xrt:N or opencl:N of the emulation starts itself again, once,
// with what is missing. What the user has set, and would do, stays.
#pragma once

#include <string_view>
#include <vector>

namespace weft::tools {

// Returns if nothing is missing, nothing can be done about it, or this is the second start; the
// device then says what is wrong. Does not look behind `--`: that is another program.
void restart_for_xrt(int argc, char** argv);

// Names of the variables a restart has set for this process; empty without one.
[[nodiscard]] std::vector<std::string_view> variables_set_by_restart();

}  // namespace weft::tools
