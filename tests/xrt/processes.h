// SPDX-License-Identifier: Apache-2.0
// The processes of this process's emulated card.
#pragma once

#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace weft::test {

// Processes whose parent is `parent`.
inline std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text);
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream rest(text.substr(name_end + 1));
    char state = 0;
    pid_t its_parent = 0;
    rest >> state >> its_parent;
    if (its_parent == parent && state != 'Z') found.push_back(std::atoi(text.c_str()));
  }
  return found;
}

// The process that runs an engine: a child of the child XRT has started. 0 if there is none.
inline pid_t simulator_of(pid_t host, unsigned engine) {
  for (const pid_t front : children_of(host)) {
    for (const pid_t child : children_of(front)) {
      std::ifstream file(std::filesystem::path("/proc") / std::to_string(child) / "comm");
      std::string name;
      std::getline(file, name);
      if (name == "weft-engine-" + std::to_string(engine)) return child;
    }
  }
  return 0;
}

}  // namespace weft::test
