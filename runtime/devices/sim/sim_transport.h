// SPDX-License-Identifier: Apache-2.0
// The device `sim:`: the simulated card, a shared object per configuration and arithmetic loaded by
// name. weft/device.h lists the keys; for tests of failure there are two more:
//
//   error_address   memory answers bursts that touch this byte of the arena with an error
//   hang_after      memory answers nothing from this cycle of a launch on
//
// libweft_card_<config>_<arith>.so is looked for in the folders of WEFT_LIBRARY_PATH (separated by
// ':'), then beside the running program and in its ../lib.
#pragma once

#include <memory>

#include "runtime/core/transport.h"
#include "runtime/core/uri.h"
#include "weft/result.h"

namespace weft::sim {

[[nodiscard]] Result<std::unique_ptr<core::Transport>> open(core::Uri uri);

}  // namespace weft::sim
