// SPDX-License-Identifier: Apache-2.0
// runtime/tools/paths.h: where the command finds its data and the simulated cards.
//
// Relative to the executable, so that a build folder and an installed prefix work alike and may be
// moved: <executable>/../share/weft.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "weft/result.h"

namespace weft::tools {

// The folder the executable's folder lies in.
[[nodiscard]] std::filesystem::path prefix_folder();

// share/weft of that folder.
[[nodiscard]] std::filesystem::path share_folder();

// `name` if it is the path of a file, else that name in share_folder(). kNotFound names both.
[[nodiscard]] Result<std::filesystem::path> find_data(const std::string& name);

// That file.
struct DataFile {
  std::string path;
  std::vector<std::byte> bytes;
};
[[nodiscard]] Result<DataFile> read_data(const std::string& name);

}  // namespace weft::tools
