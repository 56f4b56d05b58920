// SPDX-License-Identifier: Apache-2.0
// The gradient of the bias: of each image, then over the images.
//
// Several images are folded by one pass, side by side in a row of V (a pixel per row), as a fold of
// columns is only quick for rows of several words. The sums of the pixels so far stand in front of
// the next pixels, as the first row of their fold, which adds them unchanged; and so do those of
// the images so far.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "runtime/kernels/convolution/layer.h"
#include "runtime/kernels/declare.h"
#include "runtime/kernels/job.h"
#include "runtime/kernels/pass.h"

namespace weft::kernels {
namespace {

constexpr std::uint8_t kDy = 0;
constexpr std::uint8_t kDb = 1;

constexpr std::uint32_t kRowWords = 8;    // of a row of V: a fold takes as many in rotation
constexpr std::uint32_t kMostRows = 128;  // pixels of a pass
constexpr std::uint32_t kTurns = 2;

// V: two turns of a header and the rows of pixels; then two of a header and the sums of images.
class Scheduler {
 public:
  Scheduler(const ConvolutionShape& shape, const spec::Config& config)
      : map_(y_map(shape)), images_(shape.images) {
    const std::uint32_t words = words_of(shape.filters);
    piece_ = std::min(words, kRowWords) * spec::kWordElements;
    // Lanes behind the last channel are folded too, so something has to be in them: 16 elements
    // of dy, if it has as many.
    const bool aside = map_.elements() >= spec::kWordElements;
    together_ = aside ? std::min(images_, kRowWords / words_of(piece_)) : 1;
    const std::uint32_t pitch = together_ * words_of(piece_);
    const std::uint32_t sums = kTurns * (1 + together_) * words_of(piece_);
    const std::uint32_t rows = (config.v_bytes / spec::kWordBytes - sums) / kTurns / pitch - 1;
    blocks_ = cut_pixels(shape.output_height(), shape.output_width(), std::min(rows, kMostRows));
    turn_words_ = (1 + std::min(rows, kMostRows)) * pitch;
  }

  // A part is a group of images of a piece of the channels.
  [[nodiscard]] std::uint64_t parts() const { return std::uint64_t{pieces()} * groups(); }

  void run(CommandStream& stream, Range range) {
    fill(stream);
    for (std::uint32_t part = range.begin; part < range.end; ++part) {
      const std::uint32_t group = part % groups();
      const std::uint32_t channel = part / groups() * piece_;
      const std::uint32_t channels =
          std::min(piece_, static_cast<std::uint32_t>(map_.channels) - channel);
      const std::uint32_t first = group * together_;
      const std::uint32_t count = std::min(together_, images_ - first);
      const Tile sums = image_sums(part, channels, count);
      if (part == range.begin && group > 0) stream.append(load(channel, sums.header()));
      fold_images(stream, first, count, channel, channels, sums);
      const Tile total = image_sums(part + 1, channels, count).header();
      stream.append(Pass(group > 0 ? sums.with_header() : sums).sum_columns(total).command());
      if (part + 1 == range.end || group + 1 == groups()) stream.append(store(channel, total));
    }
  }

 private:
  [[nodiscard]] std::uint32_t pieces() const {
    return (static_cast<std::uint32_t>(map_.channels) + piece_ - 1) / piece_;
  }
  [[nodiscard]] std::uint32_t groups() const { return (images_ + together_ - 1) / together_; }
  [[nodiscard]] std::uint32_t pitch() const { return together_ * words_of(piece_); }

  // A row per image, with room for a header in front.
  [[nodiscard]] Tile image_sums(std::uint32_t part, std::uint32_t channels,
                                std::uint32_t count) const {
    const std::uint32_t words = words_of(piece_);
    return {.word = kTurns * turn_words_ + part % kTurns * (1 + together_) * words + words,
            .rows = count,
            .cols = channels,
            .pitch = words};
  }

  [[nodiscard]] Tile pixels(std::uint32_t turn, std::uint32_t rows, std::uint32_t cols) const {
    return {.word = turn % kTurns * turn_words_ + pitch(),
            .rows = rows,
            .cols = cols,
            .pitch = pitch()};
  }

  // Something in every lane that a pass may fold.
  void fill(CommandStream& stream) const {
    if (together_ == 1) return;
    for (std::uint32_t turn = 0; turn < kTurns; ++turn) {
      stream.append(spec::Load{.target = spec::Target::kV,
                               .binding = kDy,
                               .format = spec::LoadFormat::kFp32,
                               .rows = static_cast<std::uint16_t>(turn_words_ - pitch()),
                               .cols = spec::kWordElements,
                               .dst = static_cast<std::uint16_t>(pixels(turn, 1, 0).word),
                               .dst_pitch = 1});
    }
  }

  // The sums of `count` images from `first` on.
  void fold_images(CommandStream& stream, std::uint32_t first, std::uint32_t count,
                   std::uint32_t channel, std::uint32_t channels, const Tile& sums) {
    const std::uint32_t cols = count == 1 ? channels : count * words_of(piece_) * 16;
    for (std::size_t at = 0; at < blocks_.size(); ++at, ++turn_) {
      PixelBlock block = blocks_[at];
      const Tile tile = pixels(turn_, block.pixels(), cols);
      for (std::uint32_t image = 0; image < count; ++image) {
        block.image = first + image;
        Tile to = tile;
        to.word += image * words_of(piece_);
        to.cols = channels;
        stream.append(map_.load(kDy, block, channel, to));
      }
      const Tile so_far = at + 1 < blocks_.size() ? pixels(turn_ + 1, 1, cols).header() : sums;
      stream.append(Pass(at > 0 ? tile.with_header() : tile).sum_columns(so_far).command());
    }
  }

  static spec::Load load(std::uint32_t channel, const Tile& to) {
    return {.target = spec::Target::kV,
            .binding = kDb,
            .format = spec::LoadFormat::kFp32,
            .rows = 1,
            .cols = static_cast<std::uint16_t>(to.cols),
            .offset = std::uint64_t{channel} * 4,
            .dst = static_cast<std::uint16_t>(to.word)};
  }

  static spec::Store store(std::uint32_t channel, const Tile& from) {
    return {.format = spec::StoreFormat::kWord32,
            .binding = kDb,
            .rows = 1,
            .cols = static_cast<std::uint16_t>(from.cols),
            .offset = std::uint64_t{channel} * 4,
            .src = static_cast<std::uint16_t>(from.word)};
  }

  StoredMap map_;
  std::uint32_t images_;
  std::uint32_t piece_ = 0;     // channels
  std::uint32_t together_ = 0;  // images of a pass
  std::uint32_t turn_words_ = 0;
  std::vector<PixelBlock> blocks_;
  std::uint32_t turn_ = 0;
};

}  // namespace

Call BiasGradientArguments::call() const {
  return {.bindings = {dy, db}};
}

Result<Kernel<BiasGradientArguments>> convolution_bias_gradient(const DeviceInfo& device,
                                                                const ConvolutionShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  const std::string name = name_of("convolution-bias-gradient", shape);
  const std::uint64_t parts = Scheduler(shape, device.config).parts();
  if (parts > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kUnsupported, fmt::format("{} takes {} parts", name, parts));
  }
  const Job job{.name = name,
                .bindings = {read("dy", shape.y_elements()), update("db", shape.filters)},
                .parts = static_cast<std::uint32_t>(parts),
                .append = [&](CommandStream& stream, Range range) {
                  Scheduler(shape, device.config).run(stream, range);
                }};
  return make_programs(device, job).map([](Programs programs) {
    return Kernel<BiasGradientArguments>(std::move(programs));
  });
}

}  // namespace weft::kernels
