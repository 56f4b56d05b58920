// SPDX-License-Identifier: Apache-2.0
// Shared objects that are loaded by name when a device needs them, and files that lie beside them.
//
// They are looked for in the folders of WEFT_LIBRARY_PATH (separated by ':'), then beside the
// running program and in its ../lib; files in ../share/weft of each of these folders.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace weft::core {

[[nodiscard]] std::vector<std::filesystem::path> library_folders();

// The first that exists.
[[nodiscard]] std::optional<std::filesystem::path> find_library(const std::string& file_name);
[[nodiscard]] std::optional<std::filesystem::path> find_shared(const std::string& file_name);

// Of library_folders(), for messages: "/a, /b".
[[nodiscard]] std::string searched_folders();

}  // namespace weft::core
