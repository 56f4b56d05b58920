// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/places.h"

#include <unistd.h>

#include <cstdlib>

namespace weft::xrt {

namespace fs = std::filesystem;

namespace {

// $EMULATION_RUN_DIR is <somewhere>/.run/<process>/hw_em/<device>: anything else is left alone.
std::optional<fs::path> run_folder(pid_t host) {
  const char* named = std::getenv("EMULATION_RUN_DIR");
  if (named == nullptr) return std::nullopt;
  const fs::path device(named);
  const fs::path process = device.parent_path().parent_path();
  if (!device.is_absolute() || device.parent_path().filename() != "hw_em" ||
      process.filename() != std::to_string(host) || process.parent_path().filename() != ".run") {
    return std::nullopt;
  }
  return process;
}

}  // namespace

Places find_places(pid_t host) {
  const char* user = std::getenv("USER");
  const char* id = std::getenv("EMULATION_SOCKETID");
  const std::string folder = user != nullptr ? std::string("/tmp/") + user + "/" : "/tmp/";
  Places places;
  places.calls = folder + (user != nullptr && id != nullptr ? id : "xcl_sock");
  places.host_memory = folder + "D2X_unix_sock" + (id != nullptr ? std::string("_") + id : "");
  places.run_folder = run_folder(host);
  return places;
}

void remove_sockets(const Places& places) {
  ::unlink(places.calls.c_str());
  ::unlink(places.host_memory.c_str());
}

}  // namespace weft::xrt
