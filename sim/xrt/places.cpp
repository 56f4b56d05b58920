// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/places.h"

#include <unistd.h>

#include <cstdlib>

namespace weft::xrt {

Places find_places() {
  const char* user = std::getenv("USER");
  const char* named = std::getenv("EMULATION_SOCKETID");
  const std::string id = named != nullptr ? named : "";
  const std::string folder = user != nullptr ? std::string("/tmp/") + user + "/" : "/tmp/";
  Places places;
  // device<i>_<n>_<process>
  if (const auto at = id.rfind('_'); at != std::string::npos) {
    places.host = static_cast<pid_t>(std::strtol(id.c_str() + at + 1, nullptr, 10));
  }
  places.calls = folder + (user != nullptr && !id.empty() ? id : "xcl_sock");
  places.host_memory = folder + "D2X_unix_sock" + (id.empty() ? id : "_" + id);
  return places;
}

void remove_sockets(const Places& places) {
  ::unlink(places.calls.c_str());
  ::unlink(places.host_memory.c_str());
}

}  // namespace weft::xrt
