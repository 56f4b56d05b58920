// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/stb_png.h"

#include <climits>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 4096
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace weft::io {

void FreePixels::operator()(unsigned char* pixels) const {
  stbi_image_free(pixels);
}

DecodedPng decode_png(std::span<const std::byte> file) {
  DecodedPng result;
  if (file.size() > INT_MAX) {
    result.reason = "too large";
    return result;
  }
  int cols = 0;
  int rows = 0;
  int channels = 0;
  result.grey.reset(stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(file.data()),
                                          static_cast<int>(file.size()), &cols, &rows, &channels,
                                          STBI_grey));
  if (result.grey == nullptr) {
    result.reason = stbi_failure_reason();
    return result;
  }
  result.rows = static_cast<std::size_t>(rows);
  result.cols = static_cast<std::size_t>(cols);
  return result;
}

}  // namespace weft::io
