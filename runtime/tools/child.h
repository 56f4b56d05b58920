// SPDX-License-Identifier: Apache-2.0
// runtime/tools/child.h: runs another program and takes what it prints.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weft/result.h"

namespace weft::tools {

// The stdout of a program that was found in the PATH or by its path, run to its end in this
// environment and `variables`; its stderr is ours. kIoError if it cannot be run or does not exit
// with 0.
[[nodiscard]] Result<std::string> output_of(
    const std::vector<std::string>& command,
    const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace weft::tools
