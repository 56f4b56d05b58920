// SPDX-License-Identifier: Apache-2.0
// places.h: where XRT's emulation put the sockets of a card, found from the environment it gives
// the card's process.
#pragma once

#include <sys/types.h>

#include <string>

namespace weft::xrt {

struct Places {
  pid_t host = 0;           // process that asked for the card; 0 if the environment does not say
  std::string calls;        // socket XRT makes its calls on
  std::string host_memory;  // socket a card would ask for the host's memory on
};

[[nodiscard]] Places find_places();

// Removes both sockets; XRT does so for one of them, and only if the host closes its device.
void remove_sockets(const Places& places);

}  // namespace weft::xrt
