// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/device_list.h"

#include <algorithm>
#include <utility>

namespace weft::tools {

std::vector<std::string> split_devices(std::string_view list) {
  std::vector<std::string> uris;
  for (;;) {
    const auto comma = std::min(list.find(','), list.size());
    uris.emplace_back(list.substr(0, comma));
    if (comma == list.size()) return uris;
    list.remove_prefix(comma + 1);
  }
}

Result<std::vector<Device>> open_devices(std::string_view list) {
  std::vector<Device> devices;
  for (const std::string& uri : split_devices(list)) {
    auto device = Device::open(uri);
    if (!device) return tl::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

}  // namespace weft::tools
