// SPDX-License-Identifier: Apache-2.0
// Pooling. A tile is a block of pixels of y; of x and dx it has one tile per place in the window,
// each with one pixel of every window, which a load or store with steps moves.
#include "weft/pooling.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "runtime/kernels/convolution/stored_map.h"
#include "runtime/kernels/declare.h"
#include "runtime/kernels/job.h"
#include "runtime/kernels/pass.h"

namespace weft::kernels {
namespace {

constexpr std::uint32_t kTurns = 2;
constexpr std::uint32_t kBuffers = 4;          // tiles, per turn
constexpr std::uint32_t kMostChannels = 1024;  // of a tile

StoredMap input_map(const PoolShape& shape, std::uint32_t border) {
  return {.images = shape.images,
          .height = shape.height,
          .width = shape.width,
          .channels = shape.channels,
          .border = border};
}

StoredMap output_map(const PoolShape& shape, std::uint32_t border) {
  return {.images = shape.images,
          .height = shape.output_height(),
          .width = shape.output_width(),
          .channels = shape.channels,
          .border = border};
}

// How the output is cut, for one configuration.
class Cut {
 public:
  Cut(const PoolShape& shape, const spec::Config& config)
      : shape_(shape), piece_(std::min(shape.channels, kMostChannels)) {
    const std::uint32_t words = config.v_bytes / spec::kWordBytes;
    zeros_ = words - words_of(piece_);
    buffer_words_ = zeros_ / kTurns / kBuffers;
    blocks_ =
        cut_evenly(shape.output_height(), shape.output_width(), buffer_words_ / words_of(piece_));
    pieces_ = (shape.channels + piece_ - 1) / piece_;
  }

  [[nodiscard]] std::uint64_t parts() const {
    return std::uint64_t{shape_.images} * blocks_.size() * pieces_;
  }
  [[nodiscard]] PixelBlock block(std::uint32_t part) const {
    PixelBlock block = blocks_[part / pieces_ % blocks_.size()];
    block.image = part / pieces_ / blocks_.size();
    return block;
  }
  [[nodiscard]] std::uint32_t channel(std::uint32_t part) const { return part % pieces_ * piece_; }
  [[nodiscard]] std::uint32_t channels(std::uint32_t part) const {
    return std::min(piece_, shape_.channels - channel(part));
  }
  [[nodiscard]] Tile buffer(std::uint32_t part, std::uint32_t number) const {
    return {.word = (part % kTurns * kBuffers + number) * buffer_words_,
            .rows = block(part).pixels(),
            .cols = channels(part),
            .pitch = words_of(channels(part))};
  }
  // A row of zeros, whatever it is used for.
  [[nodiscard]] Tile zeros(std::uint32_t part) const {
    return {.word = zeros_, .rows = 1, .cols = channels(part), .pitch = 0};
  }
  [[nodiscard]] bool last_block_of_image(std::uint32_t part) const {
    return (part / pieces_ + 1) % blocks_.size() == 0;
  }

 private:
  const PoolShape& shape_;
  std::uint32_t piece_;  // channels
  std::uint32_t pieces_ = 0;
  std::uint32_t zeros_ = 0;
  std::uint32_t buffer_words_ = 0;
  std::vector<PixelBlock> blocks_;  // of an image of y
};

// One part while its commands are written.
struct Turn {
  CommandStream& stream;
  const PoolShape& shape;
  const Cut& cut;
  std::uint32_t part;

  [[nodiscard]] Tile buffer(std::uint32_t number) const { return cut.buffer(part, number); }

  // The pixels at place (i, j) of the windows.
  [[nodiscard]] PixelBlock at(std::uint32_t i, std::uint32_t j) const {
    PixelBlock block = cut.block(part);
    block.step = shape.window;
    block.line = block.line * shape.window + i;
    block.column = block.column * shape.window + j;
    return block;
  }

  void load(std::uint8_t binding, const StoredMap& map, const PixelBlock& block, const Tile& to) {
    stream.append(map.load(binding, block, cut.channel(part), to));
  }
  void store(std::uint8_t binding, const StoredMap& map, const PixelBlock& block,
             const Tile& from) {
    stream.append(map.store(binding, block, cut.channel(part), from));
  }
  void run(const Pass& pass) { stream.append(pass.command()); }

  // Zeros into what windows do not cover: pixels behind the last window of the block's lines, and
  // from the last block of an image on the lines behind the last windows. `any` is a tile with
  // numbers in it.
  void clear_rest(std::uint8_t binding, const StoredMap& map, const Tile& any) {
    const std::uint32_t lines = shape.height - shape.output_height() * shape.window;
    const std::uint32_t columns = shape.width - shape.output_width() * shape.window;
    if (lines == 0 && columns == 0) return;
    PixelBlock block = cut.block(part);
    const bool line_ends = block.column + block.columns == shape.output_width();
    const Tile zeros = cut.zeros(part);
    run(Pass(any.first(any.cols)).compare(spec::Compare::kGate, value(0)).into(zeros));
    if (columns > 0 && line_ends) {
      block.line *= shape.window;
      block.lines *= shape.window;
      block.column = std::int64_t{shape.output_width()} * shape.window;
      block.columns = columns;
      clear(binding, map, block, zeros);
    }
    if (lines > 0 && cut.last_block_of_image(part)) {
      block.line = std::int64_t{shape.output_height()} * shape.window;
      block.lines = lines;
      block.column = 0;
      block.columns = shape.width;
      clear(binding, map, block, zeros);
    }
  }

 private:
  // One store per so many pixels, as one moves at most 65535 rows.
  void clear(std::uint8_t binding, const StoredMap& map, const PixelBlock& whole,
             const Tile& zeros) {
    for (PixelBlock block :
         cut_pixels(whole.lines, whole.columns, std::numeric_limits<std::uint16_t>::max())) {
      block.image = whole.image;
      block.line += whole.line;
      block.column += whole.column;
      store(binding, map, block, zeros);
    }
  }
};

template <class Arguments>
Result<Kernel<Arguments>> make(const DeviceInfo& device, const PoolShape& shape,
                               std::string_view kernel, std::vector<BindingDeclaration> bindings,
                               const std::function<void(Turn&)>& work) {
  const std::string name =
      fmt::format("{}-{}x{}x{}x{}-{}-b{}-{}-{}-{}", kernel, shape.images, shape.height, shape.width,
                  shape.channels, shape.window, shape.x_border, shape.y_border, shape.dx_border,
                  shape.dy_border);
  const Cut cut(shape, device.config);
  if (cut.parts() > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kUnsupported, fmt::format("{} takes {} parts", name, cut.parts()));
  }
  const Job job{.name = name,
                .bindings = std::move(bindings),
                .parts = static_cast<std::uint32_t>(cut.parts()),
                .append = [&](CommandStream& stream, Range range) {
                  for (std::uint32_t part = range.begin; part < range.end; ++part) {
                    Turn turn{.stream = stream, .shape = shape, .cut = cut, .part = part};
                    work(turn);
                  }
                }};
  return make_programs(device, job).map([](Programs programs) {
    return Kernel<Arguments>(std::move(programs));
  });
}

Result<void> check(const PoolShape& shape) {
  const std::uint32_t border =
      std::max({shape.x_border, shape.y_border, shape.dx_border, shape.dy_border});
  if (auto done = check("pooling", input_map(shape, border)); !done) return done;
  if (shape.window > 0 && shape.window <= std::min(shape.height, shape.width)) return {};
  return fail(Code::kInvalidArgument,
              fmt::format("pooling: windows of {} x {} in a map of {} x {}", shape.window,
                          shape.window, shape.height, shape.width),
              "a window is at least 1 pixel and no larger than the map");
}

template <class Visit>
void for_each_place(const PoolShape& shape, Visit visit) {
  for (std::uint32_t i = 0; i < shape.window; ++i) {
    for (std::uint32_t j = 0; j < shape.window; ++j) visit(i, j);
  }
}

// Loads of the places after the first take turns in two buffers.
Result<Kernel<PoolArguments>> pool(const DeviceInfo& device, const PoolShape& shape,
                                   std::string_view name,
                                   const std::function<void(Turn&, const Tile&, const Tile&)>& fold,
                                   const std::function<void(Turn&, const Tile&)>& finish) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  const StoredMap x = input_map(shape, shape.x_border);
  const StoredMap y = output_map(shape, shape.y_border);
  return make<PoolArguments>(
      device, shape, name, {read("x", x.elements()), write("y", y.elements())}, [&](Turn& t) {
        const Tile result = t.buffer(0);
        for_each_place(shape, [&](std::uint32_t i, std::uint32_t j) {
          const bool first = i == 0 && j == 0;
          const Tile tile = first ? result : t.buffer(1 + (i * shape.window + j) % 2);
          t.load(0, x, t.at(i, j), tile);
          if (!first) fold(t, result, tile);
        });
        finish(t, result);
        t.store(1, y, t.cut.block(t.part), result);
      });
}

}  // namespace

Call PoolArguments::call() const {
  return {.bindings = {x, y}};
}

Result<Kernel<PoolArguments>> max_pool(const DeviceInfo& device, const PoolShape& shape) {
  return pool(
      device, shape, "max-pool",
      [](Turn& t, const Tile& result, const Tile& tile) {
        t.run(Pass(result).compare(spec::Compare::kMax, second(tile)).into(result));
      },
      [](Turn&, const Tile&) {});
}

Result<Kernel<PoolArguments>> average_pool(const DeviceInfo& device, const PoolShape& shape) {
  const auto pixels = static_cast<float>(std::uint64_t{shape.window} * shape.window);
  return pool(
      device, shape, "average-pool",
      [](Turn& t, const Tile& result, const Tile& tile) {
        t.run(Pass(result).add(second(tile)).into(result));
      },
      [=](Turn& t, const Tile& result) {
        if (pixels > 1) t.run(Pass(result).divide(value(pixels)).into(result));
      });
}

Call MaxPoolGradientArguments::call() const {
  return {.bindings = {x, y, dy, dx}};
}

// What is left to give starts as dy. Each place in turn takes what is left where it equals y.
Result<Kernel<MaxPoolGradientArguments>> max_pool_gradient(const DeviceInfo& device,
                                                           const PoolShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  const StoredMap x = input_map(shape, shape.x_border);
  const StoredMap y = output_map(shape, shape.y_border);
  const StoredMap dy = output_map(shape, shape.dy_border);
  const StoredMap dx = input_map(shape, shape.dx_border);
  return make<MaxPoolGradientArguments>(
      device, shape, "max-pool-gradient",
      {read("x", x.elements()), read("y", y.elements()), read("dy", dy.elements()),
       write("dx", dx.elements())},
      [&](Turn& t) {
        const PixelBlock block = t.cut.block(t.part);
        const Tile largest = t.buffer(0);
        const Tile left = t.buffer(1);
        t.load(1, y, block, largest);
        t.load(2, dy, block, left);
        for_each_place(shape, [&](std::uint32_t i, std::uint32_t j) {
          const Tile tile = t.buffer(2 + (i * shape.window + j) % 2);
          t.load(0, x, t.at(i, j), tile);
          t.run(Pass(tile).compare(spec::Compare::kEqual, second(largest)).into(tile));
          t.run(Pass(left).compare(spec::Compare::kGate, second(tile)).into(tile));
          t.run(Pass(tile).multiply(value(-1)).add(second(left)).into(left));
          t.store(3, dx, t.at(i, j), tile);
        });
        t.clear_rest(3, dx, largest);
      });
}

Call AveragePoolGradientArguments::call() const {
  return {.bindings = {dy, dx}};
}

Result<Kernel<AveragePoolGradientArguments>> average_pool_gradient(const DeviceInfo& device,
                                                                   const PoolShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  const StoredMap dy = output_map(shape, shape.dy_border);
  const StoredMap dx = input_map(shape, shape.dx_border);
  const auto pixels = static_cast<float>(std::uint64_t{shape.window} * shape.window);
  return make<AveragePoolGradientArguments>(
      device, shape, "average-pool-gradient",
      {read("dy", dy.elements()), write("dx", dx.elements())}, [&](Turn& t) {
        const Tile tile = t.buffer(0);
        t.load(0, dy, t.cut.block(t.part), tile);
        if (pixels > 1) t.run(Pass(tile).divide(value(pixels)).into(tile));
        for_each_place(shape,
                       [&](std::uint32_t i, std::uint32_t j) { t.store(1, dx, t.at(i, j), tile); });
        t.clear_rest(1, dx, tile);
      });
}

}  // namespace weft::kernels
