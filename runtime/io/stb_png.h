// SPDX-License-Identifier: Apache-2.0
// runtime/io/stb_png.h: stb_image behind one function, so that its code and its warnings stay in
// one source file. Use io/image.h, which checks the file first.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace weft::io {

struct FreePixels {
  void operator()(unsigned char* pixels) const;
};

struct DecodedPng {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::unique_ptr<unsigned char[], FreePixels> grey;  // null: see reason
  std::string reason;
};

[[nodiscard]] DecodedPng decode_png(std::span<const std::byte> file);

}  // namespace weft::io
