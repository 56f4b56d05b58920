// SPDX-License-Identifier: Apache-2.0
// runtime/io/npy.h: reads numpy's .npy files, versions 1 to 3.
//
// Little-endian numbers in C order only: f4, f8, i1..i8, u1..u8 and bool. Other arrays are
// kUnsupported; anything that is no array, or shorter or longer than its shape, is kCorruptFile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weft/result.h"

namespace weft::io {

struct Array {
  std::vector<std::uint64_t> shape;
  std::vector<double> values;  // 64-bit integers beyond 2^53 are rounded
};

// Takes the whole file. `name` is for error messages.
[[nodiscard]] Result<Array> parse_npy(const std::vector<std::byte>& file, const std::string& name);

}  // namespace weft::io
