// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/library_folders.h"

#include <cstdlib>
#include <sstream>
#include <system_error>

namespace weft::core {

namespace fs = std::filesystem;

std::vector<fs::path> library_folders() {
  std::vector<fs::path> found;
  if (const char* listed = std::getenv("WEFT_LIBRARY_PATH")) {
    std::istringstream stream(listed);
    for (std::string folder; std::getline(stream, folder, ':');) {
      if (!folder.empty()) found.emplace_back(folder);
    }
  }
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    found.push_back(program.parent_path());
    found.push_back(program.parent_path().parent_path() / "lib");
  }
  return found;
}

std::optional<fs::path> find_library(const std::string& file_name) {
  std::error_code error;
  for (const fs::path& folder : library_folders()) {
    if (fs::exists(folder / file_name, error)) return folder / file_name;
  }
  return std::nullopt;
}

std::optional<fs::path> find_shared(const std::string& file_name) {
  std::error_code error;
  for (const fs::path& folder : library_folders()) {
    const fs::path path = folder.parent_path() / "share" / "weft" / file_name;
    if (fs::exists(path, error)) return path;
  }
  return std::nullopt;
}

std::string searched_folders() {
  std::string text;
  for (const fs::path& folder : library_folders()) {
    if (!text.empty()) text += ", ";
    text += folder.string();
  }
  return text;
}

}  // namespace weft::core
