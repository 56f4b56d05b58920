// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/convolution/window_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "runtime/core/check.h"
#include "runtime/kernels/declare.h"
#include "runtime/kernels/gemm/pads.h"
#include "runtime/kernels/gemm/tiling.h"
#include "runtime/kernels/job.h"
#include "runtime/kernels/pass.h"

namespace weft::kernels {
namespace {

constexpr std::uint8_t kFrom = 0;
constexpr std::uint8_t kWeights = 1;
constexpr std::uint8_t kTo = 2;
constexpr std::uint8_t kBias = 3;

// Contraction indices of one command at most: longer pieces are cut, in whole blocks.
constexpr std::uint32_t kLongest = 1024;
// Columns of one command.
constexpr std::uint32_t kWidest = 256;
// Rows of an operand that are worth keeping a window in A for, while blocks of columns pass.
constexpr std::uint32_t kWorthKeeping = 64;

// Pixels of a phase, counted in its steps.
struct Block {
  std::uint32_t phase = 0;
  PixelBlock pixels;
};

// How the product is cut, for one configuration.
struct Plan {
  std::vector<std::vector<WindowProduct::Piece>> pieces;  // by phase
  std::uint32_t pitch = 1;                                // cells of 16 rows of the longest piece
  std::uint32_t columns = 0;                              // of a block
  std::uint32_t bias_words = 0;                           // of a row of it
  std::uint32_t slot_words = 0;  // of a block of results in V, four of them
  std::vector<Block> blocks;     // of an image
};

// Pieces of at most `longest` elements. A piece that is cut is one of a line of the window, so
// elements of `from` and weights follow each other.
std::vector<WindowProduct::Piece> cut_pieces(const WindowProduct& product,
                                             const WindowProduct::Phase& phase,
                                             std::uint32_t longest) {
  std::vector<WindowProduct::Piece> pieces;
  for (const WindowProduct::Piece& piece : phase.pieces) {
    for (std::uint32_t done = 0; done < piece.length; done += longest) {
      WindowProduct::Piece part = piece;
      part.first += done;
      part.weight += std::uint64_t{done} * (product.filters_contracted ? product.filter_bytes : 4);
      part.length = std::min(longest, piece.length - done);
      pieces.push_back(part);
    }
  }
  return pieces;
}

Plan make_plan(const WindowProduct& product, const spec::Config& config) {
  const std::uint32_t a_cells = config.a_bytes / spec::kCellBytes;
  const std::uint32_t b_cells = config.b_bytes / spec::kCellBytes;
  const std::uint32_t v_words = config.v_bytes / spec::kWordBytes;
  Plan plan;
  // Two blocks of operands at least, so that one is loaded while the other is multiplied.
  const std::uint32_t longest =
      std::min(kLongest, std::min(a_cells, b_cells) / 2 * spec::kCellColumns);
  std::uint32_t most_pieces = 1;
  for (const WindowProduct::Phase& phase : product.phases) {
    const auto& pieces = plan.pieces.emplace_back(cut_pieces(product, phase, longest));
    most_pieces = std::max(most_pieces, static_cast<std::uint32_t>(pieces.size()));
    for (const auto& piece : pieces) {
      plan.pitch = std::max(plan.pitch, ceil_div(piece.length, spec::kCellColumns));
    }
  }
  const auto channels = static_cast<std::uint32_t>(product.to.channels);
  plan.columns = std::min({ceil_div(channels, spec::kGroupRows) * spec::kGroupRows, kWidest,
                           b_cells / 2 / plan.pitch * spec::kGroupRows});
  const std::uint32_t bank = v_words / ResultBanks::kBanks;
  while (plan.columns / spec::kWordElements * (spec::kGroupRows + 2) > bank) plan.columns /= 2;
  plan.columns = ceil_div(plan.columns, spec::kGroupRows) * spec::kGroupRows;
  const std::uint32_t words = plan.columns / spec::kWordElements;
  plan.bias_words = product.bias ? words : 0;
  plan.slot_words = bank - 2 * plan.bias_words;

  const std::uint32_t groups = a_cells / plan.pitch;
  std::uint32_t rows = groups / 2 * spec::kGroupRows;
  const std::uint32_t kept = groups / most_pieces * spec::kGroupRows;
  if (channels > plan.columns && kept >= kWorthKeeping) rows = kept;
  rows = std::min(rows, plan.slot_words / words / spec::kGroupRows * spec::kGroupRows);
  for (std::uint32_t phase = 0; phase < product.phases.size(); ++phase) {
    const auto& [line, column, lines, columns, pieces] = product.phases[phase];
    for (const PixelBlock& pixels : cut_evenly(lines, columns, rows)) {
      plan.blocks.push_back({.phase = phase, .pixels = pixels});
    }
  }
  return plan;
}

// Writes the commands of a program.
class Scheduler {
 public:
  Scheduler(const WindowProduct& product, const Plan& plan, const spec::Config& config,
            CommandStream& stream)
      : product_(product),
        plan_(plan),
        a_ring_(config.a_bytes / spec::kCellBytes),
        b_ring_(config.b_bytes / spec::kCellBytes),
        v_words_(config.v_bytes / spec::kWordBytes),
        stream_(stream) {}

  void run(std::uint32_t part) {
    Block block = plan_.blocks[part % plan_.blocks.size()];
    block.pixels.image = part / plan_.blocks.size();
    const auto channels = static_cast<std::uint32_t>(product_.to.channels);
    for (std::uint32_t n = 0; n < channels; n += plan_.columns) {
      run(part, block, {.start = n, .size = std::min(plan_.columns, channels - n)});
    }
  }

 private:
  void run(std::uint32_t part, const Block& block, Piece columns) {
    const Tile tile{.word = slot_ * (v_words_ / ResultBanks::kBanks),
                    .rows = block.pixels.pixels(),
                    .cols = columns.size,
                    .pitch = ceil_div(columns.size, spec::kWordElements)};
    slot_ = (slot_ + 1) % ResultBanks::kBanks;
    const auto& pieces = plan_.pieces[block.phase];
    const std::uint32_t bias = product_.bias ? load_bias(columns) : 0;
    for (std::uint32_t at = 0; at < pieces.size(); ++at) {
      multiply(part, at, block, columns, tile, bias);
    }
    if (pieces.empty()) clear(tile);
    if (product_.relu) {
      stream_.append(Pass(tile).compare(spec::Compare::kMax, value(0)).into(tile).command());
    }
    const WindowProduct::Phase& phase = product_.phases[block.phase];
    PixelBlock in_to = block.pixels;
    in_to.line = in_to.line * product_.to_step + phase.line;
    in_to.column = in_to.column * product_.to_step + phase.column;
    in_to.step = product_.to_step;
    stream_.append(product_.to.store(kTo, in_to, columns.start, tile));
  }

  void multiply(std::uint32_t part, std::uint32_t at, const Block& block, Piece columns,
                const Tile& tile, std::uint32_t bias) {
    const WindowProduct::Piece& piece = plan_.pieces[block.phase][at];
    const std::uint32_t depth = ceil_div(piece.length, spec::kCellColumns);
    spec::Matmul matmul{.arithmetic = spec::Arithmetic::kMxint8,
                        .m = static_cast<std::uint16_t>(tile.rows),
                        .n = static_cast<std::uint16_t>(tile.cols),
                        .k = static_cast<std::uint16_t>(piece.length),
                        .a = windows(part, at, block.pixels, piece),
                        .a_pitch = static_cast<std::uint16_t>(depth),
                        .b = weights(columns, piece),
                        .b_pitch = static_cast<std::uint16_t>(depth),
                        .dst = static_cast<std::uint16_t>(tile.word),
                        .dst_pitch = static_cast<std::uint16_t>(tile.pitch)};
    if (at > 0) {
      matmul.preload = spec::Preload::kV;
      matmul.initial = matmul.dst;
      matmul.initial_pitch = matmul.dst_pitch;
    } else if (product_.bias) {
      matmul.preload = spec::Preload::kV;
      matmul.initial = static_cast<std::uint16_t>(bias);
    }
    stream_.append(matmul);
  }

  // Zeros, made of some weights: there are as many as elements in a row.
  void clear(const Tile& tile) {
    stream_.append(spec::Load{.target = spec::Target::kV,
                              .binding = kWeights,
                              .format = spec::LoadFormat::kFp32,
                              .rows = static_cast<std::uint16_t>(tile.rows),
                              .cols = static_cast<std::uint16_t>(tile.cols),
                              .dst = static_cast<std::uint16_t>(tile.word),
                              .dst_pitch = static_cast<std::uint16_t>(tile.pitch)});
    stream_.append(Pass(tile).compare(spec::Compare::kGate, value(0)).into(tile).command());
  }

  // The cell where the windows of a block are, loaded if they are not there.
  std::uint16_t windows(std::uint32_t part, std::uint32_t at, const PixelBlock& block,
                        const WindowProduct::Piece& piece) {
    const OperandRing::Block key{part, at};
    if (const auto* slot = a_ring_.find(key)) return static_cast<std::uint16_t>(slot->cell);
    spec::Load load = operand(spec::Target::kA, piece, product_.from_tensor);
    load.binding = kFrom;
    load.cols = static_cast<std::uint16_t>(piece.length);
    PixelBlock in_from = block;
    in_from.line = block.line * product_.from_step + piece.line;
    in_from.column = block.column * product_.from_step + piece.column;
    in_from.step = product_.from_step;
    product_.from.place(in_from, piece.first, load);
    return append(load, a_ring_, key, block.pixels());
  }

  // The same for the weights of a block of columns.
  std::uint16_t weights(Piece columns, const WindowProduct::Piece& piece) {
    const OperandRing::Block key{columns.start, static_cast<std::uint32_t>(piece.weight / 4)};
    if (const auto* slot = b_ring_.find(key)) return static_cast<std::uint16_t>(slot->cell);
    spec::Load load = operand(spec::Target::kB, piece, product_.weights_tensor);
    load.binding = kWeights;
    load.rows = static_cast<std::uint16_t>(columns.size);
    load.cols = static_cast<std::uint16_t>(piece.length);
    load.offset = piece.weight + std::uint64_t{columns.start} * product_.filter_bytes;
    if (product_.filters_contracted) {
      std::swap(load.rows, load.cols);
      load.transpose = spec::Transpose::kYes;
      load.offset = piece.weight + std::uint64_t{columns.start} * 4;
    }
    load.row_stride = load.rows > 1 ? product_.filter_bytes : 0;
    return append(load, b_ring_, key, columns.size);
  }

  [[nodiscard]] spec::Load operand(spec::Target target, const WindowProduct::Piece& piece,
                                   std::uint16_t tensor) const {
    spec::Load load{
        .target = target,
        .format = spec::LoadFormat::kFp32,
        .dst_pitch = static_cast<std::uint16_t>(ceil_div(piece.length, spec::kCellColumns))};
    round(load, product_.rounding, tensor);
    return load;
  }

  std::uint16_t append(spec::Load& load, OperandRing& ring, const OperandRing::Block& key,
                       std::uint32_t rows) {
    const std::uint32_t cells = ceil_div(rows, spec::kGroupRows) * load.dst_pitch;
    const auto place = ring.take(key, cells, 0);
    WEFT_CHECK(place);
    load.dst = static_cast<std::uint16_t>(place->first.cell);
    stream_.append(load);
    return load.dst;
  }

  // The word of the row of the bias. Two take turns at the end of V.
  std::uint32_t load_bias(Piece columns) {
    if (bias_columns_ == columns.start) return bias_word_;
    bias_columns_ = columns.start;
    bias_turn_ ^= 1;
    bias_word_ = v_words_ - (1 + bias_turn_) * plan_.bias_words;
    stream_.append(spec::Load{.target = spec::Target::kV,
                              .binding = kBias,
                              .format = spec::LoadFormat::kFp32,
                              .rows = 1,
                              .cols = static_cast<std::uint16_t>(columns.size),
                              .offset = std::uint64_t{columns.start} * 4,
                              .dst = static_cast<std::uint16_t>(bias_word_)});
    return bias_word_;
  }

  const WindowProduct& product_;
  const Plan& plan_;
  OperandRing a_ring_;
  OperandRing b_ring_;
  std::uint32_t v_words_;
  CommandStream& stream_;
  std::uint32_t slot_ = 0;
  std::optional<std::uint32_t> bias_columns_;  // that are in V
  std::uint32_t bias_turn_ = 0;
  std::uint32_t bias_word_ = 0;
};

}  // namespace

Result<Programs> make_programs(const DeviceInfo& device, const WindowProduct& product) {
  const spec::Config& config = device.config;
  const Plan plan = make_plan(product, config);
  const std::uint64_t parts = product.to.images * plan.blocks.size();
  if (parts > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::kUnsupported, fmt::format("{} takes {} blocks", product.name, parts));
  }
  Job job{
      .name = product.name,
      .bindings = {read("from", product.from.elements()), read("weights", product.weight_elements),
                   write("to", product.to.elements())},
      .parts = static_cast<std::uint32_t>(parts),
      .append = [&](CommandStream& stream, Range range) {
        Scheduler scheduler(product, plan, config, stream);
        for (std::uint32_t part = range.begin; part < range.end; ++part) scheduler.run(part);
      }};
  if (product.bias) job.bindings.push_back(read("bias", product.to.channels));
  if (product.rounding == spec::Rounding::kStochastic) job.scalars.push_back("seed");
  return make_programs(device, job);
}

}  // namespace weft::kernels
