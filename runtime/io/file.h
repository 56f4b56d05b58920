// SPDX-License-Identifier: Apache-2.0
// runtime/io/file.h: whole files in and out.
//
// Errors name the path. A write is atomic: readers see the old file or the whole new one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "weft/result.h"

namespace weft::io {

// kNotFound: no such file. kIoError: a directory, no permission, a read that failed.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::filesystem::path& path);

// Writes a temporary file beside `path`, flushes it to the disk and renames it; after an error
// `path` is as it was and no temporary file is left.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& path,
                                      std::span<const std::byte> bytes);

}  // namespace weft::io
