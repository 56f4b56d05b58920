// SPDX-License-Identifier: Apache-2.0
// The gradient of the weights. Elements of dw are sums over the pixels of all images; they stay in
// V while the images pass, as many as fit, in strips of one line of the kernel. Per run of pixels
// and strip one matmul adds a product to what the runs before have left.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "runtime/core/check.h"
#include "runtime/kernels/convolution/layer.h"
#include "runtime/kernels/declare.h"
#include "runtime/kernels/gemm/pads.h"
#include "runtime/kernels/gemm/tiling.h"
#include "runtime/kernels/job.h"

namespace weft::kernels {
namespace {

constexpr std::uint8_t kX = 0;
constexpr std::uint8_t kDy = 1;
constexpr std::uint8_t kDw = 2;

// Pixels of a run: part of the contract.
constexpr std::uint32_t kRunPixels = 512;
// Elements of a line of the kernel in a strip.
constexpr std::uint32_t kWidest = 256;

// Elements of dw of some filters and of a piece of one line of the kernel.
struct Strip {
  Piece filters;
  std::uint32_t line = 0;
  Piece elements;  // of kernel_width x channels
  std::uint32_t word = 0;

  [[nodiscard]] Tile tile() const {
    return {.word = word,
            .rows = filters.size,
            .cols = elements.size,
            .pitch = ceil_div(elements.size, spec::kWordElements)};
  }
};

struct Plan {
  std::vector<PixelBlock> runs;            // of an image of dy
  std::vector<std::vector<Strip>> passes;  // strips that are in V together
};

Plan make_plan(const ConvolutionShape& shape, const spec::Config& config) {
  Plan plan;
  plan.runs = cut_pixels(shape.output_height(), shape.output_width(), kRunPixels);
  const std::uint32_t cells = ceil_div(plan.runs.front().pixels(), spec::kCellColumns);
  // Two blocks of operands at least, so that one is loaded while the other is multiplied.
  const auto rows = [&](std::uint32_t bytes) {
    return bytes / spec::kCellBytes / 2 / cells * spec::kGroupRows;
  };
  const std::uint32_t v_words = config.v_bytes / spec::kWordBytes;
  const std::uint32_t wide = std::min(kWidest, rows(config.b_bytes));
  const std::uint32_t most = v_words / ceil_div(wide, spec::kWordElements);
  const std::uint32_t deep =
      std::min(rows(config.a_bytes), most / spec::kGroupRows * spec::kGroupRows);
  const std::uint32_t line = shape.kernel_width * shape.channels;
  std::uint32_t word = v_words;
  for (const Piece& filters : cut({0, shape.filters}, deep, deep)) {
    for (std::uint32_t u = 0; u < shape.kernel_height; ++u) {
      for (const Piece& elements : cut({0, line}, wide, wide)) {
        Strip strip{.filters = filters, .line = u, .elements = elements};
        const std::uint32_t words = strip.tile().rows * strip.tile().pitch;
        if (word + words > v_words) {
          plan.passes.emplace_back();
          word = 0;
        }
        strip.word = word;
        word += words;
        plan.passes.back().push_back(strip);
      }
    }
  }
  return plan;
}

// Writes the commands of a program. A part is one image in one pass.
class Scheduler {
 public:
  Scheduler(const ConvolutionShape& shape, const Plan& plan, const spec::Config& config,
            CommandStream& stream)
      : shape_(shape),
        plan_(plan),
        x_(x_map(shape)),
        dy_(y_map(shape)),
        a_ring_(config.a_bytes / spec::kCellBytes),
        b_ring_(config.b_bytes / spec::kCellBytes),
        stream_(stream) {}

  void run(Range range) {
    for (std::uint32_t part = range.begin; part < range.end; ++part) {
      const auto& strips = plan_.passes[part / shape_.images];
      const std::uint32_t image = part % shape_.images;
      // What the program before has left.
      if (part == range.begin && image > 0) {
        for (const Strip& strip : strips) stream_.append(load(strip));
      }
      for (std::uint32_t run = 0; run < plan_.runs.size(); ++run) {
        for (const Strip& strip : strips) multiply(part, run, image, strip);
      }
      if (part + 1 == range.end || image + 1 == shape_.images) {
        for (const Strip& strip : strips) stream_.append(store(strip));
      }
    }
  }

 private:
  void multiply(std::uint32_t part, std::uint32_t run, std::uint32_t image, const Strip& strip) {
    PixelBlock pixels = plan_.runs[run];
    pixels.image = image;
    const auto key = static_cast<std::uint32_t>(part * plan_.runs.size() + run);
    const std::uint32_t depth = ceil_div(pixels.pixels(), spec::kCellColumns);
    const Tile tile = strip.tile();
    spec::Matmul matmul{.arithmetic = spec::Arithmetic::kMxint8,
                        .m = static_cast<std::uint16_t>(tile.rows),
                        .n = static_cast<std::uint16_t>(tile.cols),
                        .k = static_cast<std::uint16_t>(pixels.pixels()),
                        .a = filters(key, pixels, strip),
                        .a_pitch = static_cast<std::uint16_t>(depth),
                        .b = windows(key, pixels, strip),
                        .b_pitch = static_cast<std::uint16_t>(depth),
                        .dst = static_cast<std::uint16_t>(tile.word),
                        .dst_pitch = static_cast<std::uint16_t>(tile.pitch)};
    if (image > 0 || run > 0) {
      matmul.preload = spec::Preload::kV;
      matmul.initial = matmul.dst;
      matmul.initial_pitch = matmul.dst_pitch;
    }
    stream_.append(matmul);
  }

  // The cell of dy of some filters, transposed; loaded if it is not there.
  std::uint16_t filters(std::uint32_t key, const PixelBlock& pixels, const Strip& strip) {
    const OperandRing::Block block{key, strip.filters.start};
    if (const auto* slot = a_ring_.find(block)) return static_cast<std::uint16_t>(slot->cell);
    spec::Load load{.target = spec::Target::kA, .binding = kDy};
    load.cols = static_cast<std::uint16_t>(strip.filters.size);
    dy_.place(pixels, strip.filters.start, load);
    round(load, shape_.rounding, shape_.dy_tensor);
    return append(load, a_ring_, block, pixels.pixels());
  }

  // The same for windows of x.
  std::uint16_t windows(std::uint32_t key, const PixelBlock& pixels, const Strip& strip) {
    const std::uint32_t line_elements = shape_.kernel_width * shape_.channels;
    const OperandRing::Block block{key, strip.line * line_elements + strip.elements.start};
    if (const auto* slot = b_ring_.find(block)) return static_cast<std::uint16_t>(slot->cell);
    spec::Load load{.target = spec::Target::kB, .binding = kX};
    load.cols = static_cast<std::uint16_t>(strip.elements.size);
    const std::int64_t padding = shape_.padding;
    PixelBlock in_x = pixels;
    in_x.line = pixels.line * shape_.stride + strip.line - padding;
    in_x.column = pixels.column * shape_.stride - padding;
    in_x.step = shape_.stride;
    x_.place(in_x, strip.elements.start, load);
    round(load, shape_.rounding, shape_.x_tensor);
    return append(load, b_ring_, block, pixels.pixels());
  }

  std::uint16_t append(spec::Load& load, OperandRing& ring, const OperandRing::Block& block,
                       std::uint32_t pixels) {
    load.format = spec::LoadFormat::kFp32;
    load.transpose = spec::Transpose::kYes;
    load.dst_pitch = static_cast<std::uint16_t>(ceil_div(pixels, spec::kCellColumns));
    const auto place = ring.take(block, ceil_div(load.cols, spec::kGroupRows) * load.dst_pitch, 0);
    WEFT_CHECK(place);
    load.dst = static_cast<std::uint16_t>(place->first.cell);
    stream_.append(load);
    return load.dst;
  }

  // dw is a dense matrix of a row per filter.
  [[nodiscard]] std::uint32_t filter_elements() const {
    return shape_.kernel_height * shape_.kernel_width * shape_.channels;
  }
  [[nodiscard]] std::uint64_t offset(const Strip& strip) const {
    return (std::uint64_t{strip.filters.start} * filter_elements() +
            std::uint64_t{strip.line} * shape_.kernel_width * shape_.channels +
            strip.elements.start) *
           4;
  }

  [[nodiscard]] spec::Load load(const Strip& strip) const {
    const Tile tile = strip.tile();
    return {.target = spec::Target::kV,
            .binding = kDw,
            .format = spec::LoadFormat::kFp32,
            .rows = static_cast<std::uint16_t>(tile.rows),
            .cols = static_cast<std::uint16_t>(tile.cols),
            .offset = offset(strip),
            .row_stride = tile.rows > 1 ? filter_elements() * 4 : 0,
            .dst = static_cast<std::uint16_t>(tile.word),
            .dst_pitch = static_cast<std::uint16_t>(tile.pitch)};
  }

  [[nodiscard]] spec::Store store(const Strip& strip) const {
    const Tile tile = strip.tile();
    return {.format = spec::StoreFormat::kWord32,
            .binding = kDw,
            .rows = static_cast<std::uint16_t>(tile.rows),
            .cols = static_cast<std::uint16_t>(tile.cols),
            .offset = offset(strip),
            .row_stride = tile.rows > 1 ? filter_elements() * 4 : 0,
            .src = static_cast<std::uint16_t>(tile.word),
            .src_pitch = static_cast<std::uint16_t>(tile.pitch)};
  }

  const ConvolutionShape& shape_;
  const Plan& plan_;
  StoredMap x_;
  StoredMap dy_;
  OperandRing a_ring_;
  OperandRing b_ring_;
  CommandStream& stream_;
};

}  // namespace

Call WeightGradientArguments::call() const {
  return {.bindings = {x, dy, dw}, .scalars = {seed}};
}

Result<Kernel<WeightGradientArguments>> convolution_weight_gradient(const DeviceInfo& device,
                                                                    const ConvolutionShape& shape) {
  if (auto done = check(shape); !done) return tl::unexpected(done.error());
  if (auto done = check_windows_of_x(shape); !done) return tl::unexpected(done.error());
  const Plan plan = make_plan(shape, device.config);
  const std::uint64_t parts = plan.passes.size() * std::uint64_t{shape.images};
  const std::string name = name_of("convolution-weight-gradient", shape);
  if (parts * plan.runs.size() > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kUnsupported, fmt::format("{} takes {} parts", name, parts));
  }
  Job job{.name = name,
          .bindings = {read("x", shape.x_elements()), read("dy", shape.y_elements()),
                       update("dw", shape.weight_elements())},
          .parts = static_cast<std::uint32_t>(parts),
          .append = [&](CommandStream& stream, Range range) {
            Scheduler(shape, plan, device.config, stream).run(range);
          }};
  if (shape.rounding == spec::Rounding::kStochastic) job.scalars.push_back("seed");
  return make_programs(device, job).map([](Programs programs) {
    return Kernel<WeightGradientArguments>(std::move(programs));
  });
}

}  // namespace weft::kernels
