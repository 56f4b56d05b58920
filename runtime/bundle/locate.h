// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/locate.h: the first command of a launch whose written bytes differ between two
// devices.
//
// Works on any device: for each command the program is run up to it, followed by commands that
// bring what it wrote to memory. What lies in V is stored as it is. What lies in A or B is
// multiplied by an identity matrix: as int8 for the mantissas, and as MXINT8 for mantissas times
// scales. The timing of everything before the command is that of the recorded program.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "runtime/bundle/bundle.h"
#include "weft/weft.h"

namespace weft::bundle {

struct Located {
  std::size_t step = 0;
  std::size_t command = 0;
  std::string assembly;
  std::size_t byte = 0;  // the first that differs of what the command wrote, in its order
};

// A launch and the device it runs on. The launches have equally long programs.
struct Runner {
  Device* device = nullptr;
  const RecordedLaunch* launch = nullptr;
};

// Nothing: every prefix agrees, so a difference at the end depends on timing after the last
// command. `progress(done, total)` is called once per command.
[[nodiscard]] Result<std::optional<Located>> locate(
    const Runner& p, const Runner& q,
    const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace weft::bundle
