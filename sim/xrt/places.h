// SPDX-License-Identifier: Apache-2.0
// places.h: where XRT's emulation puts sockets and files of a card, found from the environment it
// gives the card's process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace weft::xrt {

struct Places {
  std::string calls;        // socket XRT makes its calls on
  std::string host_memory;  // socket a card would ask for the host's memory on
  // .run/<host> in the folder of the host program, if the environment names it.
  std::optional<std::filesystem::path> run_folder;
};

[[nodiscard]] Places find_places(pid_t host);

// Removes both sockets; XRT does so for one of them, and only if the host closes its device.
void remove_sockets(const Places& places);

}  // namespace weft::xrt
