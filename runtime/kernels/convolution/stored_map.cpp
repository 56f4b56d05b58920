// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/convolution/stored_map.h"

#include <fmt/format.h>

#include <algorithm>

namespace weft::kernels {
namespace {

constexpr std::uint64_t kFourGiB = std::uint64_t{1} << 32;

template <class Command>
void place_block(const StoredMap& map, const PixelBlock& block, std::uint64_t element,
                 Command& command) {
  command.rows = static_cast<std::uint16_t>(block.columns);
  command.offset = map.offset(block.image, block.line, block.column) + element * 4;
  command.row_stride = static_cast<std::uint32_t>(
      block.columns > 1 ? std::uint64_t{block.step} * map.pixel_bytes() : 0);
  command.extra_groups = static_cast<std::uint16_t>(block.lines - 1);
  command.group_stride = static_cast<std::uint32_t>(
      block.lines > 1 ? std::uint64_t{block.step} * map.line_bytes() : 0);
}

}  // namespace

std::uint64_t StoredMap::offset(std::uint64_t image, std::int64_t line, std::int64_t column) const {
  const auto at_line = static_cast<std::uint64_t>(line + static_cast<std::int64_t>(border));
  const auto at_column = static_cast<std::uint64_t>(column + static_cast<std::int64_t>(border));
  return image * image_bytes() + at_line * line_bytes() + at_column * pixel_bytes();
}

void StoredMap::place(const PixelBlock& block, std::uint64_t element, spec::Load& load) const {
  place_block(*this, block, element, load);
}

void StoredMap::place(const PixelBlock& block, std::uint64_t element, spec::Store& store) const {
  place_block(*this, block, element, store);
}

spec::Load StoredMap::load(std::uint8_t binding, const PixelBlock& block, std::uint64_t channel,
                           const Tile& to) const {
  spec::Load load{.target = spec::Target::kV,
                  .binding = binding,
                  .format = spec::LoadFormat::kFp32,
                  .cols = static_cast<std::uint16_t>(to.cols),
                  .dst = static_cast<std::uint16_t>(to.word),
                  .dst_pitch = static_cast<std::uint16_t>(block.pixels() > 1 ? to.pitch : 0)};
  place(block, channel, load);
  return load;
}

spec::Store StoredMap::store(std::uint8_t binding, const PixelBlock& block, std::uint64_t channel,
                             const Tile& from) const {
  spec::Store store{.format = spec::StoreFormat::kWord32,
                    .binding = binding,
                    .cols = static_cast<std::uint16_t>(from.cols),
                    .src = static_cast<std::uint16_t>(from.word),
                    .src_pitch = static_cast<std::uint16_t>(block.pixels() > 1 ? from.pitch : 0)};
  place(block, channel, store);
  return store;
}

Result<void> check(std::string_view name, const StoredMap& map) {
  if (map.images == 0 || map.height == 0 || map.width == 0 || map.channels == 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("{}: a map of {} images of {} x {} x {}", name, map.images, map.height,
                            map.width, map.channels),
                "images, lines, columns and channels are at least 1");
  }
  // Factors are looked at before products, which then cannot overflow.
  if (map.pixel_bytes() >= kFourGiB || map.width + 2 * map.border >= kFourGiB ||
      map.line_bytes() >= kFourGiB || map.height + 2 * map.border >= kFourGiB ||
      map.image_bytes() >= kFourGiB) {
    return fail(Code::kUnsupported,
                fmt::format("{}: images of {} x {} x {} with a border of {}", name, map.height,
                            map.width, map.channels, map.border),
                "an image takes less than 4 GiB");
  }
  return {};
}

std::vector<PixelBlock> cut_pixels(std::uint32_t lines, std::uint32_t columns, std::uint32_t most) {
  std::vector<PixelBlock> blocks;
  const std::uint32_t deep = std::clamp(most / columns, 1u, lines);
  const std::uint32_t wide = std::min(columns, most);
  for (std::uint32_t line = 0; line < lines; line += deep) {
    for (std::uint32_t column = 0; column < columns; column += wide) {
      blocks.push_back({.line = line,
                        .column = column,
                        .lines = std::min(deep, lines - line),
                        .columns = std::min(wide, columns - column)});
    }
  }
  return blocks;
}

std::vector<PixelBlock> cut_evenly(std::uint32_t lines, std::uint32_t columns, std::uint32_t most) {
  const std::uint32_t deep = std::clamp(most / columns, 1u, lines);
  const std::uint32_t groups = (lines + deep - 1) / deep;
  const std::uint32_t even = (lines + groups - 1) / groups;
  return cut_pixels(lines, columns, columns > most ? most : even * columns);
}

void round(spec::Load& load, spec::Rounding rounding, std::uint16_t tensor) {
  if (rounding == spec::Rounding::kNearest) return;
  load.rounding = rounding;
  load.seed_scalar = 1;
  load.tensor = tensor;
}

}  // namespace weft::kernels
