// SPDX-License-Identifier: Apache-2.0
// open.h: the devices `xrt:N` and `opencl:N`: one launch interface, the card or its emulation
// behind it. docs/xrt-host.md says what holds for both.
#pragma once

#include <memory>

#include "runtime/core/transport.h"
#include "runtime/core/uri.h"
#include "weft/result.h"

namespace weft::xilinx {

// kUnsupported if this build or this computer has no XRT or OpenCL, or the environment of the
// process is not what XRT needs; kNotFound for the xclbin and the device; kCorruptFile.
[[nodiscard]] Result<std::unique_ptr<core::Transport>> open(core::Uri uri);

}  // namespace weft::xilinx
