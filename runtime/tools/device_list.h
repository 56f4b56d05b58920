// SPDX-License-Identifier: Apache-2.0
// runtime/tools/device_list.h: an option --device that takes several devices: URIs with commas
// between them. A URI of such an option has no comma of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "weft/device.h"
#include "weft/result.h"

namespace weft::tools {

inline constexpr const char* kDeviceListHelp =
    "device URI as fast:, sim:?config=small, xrt:0, opencl:0, or several with commas between";

// One entry at least; what is no URI is found when it is opened.
[[nodiscard]] std::vector<std::string> split_devices(std::string_view list);

// All of them, in their order.
[[nodiscard]] Result<std::vector<Device>> open_devices(std::string_view list);

}  // namespace weft::tools
