// SPDX-License-Identifier: Apache-2.0
// options.h: what `xrt:N` and `opencl:N` ask for. weft/device.h lists the keys.
//
// The xclbin is the key `xclbin`, else WEFT_XCLBIN, else weft_<config>.xclbin of this installation.
// It says whether the device is a card or the emulation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "runtime/core/uri.h"
#include "runtime/devices/xilinx/xclbin_file.h"
#include "weft/result.h"

namespace weft::xilinx {

struct Options {
  std::string uri;     // as given, for messages
  std::string scheme;  // xrt or opencl
  std::uint32_t index = 0;
  std::filesystem::path xclbin;  // absolute
  Target target = Target::kEmulation;
  std::uint64_t arena_bytes = 0;
  std::shared_ptr<const void> claim{};  // on the card: to be kept as long as the device is open
  std::uint32_t engine = 1;

  // Of kernel `weft`, as XRT and OpenCL take it: the compute unit of this engine and no other.
  [[nodiscard]] std::string kernel() const { return "weft:{weft_" + std::to_string(engine) + "}"; }
};

[[nodiscard]] bool is_xilinx(const core::Uri& uri);

// Errors of the URI, and those of xclbin_target(). kNotFound if the xclbin has no such engine.
[[nodiscard]] Result<Options> parse(core::Uri uri);

}  // namespace weft::xilinx
