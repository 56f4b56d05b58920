// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/zip.h: a zip archive of small files, stored without compression.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace weft::xclbin {

struct ZipFile {
  std::string path;  // with '/'
  std::string contents;
  bool executable = false;
};

// The same files give the same bytes: all times are 1980-01-01.
[[nodiscard]] std::vector<std::byte> make_zip(std::span<const ZipFile> files);

}  // namespace weft::xclbin
