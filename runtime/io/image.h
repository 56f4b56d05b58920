// SPDX-License-Identifier: Apache-2.0
// runtime/io/image.h: reads PNG images as grey levels.
//
// The file's structure and every checksum are verified before it is decoded, so a damaged file is
// kCorruptFile, never a damaged image. Colour becomes luminance, 16 bits become 8, transparency is
// ignored. At most 4096 pixels a side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weft/result.h"

namespace weft::io {

struct Image {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::uint8_t> grey;  // rows * cols, row by row
};

// Takes the whole file. `name` is for error messages.
[[nodiscard]] Result<Image> parse_png(const std::vector<std::byte>& file, const std::string& name);

// The image shrunk to rows x cols, each new pixel the mean of a whole box of old ones.
// kInvalidArgument: the sides of the image are no multiples of rows and cols.
[[nodiscard]] Result<std::vector<float>> shrink(const Image& image, std::size_t rows,
                                                std::size_t cols);

}  // namespace weft::io
