// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/grid.h"

#include <algorithm>

#include "runtime/core/check.h"

namespace weft::kernels {
namespace {

// A command of fewer words than this spends its time starting.
constexpr std::uint32_t kBusyWords = 256;
// So many tiles at least, if they are not smaller than that: then units overlap.
constexpr std::uint32_t kOverlapTiles = 8;
// Columns of a tile of several rows, where columns are cut.
constexpr std::uint32_t kPieceWords = 64;
// A row of elements is one field of 16 bits.
constexpr std::uint32_t kMostWords = 0xffff / spec::kWordElements;

std::uint64_t ceil_div64(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

// Divides V for this many turns. False if a row does not fit.
bool Grid::place(const spec::Config& config, std::uint32_t turns) {
  const std::uint32_t words = config.v_bytes / spec::kWordBytes;
  const bool one_row = all_rows_ == 1;
  const std::uint32_t headers = needs_.header ? 1 : 0;
  if (!needs_.cut_columns) {
    if (all_cols_ > 0xffff) return false;
    piece_ = static_cast<std::uint32_t>(all_cols_);
  } else {
    // A single row is cut as large as fits; with more rows a tile has several of them.
    const std::uint64_t needed = ceil_div64(all_cols_, spec::kWordElements);
    std::uint64_t most = kPieceWords;
    if (one_row) {
      const std::uint32_t columns = turns * needs_.buffers * (1 + headers) + needs_.columns;
      const std::uint32_t fit = (words - turns * needs_.vectors) / columns;
      const std::uint64_t busy =
          std::max<std::uint64_t>(ceil_div64(needed, kOverlapTiles), kBusyWords);
      most = std::min({busy, std::uint64_t{fit}, std::uint64_t{kMostWords}});
    }
    piece_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(all_cols_, most * spec::kWordElements));
  }
  pitch_ = words_of(piece_);
  turns_ = turns;
  const std::uint64_t kept = std::uint64_t{needs_.columns} * pitch_;
  if (kept >= words) return false;
  columns_word_ = words - static_cast<std::uint32_t>(kept);
  turn_words_ = columns_word_ / turns;
  const auto fits = [&](std::uint64_t rows) {
    return needs_.buffers * (rows + headers) * pitch_ +
               needs_.vectors * ceil_div64(rows, spec::kWordElements) <=
           turn_words_;
  };
  if (!fits(1)) return false;
  const std::uint64_t busy =
      std::max<std::uint64_t>(ceil_div64(all_rows_, kOverlapTiles), ceil_div64(kBusyWords, pitch_));
  std::uint64_t rows = std::min({all_rows_, busy, std::uint64_t{spec::kMaxRow - headers}});
  while (!fits(rows)) --rows;
  group_ = static_cast<std::uint32_t>(rows);
  groups_ = static_cast<std::uint32_t>(ceil_div64(all_rows_, rows));
  pieces_ = static_cast<std::uint32_t>(ceil_div64(all_cols_, piece_));
  buffer_words_ = (turn_words_ - needs_.vectors * words_of(group_)) / needs_.buffers;
  return true;
}

std::optional<Grid> Grid::make(const spec::Config& config, std::uint64_t rows, std::uint64_t cols,
                               const Needs& needs) {
  Grid grid;
  grid.needs_ = needs;
  grid.all_rows_ = rows;
  grid.all_cols_ = cols;
  if (needs.buffers == 1 && needs.columns == 0 && grid.place(config, 4)) return grid;
  if (grid.place(config, 2)) return grid;
  if (!needs.header && grid.place(config, 1)) return grid;
  return std::nullopt;
}

std::uint32_t Grid::longest_row(const spec::Config& config, const Needs& needs) {
  std::uint32_t fits = 0;
  std::uint32_t too_long = 0x10000;
  while (too_long - fits > 1) {
    const std::uint32_t middle = (fits + too_long) / 2;
    (make(config, 1, middle, needs) ? fits : too_long) = middle;
  }
  return fits;
}

std::uint64_t Grid::first_row(std::uint32_t t) const {
  return std::uint64_t{t % groups_} * group_;
}

std::uint64_t Grid::first_col(std::uint32_t t) const {
  return std::uint64_t{t / groups_} * piece_;
}

std::uint32_t Grid::rows(std::uint32_t t) const {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(group_, all_rows_ - first_row(t)));
}

std::uint32_t Grid::cols(std::uint32_t t) const {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(piece_, all_cols_ - first_col(t)));
}

std::uint32_t Grid::buffer_word(std::uint32_t turn, std::uint32_t number) const {
  return turn * turn_words_ + number * buffer_words_ + (needs_.header ? pitch_ : 0);
}

Tile Grid::buffer(std::uint32_t t, std::uint32_t number) const {
  WEFT_CHECK(number < needs_.buffers);
  return {
      .word = buffer_word(t % turns_, number), .rows = rows(t), .cols = cols(t), .pitch = pitch_};
}

Tile Grid::next_buffer(std::uint32_t t, std::uint32_t number) const {
  Tile tile = buffer(t, number);
  tile.word = buffer_word((t + 1) % turns_, number);
  return tile;
}

Tile Grid::vector(std::uint32_t t, std::uint32_t number) const {
  WEFT_CHECK(number < needs_.vectors);
  const std::uint32_t words = words_of(group_);
  const std::uint32_t end = (t % turns_ + 1) * turn_words_;
  return {.word = end - (number + 1) * words, .rows = 1, .cols = rows(t), .pitch = words};
}

Tile Grid::column(std::uint32_t t, std::uint32_t number) const {
  WEFT_CHECK(number < needs_.columns);
  return {.word = columns_word_ + number * pitch_, .rows = 1, .cols = cols(t), .pitch = pitch_};
}

}  // namespace weft::kernels
