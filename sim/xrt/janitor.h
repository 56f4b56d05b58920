// SPDX-License-Identifier: Apache-2.0
// janitor.h: a process that removes what a host leaves behind, however the host ends.
//
// One per host, in a session of its own, so that nothing sent to the host's process group meets it.
// It sleeps until the host has ended, removes the host's run folder (and the folder above, .run, if
// nobody else uses it), sockets with the host's number, and XRT's log if it is empty; then it ends.
#pragma once

#include <sys/types.h>

#include "sim/xrt/places.h"

namespace weft::xrt {

// `host_process`: a pidfd of it. Does nothing if the host has a janitor, or no run folder.
void start_janitor(pid_t host, int host_process, const Places& places);

}  // namespace weft::xrt
