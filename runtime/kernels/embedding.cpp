// SPDX-License-Identifier: Apache-2.0
// Embedding: a gather per tile; and its gradient, a fold of the rows of dy per row of the table, in
// which rows of other tokens are made +0.
#include "weft/embedding.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/job.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {
namespace {

// Tokens are compared as FP32, which is exact so far.
constexpr std::uint32_t kMostVocabulary = 1u << 24;

Result<void> check(const EmbeddingShape& shape, std::string_view name) {
  if (shape.tokens == 0 || shape.vocabulary == 0 || shape.width == 0) {
    return fail(Code::kInvalidArgument, fmt::format("{} has no elements", name),
                "tokens, vocabulary and width are at least 1");
  }
  if (shape.vocabulary > kMostVocabulary || shape.width >= 1u << 30) {
    return fail(Code::kUnsupported,
                fmt::format("{}: more than {} rows, or rows of 4 GiB", name, kMostVocabulary));
  }
  return {};
}

std::string title(std::string_view name, const EmbeddingShape& shape) {
  return fmt::format("{}-{}-of-{}x{}", name, shape.tokens, shape.vocabulary, shape.width);
}

// How the gradient is cut, and where it lies in V:
//
//   | header, tile of dy | tokens | hits 0 | hits 1 |    | block of the table 0 | block 1 |
//   0                                                                           end of V
//
// A part is a block of rows of the table, of a piece of the columns; it goes through all groups of
// rows of dy. The header holds the sums up to the group before.
class Cut {
 public:
  Cut(const EmbeddingShape& shape, const spec::Config& config) : shape_(shape) {
    const std::uint32_t words = config.v_bytes / spec::kWordBytes;
    piece_ = std::min(shape.width, kPieceWords * spec::kWordElements);
    pitch_ = words_of(piece_);
    block_ = std::min({shape.vocabulary, kMostBlock, words / 8 / pitch_});
    blocks_ = (shape.vocabulary + block_ - 1) / block_;
    table_ = words - kTurns * block_ * pitch_;
    group_ = std::min(shape.tokens, spec::kMaxRow - 1);
    while ((group_ + 1) * pitch_ + (1 + kTurns) * words_of(group_ + 1) > table_) --group_;
    groups_ = (shape.tokens + group_ - 1) / group_;
    vectors_ = (group_ + 1) * pitch_;
  }

  [[nodiscard]] std::uint32_t parts() const { return blocks_ * pieces(); }
  [[nodiscard]] std::uint32_t groups() const { return groups_; }

  [[nodiscard]] std::uint32_t piece(std::uint32_t part) const { return part / blocks_; }
  [[nodiscard]] std::uint32_t first_col(std::uint32_t part) const { return piece(part) * piece_; }
  [[nodiscard]] std::uint32_t cols(std::uint32_t part) const {
    return std::min(piece_, shape_.width - first_col(part));
  }
  [[nodiscard]] std::uint32_t first_token(std::uint32_t part) const {
    return part % blocks_ * block_;
  }
  [[nodiscard]] std::uint32_t first_row(std::uint32_t group) const { return group * group_; }

  [[nodiscard]] Tile dy(std::uint32_t part, std::uint32_t group) const {
    const std::uint32_t rows = std::min(group_, shape_.tokens - first_row(group));
    return {.word = pitch_, .rows = rows, .cols = cols(part), .pitch = pitch_};
  }
  // One number per row of the group, and but for the first group one for its header.
  [[nodiscard]] Tile tokens(std::uint32_t group) const { return vector(group, 0); }
  [[nodiscard]] Tile hits(std::uint32_t group, std::uint32_t token) const {
    return vector(group, 1 + token % kTurns);
  }
  // What the part makes of the table.
  [[nodiscard]] Tile block(std::uint32_t part) const {
    return {.word = table_ + part % kTurns * block_ * pitch_,
            .rows = std::min(block_, shape_.vocabulary - first_token(part)),
            .cols = cols(part),
            .pitch = pitch_};
  }

 private:
  static constexpr std::uint32_t kTurns = 2;
  static constexpr std::uint32_t kPieceWords = 64;
  static constexpr std::uint32_t kMostBlock = 64;  // rows that one store takes

  [[nodiscard]] std::uint32_t pieces() const { return (shape_.width + piece_ - 1) / piece_; }
  [[nodiscard]] Tile vector(std::uint32_t group, std::uint32_t number) const {
    const std::uint32_t rows = std::min(group_, shape_.tokens - first_row(group));
    return {.word = vectors_ + number * words_of(group_ + 1),
            .rows = 1,
            .cols = rows + (group > 0 ? 1 : 0),
            .pitch = 0};
  }

  const EmbeddingShape& shape_;
  std::uint32_t piece_ = 0;   // columns
  std::uint32_t pitch_ = 0;   // words of a row
  std::uint32_t block_ = 0;   // rows of the table
  std::uint32_t blocks_ = 0;  // per piece
  std::uint32_t group_ = 0;   // rows of dy
  std::uint32_t groups_ = 0;
  std::uint32_t vectors_ = 0;  // words
  std::uint32_t table_ = 0;
};

spec::Load load(std::uint8_t binding, std::uint64_t element, std::uint64_t stride, const Tile& to) {
  const bool rows = to.rows > 1;
  return {.target = spec::Target::kV,
          .binding = binding,
          .format = spec::LoadFormat::kFp32,
          .rows = static_cast<std::uint16_t>(to.rows),
          .cols = static_cast<std::uint16_t>(to.cols),
          .offset = element * 4,
          .row_stride = static_cast<std::uint32_t>(rows ? stride * 4 : 0),
          .dst = static_cast<std::uint16_t>(to.word),
          .dst_pitch = static_cast<std::uint16_t>(rows ? to.pitch : 0)};
}

// The gradient's bindings.
constexpr std::uint8_t kTokens = 0;
constexpr std::uint8_t kDy = 1;
constexpr std::uint8_t kTable = 2;

// One part while its commands are written.
struct Part {
  CommandStream& stream;
  const EmbeddingShape& shape;
  const Cut& cut;
  std::uint32_t number;

  void run(const Pass& pass) { stream.append(pass.command()); }

  void load_group(std::uint32_t group) {
    const std::uint64_t row = cut.first_row(group);
    const Tile tokens = cut.tokens(group);
    stream.append(load(kTokens, row - (group > 0 ? 1 : 0), 0, tokens));
    stream.append(
        load(kDy, row * shape.width + cut.first_col(number), shape.width, cut.dy(number, group)));
    run(Pass(tokens).from_int32().into(tokens));
  }

  // Adds the rows of the group with that token to the sums.
  void fold(std::uint32_t group, std::uint32_t token, const Tile& sums) {
    const Tile tile = cut.dy(number, group);
    const Tile hits = cut.hits(group, token);
    run(Pass(cut.tokens(group))
            .compare(spec::Compare::kEqual, value(static_cast<float>(token)))
            .into(hits));
    if (group == 0) {
      run(Pass(tile).compare(spec::Compare::kGate, row(hits)).sum_columns(sums));
      return;
    }
    // The header counts, whatever token stands in front of the group's.
    run(Pass(hits.first(1)).compare(spec::Compare::kGate, value(0)).then_add(value(1)).into(hits));
    run(Pass(sums).into(tile.header()));
    run(Pass(tile.with_header()).compare(spec::Compare::kGate, row(hits)).sum_columns(sums));
  }

  void store_block() {
    const Tile from = cut.block(number);
    const bool rows = from.rows > 1;
    const std::uint64_t first =
        std::uint64_t{cut.first_token(number)} * shape.width + cut.first_col(number);
    stream.append(spec::Store{.format = spec::StoreFormat::kWord32,
                              .binding = kTable,
                              .rows = static_cast<std::uint16_t>(from.rows),
                              .cols = static_cast<std::uint16_t>(from.cols),
                              .offset = first * 4,
                              .row_stride = static_cast<std::uint32_t>(rows ? shape.width * 4 : 0),
                              .src = static_cast<std::uint16_t>(from.word),
                              .src_pitch = static_cast<std::uint16_t>(rows ? from.pitch : 0)});
  }
};

// A group that is in V already is not loaded again.
void append(CommandStream& stream, const EmbeddingShape& shape, const Cut& cut, Range range) {
  for (std::uint32_t number = range.begin; number < range.end; ++number) {
    Part part{stream, shape, cut, number};
    const bool kept =
        number > range.begin && cut.groups() == 1 && cut.piece(number) == cut.piece(number - 1);
    for (std::uint32_t group = 0; group < cut.groups(); ++group) {
      if (!kept) part.load_group(group);
      const Tile block = cut.block(number);
      for (std::uint32_t r = 0; r < block.rows; ++r) {
        const Tile sums{.word = block.word + r * block.pitch, .cols = block.cols};
        part.fold(group, cut.first_token(number) + r, sums);
      }
    }
    part.store_block();
  }
}

}  // namespace

Call EmbeddingArguments::call() const {
  return {.bindings = {tokens, table, y}};
}

Result<Kernel<EmbeddingArguments>> embedding(const DeviceInfo& device,
                                             const EmbeddingShape& shape) {
  if (auto done = check(shape, "embedding"); !done) return tl::unexpected(done.error());
  Recipe recipe;
  recipe.name = title("embedding", shape);
  recipe.rows = shape.tokens;
  recipe.cols = shape.width;
  recipe.needs = {.buffers = 1, .vectors = 1, .cut_columns = true};
  recipe.bindings = {read("tokens", shape.tokens),
                     read("table", std::uint64_t{shape.vocabulary} * shape.width),
                     write("y", std::uint64_t{shape.tokens} * shape.width)};
  recipe.load = [&](Turn& t) {
    t.load_rows(0, t.vector(0));
    t.gather(1, shape.vocabulary, t.vector(0), t.buffer(0));
  };
  recipe.work = [](Turn& t) { t.store(2, t.buffer(0)); };
  return make_kernel<EmbeddingArguments>(device, recipe);
}

Call EmbeddingGradientArguments::call() const {
  return {.bindings = {tokens, dy, dtable}};
}

Result<Kernel<EmbeddingGradientArguments>> embedding_gradient(const DeviceInfo& device,
                                                              const EmbeddingShape& shape) {
  if (auto done = check(shape, "embedding-gradient"); !done) return tl::unexpected(done.error());
  const Cut cut(shape, device.config);
  return make_programs(
             device,
             Job{.name = title("embedding-gradient", shape),
                 .bindings = {read("tokens", shape.tokens),
                              read("dy", std::uint64_t{shape.tokens} * shape.width),
                              write("dtable", std::uint64_t{shape.vocabulary} * shape.width)},
                 .parts = cut.parts(),
                 .append = [&](CommandStream& stream,
                               Range range) { append(stream, shape, cut, range); }})
      .map([](Programs programs) {
        return Kernel<EmbeddingGradientArguments>(std::move(programs));
      });
}

}  // namespace weft::kernels
