// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/replay.h: runs a recorded launch on a device.
#pragma once

#include <vector>

#include "runtime/bundle/bundle.h"
#include "weft/weft.h"

namespace weft::bundle {

struct Replay {
  std::vector<Range> outputs;  // the ranges the recording has, with the bytes of this run
  LaunchReport report;
};

// Allocates the regions, fills them with zeros and the recorded inputs, and runs the steps. Memory
// a launch reads is always an input, so the zeros never matter to a verified program.
// kVerification if the device's configuration is too small for a program.
[[nodiscard]] Result<Replay> replay(Device& device, const RecordedLaunch& launch);

}  // namespace weft::bundle
