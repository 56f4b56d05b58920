// SPDX-License-Identifier: Apache-2.0
// A feature map as it lies in memory (weft/convolution.h), in bytes; and blocks of its pixels as
// loads and stores move them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/kernels/tile.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft::kernels {

// Pixels of one image: `lines` x `columns`, the lines `step` apart in the map, and the columns too.
struct PixelBlock {
  std::uint64_t image = 0;
  std::int64_t line = 0;  // of the first pixel, which may be in the border
  std::int64_t column = 0;
  std::uint32_t lines = 1;
  std::uint32_t columns = 1;
  std::uint32_t step = 1;

  [[nodiscard]] std::uint32_t pixels() const { return lines * columns; }
};

struct StoredMap {
  std::uint64_t images = 0;
  std::uint64_t height = 0;
  std::uint64_t width = 0;
  std::uint64_t channels = 0;
  std::uint64_t border = 0;

  [[nodiscard]] std::uint64_t pixel_bytes() const { return channels * 4; }
  [[nodiscard]] std::uint64_t line_bytes() const { return (width + 2 * border) * pixel_bytes(); }
  [[nodiscard]] std::uint64_t image_bytes() const { return (height + 2 * border) * line_bytes(); }
  [[nodiscard]] std::uint64_t elements() const { return images * image_bytes() / 4; }

  // Of a pixel; lines and columns down to -border.
  [[nodiscard]] std::uint64_t offset(std::uint64_t image, std::int64_t line,
                                     std::int64_t column) const;

  // Fields of a load or store of `cols` contiguous elements from each pixel of the block on, the
  // first `element` elements behind the pixel's own. A row of the source is a pixel.
  void place(const PixelBlock& block, std::uint64_t element, spec::Load& load) const;
  void place(const PixelBlock& block, std::uint64_t element, spec::Store& store) const;

  // Of channels [channel, channel + tile.cols) of the block: to V, a pixel per row of the tile.
  [[nodiscard]] spec::Load load(std::uint8_t binding, const PixelBlock& block,
                                std::uint64_t channel, const Tile& to) const;
  [[nodiscard]] spec::Store store(std::uint8_t binding, const PixelBlock& block,
                                  std::uint64_t channel, const Tile& from) const;
};

// Sizes of 0 and maps that offsets cannot reach.
[[nodiscard]] Result<void> check(std::string_view name, const StoredMap& map);

// `lines` x `columns` pixels cut into blocks of at most `most` pixels, row-major: of whole lines,
// or where a line is longer, of a piece of one. Image 0, step 1. cut_evenly makes no more blocks
// than cut_pixels, but lines spread evenly over them.
[[nodiscard]] std::vector<PixelBlock> cut_pixels(std::uint32_t lines, std::uint32_t columns,
                                                 std::uint32_t most);
[[nodiscard]] std::vector<PixelBlock> cut_evenly(std::uint32_t lines, std::uint32_t columns,
                                                 std::uint32_t most);

// Rounding of a load to A or B; the seed of stochastic rounding is scalar 0.
void round(spec::Load& load, spec::Rounding rounding, std::uint16_t tensor);

}  // namespace weft::kernels
