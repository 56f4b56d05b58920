// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/run_folder.h: where XRT's emulation unpacks xclbins, and who cleans up after it.
//
// XRT would use the folder of the host program, passes its path to a shell without quotes, and
// leaves parts of it behind. So a host gets a folder of its own, which a janitor removes: a process
// in a session of its own, so that nothing sent to the host's process group meets it. It sleeps
// until the host has ended, however it ends, removes the folder and the sockets of the processes
// that used it, and ends.
#pragma once

#include <filesystem>

#include "weft/result.h"

namespace weft::xclbin {

// To be called by the process that then becomes the host (exec), while it has one thread. The
// folder, to be named in SDACCEL_EM_RUN_DIR; of SDACCEL_EM_RUN_DIR, where that is set already, only
// what the host's own process leaves there is removed. kIoError if there can be no folder, janitor
// or socket.
[[nodiscard]] Result<std::filesystem::path> make_run_folder();

}  // namespace weft::xclbin
