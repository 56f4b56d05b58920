// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm/schedule.h"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/kernels/gemm/pads.h"
#include "weft/pack.h"

namespace weft::kernels {

std::vector<Piece> cut(Piece whole, std::uint32_t first, std::uint32_t block) {
  std::vector<Piece> pieces;
  std::uint32_t done = 0;
  while (done < whole.size) {
    const std::uint32_t most = pieces.empty() ? first : block;
    const std::uint32_t size = std::min(most, whole.size - done);
    pieces.push_back({.start = whole.start + done, .size = size});
    done += size;
  }
  return pieces;
}

namespace {

std::uint32_t element_bytes(spec::LoadFormat format) {
  switch (format) {
    case spec::LoadFormat::kFp32:
      return 4;
    case spec::LoadFormat::kBf16:
      return 2;
    case spec::LoadFormat::kInt8:
    case spec::LoadFormat::kMxint8:
      return 1;
  }
  return 1;
}

// An operand as a load reads it.
struct Operand {
  spec::Target target;
  spec::LoadFormat format;
  std::uint8_t binding;
  std::uint32_t rows;        // of the whole matrix
  std::uint32_t row_stride;  // bytes
  GemmLayout layout;
  std::uint16_t tensor;

  [[nodiscard]] bool strided() const { return layout == GemmLayout::kContractionStrided; }
  [[nodiscard]] bool packed() const { return format == spec::LoadFormat::kMxint8; }
};

class Scheduler {
 public:
  Scheduler(const GemmShape& shape, const spec::Config& config, const Tiling& tiling,
            const Part& part)
      : shape_(shape),
        tiling_(tiling),
        a_{spec::Target::kA,   shape.a_format, kBindingA,     shape.m,
           shape.a_row_stride, shape.a_layout, shape.a_tensor},
        b_{spec::Target::kB,   shape.b_format, kBindingB,     shape.n,
           shape.b_row_stride, shape.b_layout, shape.b_tensor},
        rows_(cut(part.m, tiling.m_first, tiling.m_block)),
        columns_(cut(part.n, tiling.n_first, tiling.n_block)),
        panels_(cut({0, shape.k}, tiling.k_panel, tiling.k_panel)),
        a_ring_(config.a_bytes / spec::kCellBytes),
        b_ring_(config.b_bytes / spec::kCellBytes),
        bias_words_(bias_words()),
        bias_base_(config.v_bytes / spec::kWordBytes - 2 * bias_words_),
        banks_(config.v_bytes / spec::kWordBytes, 2 * bias_words_),
        fits_(2 * bias_words_ <= config.v_bytes / spec::kWordBytes / ResultBanks::kBanks) {}

  std::optional<std::vector<Command>> run() {
    if (!fits_) return std::nullopt;
    const std::size_t m_group = panels_.size() == 1 ? rows_.size() : tiling_.m_group;
    for (std::size_t n = 0; n < columns_.size(); n += tiling_.n_group) {
      const auto group_columns = slice(columns_, n, tiling_.n_group);
      bias_loaded_ = false;
      for (std::size_t m = 0; m < rows_.size(); m += m_group) {
        if (!run_group(slice(rows_, m, m_group), group_columns)) return std::nullopt;
      }
      bias_buffer_ ^= 1;
    }
    return std::move(commands_);
  }

 private:
  using Pieces = std::span<const Piece>;

  static Pieces slice(const std::vector<Piece>& pieces, std::size_t first, std::size_t count) {
    return Pieces(pieces).subspan(first, std::min(count, pieces.size() - first));
  }

  // A block of C between its first matmul and its store.
  struct Result {
    ResultBanks::Slot slot;
    std::uint32_t stores_before = 0;  // that must have retired before the first matmul
    std::uint32_t last_matmul = 0;
  };

  // Words of the bias of the widest group of columns.
  [[nodiscard]] std::uint32_t bias_words() const {
    if (!shape_.bias) return 0;
    std::uint32_t words = 0;
    for (std::size_t n = 0; n < columns_.size(); n += tiling_.n_group) {
      const Pieces group = slice(columns_, n, tiling_.n_group);
      words = std::max(words, ceil_div(group_size(group), spec::kWordElements));
    }
    return words;
  }

  static std::uint32_t group_size(Pieces group) {
    return group.back().start + group.back().size - group.front().start;
  }

  bool run_group(Pieces rows, Pieces columns) {
    std::vector<Result> results(rows.size() * columns.size());
    for (std::size_t k = 0; k < panels_.size(); ++k) {
      for (std::size_t m = 0; m < rows.size(); ++m) {
        for (std::size_t n = 0; n < columns.size(); ++n) {
          Result& result = results[m * columns.size() + n];
          if (k == 0 && !begin(rows[m], columns[n], result)) return false;
          const auto a = operand(a_, a_ring_, rows[m], k);
          const auto b = operand(b_, b_ring_, columns[n], k);
          if (!a || !b) return false;
          if (k == 0) load_bias(columns);
          multiply(*a, *b, rows[m], columns[n], k, columns.front().start, result);
          if (k + 1 == panels_.size()) finish(rows[m], columns[n], result);
        }
      }
    }
    return true;
  }

  bool begin(const Piece& rows, const Piece& columns, Result& result) {
    const auto place = banks_.take(rows.size * ceil_div(columns.size, spec::kWordElements));
    if (!place) return false;
    result.slot = place->first;
    result.stores_before = place->second;
    return true;
  }

  // The slot of a block of an operand, loaded if it is not there.
  std::optional<OperandRing::Slot> operand(const Operand& operand, OperandRing& ring,
                                           const Piece& rows, std::size_t panel) {
    const OperandRing::Block block{static_cast<std::uint32_t>(panel), rows.start};
    if (const auto* slot = ring.find(block)) return *slot;
    const std::uint32_t pitch = ceil_div(panels_[panel].size, spec::kCellColumns);
    const std::uint32_t cells = ceil_div(rows.size, spec::kGroupRows) * pitch;
    const auto place = ring.take(block, cells, loads_ + 1);
    if (!place) return std::nullopt;
    spec::Load load;
    load.after_matmul = static_cast<std::uint16_t>(place->second);
    load.target = operand.target;
    load.binding = operand.binding;
    load.format = operand.format;
    load.rows = static_cast<std::uint16_t>(rows.size);
    load.cols = static_cast<std::uint16_t>(panels_[panel].size);
    if (operand.strided()) {
      std::swap(load.rows, load.cols);
      load.transpose = spec::Transpose::kYes;
    }
    load.offset = offset_of(operand, rows.start, panels_[panel]);
    load.row_stride = operand.packed() ? 0 : operand.row_stride;
    if (shape_.rounding == spec::Rounding::kStochastic && !operand.packed()) {
      load.rounding = spec::Rounding::kStochastic;
      load.seed_scalar = kScalarSeed + 1;
      load.tensor = operand.tensor;
    }
    load.dst = static_cast<std::uint16_t>(place->first.cell);
    load.dst_pitch = static_cast<std::uint16_t>(pitch);
    push_load(load);
    return place->first;
  }

  // Packed operands are one tensor per panel of K, in it a panel per 16 rows.
  [[nodiscard]] std::uint64_t offset_of(const Operand& operand, std::uint32_t row,
                                        const Piece& panel) const {
    if (!operand.packed()) {
      const std::uint64_t stored_row = operand.strided() ? panel.start : row;
      const std::uint64_t stored_col = operand.strided() ? row : panel.start;
      return stored_row * operand.row_stride + stored_col * element_bytes(operand.format);
    }
    return packed_tensor_offset(operand.rows, shape_.k, panel.start) +
           row / spec::kGroupRows * packed_panel_bytes(spec::kGroupRows, panel.size);
  }

  void load_bias(Pieces columns) {
    if (!shape_.bias || bias_loaded_) return;
    spec::Load load;
    load.after_matmul = static_cast<std::uint16_t>(bias_reader_[bias_buffer_]);
    load.target = spec::Target::kV;
    load.binding = kBindingBias;
    load.format = spec::LoadFormat::kFp32;
    load.rows = 1;
    load.cols = static_cast<std::uint16_t>(group_size(columns));
    load.offset = std::uint64_t{columns.front().start} * 4;
    load.row_stride = 0;
    load.dst = static_cast<std::uint16_t>(bias_word());
    load.dst_pitch = 0;
    push_load(load);
    bias_load_ = loads_;
    bias_loaded_ = true;
  }

  [[nodiscard]] std::uint32_t bias_word() const { return bias_base_ + bias_buffer_ * bias_words_; }

  void multiply(const OperandRing::Slot& a, const OperandRing::Slot& b, const Piece& rows,
                const Piece& columns, std::size_t panel, std::uint32_t group_start,
                Result& result) {
    const std::uint32_t pitch = ceil_div(panels_[panel].size, spec::kCellColumns);
    spec::Matmul matmul;
    matmul.arithmetic = shape_.arithmetic;
    matmul.m = static_cast<std::uint16_t>(rows.size);
    matmul.n = static_cast<std::uint16_t>(columns.size);
    matmul.k = static_cast<std::uint16_t>(panels_[panel].size);
    matmul.a = static_cast<std::uint16_t>(a.cell);
    matmul.a_pitch = static_cast<std::uint16_t>(pitch);
    matmul.b = static_cast<std::uint16_t>(b.cell);
    matmul.b_pitch = static_cast<std::uint16_t>(pitch);
    matmul.dst = static_cast<std::uint16_t>(result.slot.word);
    matmul.dst_pitch = static_cast<std::uint16_t>(ceil_div(columns.size, spec::kWordElements));
    std::uint32_t after_load = std::max(a.load, b.load);
    if (panel > 0) {
      matmul.preload = spec::Preload::kV;
      matmul.initial = matmul.dst;
      matmul.initial_pitch = matmul.dst_pitch;
      matmul.after_matmul = static_cast<std::uint16_t>(result.last_matmul);
    } else {
      matmul.after_store = static_cast<std::uint16_t>(result.stores_before);
      if (shape_.bias) {
        matmul.preload = spec::Preload::kV;
        matmul.initial = static_cast<std::uint16_t>(bias_word() + (columns.start - group_start) /
                                                                      spec::kWordElements);
        after_load = std::max(after_load, bias_load_);
      }
    }
    matmul.after_load = static_cast<std::uint16_t>(after_load);
    commands_.emplace_back(matmul);
    ++matmuls_;
    a_ring_.read(a, matmuls_);
    b_ring_.read(b, matmuls_);
    if (shape_.bias && panel == 0) bias_reader_[bias_buffer_] = matmuls_;
    result.last_matmul = matmuls_;
  }

  [[nodiscard]] bool needs_vector() const {
    const bool converts =
        shape_.arithmetic == spec::Arithmetic::kInt8 && shape_.output != GemmOutput::kAccumulator;
    return converts || shape_.relu || shape_.scale || shape_.output == GemmOutput::kInt8;
  }

  void finish(const Piece& rows, const Piece& columns, const Result& result) {
    const auto pitch = static_cast<std::uint16_t>(ceil_div(columns.size, spec::kWordElements));
    const auto word = static_cast<std::uint16_t>(result.slot.word);
    if (needs_vector()) {
      spec::Vector vector;
      vector.after_matmul = static_cast<std::uint16_t>(result.last_matmul);
      vector.rows = static_cast<std::uint16_t>(rows.size);
      vector.cols = static_cast<std::uint16_t>(columns.size);
      vector.src = word;
      vector.src_pitch = pitch;
      vector.dst = word;
      vector.dst_pitch = pitch;
      if (shape_.arithmetic == spec::Arithmetic::kInt8) {
        vector.convert_in = spec::ConvertIn::kInt32;
      }
      if (shape_.scale) {
        vector.multiplicand = spec::Operand::kValue0;
        vector.value0_scalar = scalar_scale(shape_) + 1;
      }
      if (shape_.relu) {
        vector.compare = spec::Compare::kMax;
        vector.compare_with = spec::Operand::kValue1;
      }
      if (shape_.output == GemmOutput::kInt8) vector.convert_out = spec::ConvertOut::kInt8;
      commands_.emplace_back(vector);
      ++vectors_;
    }
    spec::Store store;
    if (needs_vector()) {
      store.after_vector = static_cast<std::uint16_t>(vectors_);
    } else {
      store.after_matmul = static_cast<std::uint16_t>(result.last_matmul);
    }
    std::uint32_t bytes = 4;
    if (shape_.output == GemmOutput::kBf16) {
      store.format = spec::StoreFormat::kBf16;
      bytes = 2;
    } else if (shape_.output == GemmOutput::kInt8) {
      store.format = spec::StoreFormat::kInt8;
      bytes = 1;
    }
    store.binding = kBindingC;
    store.rows = static_cast<std::uint16_t>(rows.size);
    store.cols = static_cast<std::uint16_t>(columns.size);
    store.offset =
        std::uint64_t{rows.start} * shape_.c_row_stride + std::uint64_t{columns.start} * bytes;
    store.row_stride = shape_.c_row_stride;
    store.src = word;
    store.src_pitch = pitch;
    commands_.emplace_back(store);
    ++stores_;
    banks_.release(result.slot, stores_);
  }

  void push_load(const spec::Load& load) {
    commands_.emplace_back(load);
    ++loads_;
  }

  const GemmShape& shape_;
  const Tiling& tiling_;
  Operand a_;
  Operand b_;
  std::vector<Piece> rows_;
  std::vector<Piece> columns_;
  std::vector<Piece> panels_;
  OperandRing a_ring_;
  OperandRing b_ring_;
  std::uint32_t bias_words_;
  std::uint32_t bias_base_;
  ResultBanks banks_;
  bool fits_;

  std::vector<Command> commands_;
  std::uint32_t loads_ = 0;
  std::uint32_t matmuls_ = 0;
  std::uint32_t vectors_ = 0;
  std::uint32_t stores_ = 0;
  // Two rows of bias: one group of columns may still be at work while the next one's is loaded.
  std::uint32_t bias_buffer_ = 0;
  bool bias_loaded_ = false;
  std::uint32_t bias_load_ = 0;
  std::array<std::uint32_t, 2> bias_reader_{};
};

}  // namespace

std::optional<std::vector<Command>> schedule(const GemmShape& shape, const spec::Config& config,
                                             const Tiling& tiling, const Part& part) {
  return Scheduler(shape, config, tiling, part).run();
}

}  // namespace weft::kernels
