// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/environment.h: what a host's environment needs for XRT's hardware emulation, and
// the support folder it points to. docs/xrt.md says why each is needed.
//
// The folder lies beside the xclbins: xrt/xrt.ini, xrt/xilinx.icd (OpenCL's loader), xrt/lib (a
// link to the folder of XRT's libraries).
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "weft/result.h"

namespace weft::xclbin {

// Writes emconfig.json and xrt/ into `folder`. kNotFound, with the rest written, if this system has
// no libxrt_coreutil; kInvalidArgument if emconfig.json is there and of another platform.
[[nodiscard]] Result<void> write_support(const std::filesystem::path& folder, unsigned devices);

using Variables = std::vector<std::pair<std::string, std::string>>;

// For hosts that load an xclbin of `folder`. `preload_library` goes in front of LD_PRELOAD; USER is
// there only if it has to be set. kNotFound if write_support() has not been here; kUnsupported if
// the library's path cannot be preloaded.
[[nodiscard]] Result<Variables> host_environment(const std::filesystem::path& folder,
                                                 const std::filesystem::path& preload_library);
// File name of that library.
inline constexpr const char* kPreloadLibrary = "libweft_xrt_preload.so";

}  // namespace weft::xclbin
