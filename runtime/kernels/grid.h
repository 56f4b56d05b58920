// SPDX-License-Identifier: Apache-2.0
// How a rows x cols tensor is cut into tiles, and where in V each of them is worked on.
//
// A tile is a group of rows, of all columns or of a piece of them; pieces of columns come one after
// another, and of each its groups of rows in ascending order. Tiles take turns in equal places of V
// (two or four, so that load, vector and store work on different ones; one where a row needs it).
//
//   | turn 0: buffer 0, 1 ..., vectors | turn 1: ... |     | kept columns |
//   0                                                                     end of V
//
// Buffers of a turn lie as far apart as the turn allows: two streams of one pass are then in
// different banks. Where tiles lie is a matter of speed alone, never of results.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/kernels/tile.h"
#include "weft/spec.h"

namespace weft::kernels {

// What a kernel needs to hold in V.
struct Needs {
  std::uint32_t buffers = 1;  // tiles, per turn
  std::uint32_t vectors = 0;  // vectors of one number per row, per turn
  std::uint32_t columns = 0;  // vectors of one number per column, kept from tile to tile
  bool header = false;        // a row in front of each buffer; wants two turns at least
  bool cut_columns = false;   // a tile need not have whole rows
};

class Grid {
 public:
  // Nothing if no tile of one row fits.
  static std::optional<Grid> make(const spec::Config& config, std::uint64_t rows,
                                  std::uint64_t cols, const Needs& needs);

  // The most columns a row can have, where columns are not cut.
  static std::uint32_t longest_row(const spec::Config& config, const Needs& needs);

  [[nodiscard]] std::uint64_t all_cols() const { return all_cols_; }
  [[nodiscard]] std::uint32_t tiles() const { return groups_ * pieces_; }

  [[nodiscard]] std::uint32_t turns() const { return turns_; }

  // The part of the tensor in tile t.
  [[nodiscard]] std::uint32_t group(std::uint32_t t) const { return t % groups_; }
  [[nodiscard]] std::uint32_t groups() const { return groups_; }
  [[nodiscard]] std::uint64_t first_row(std::uint32_t t) const;
  [[nodiscard]] std::uint64_t first_col(std::uint32_t t) const;
  [[nodiscard]] std::uint32_t rows(std::uint32_t t) const;
  [[nodiscard]] std::uint32_t cols(std::uint32_t t) const;

  // Places in V. Headers are in front of what buffer() returns.
  [[nodiscard]] Tile buffer(std::uint32_t t, std::uint32_t number) const;
  [[nodiscard]] Tile vector(std::uint32_t t, std::uint32_t number) const;  // 1 x rows(t)
  [[nodiscard]] Tile column(std::uint32_t t, std::uint32_t number) const;  // 1 x cols(t)
  // Buffer of the turn after that of tile t; only its header means something.
  [[nodiscard]] Tile next_buffer(std::uint32_t t, std::uint32_t number) const;

 private:
  Grid() = default;
  [[nodiscard]] bool place(const spec::Config& config, std::uint32_t turns);
  [[nodiscard]] std::uint32_t buffer_word(std::uint32_t turn, std::uint32_t number) const;

  Needs needs_;
  std::uint64_t all_rows_ = 0;
  std::uint64_t all_cols_ = 0;
  std::uint32_t piece_ = 0;  // columns of a tile
  std::uint32_t pitch_ = 0;  // words of a row of it
  std::uint32_t group_ = 0;  // rows of a tile
  std::uint32_t pieces_ = 0;
  std::uint32_t groups_ = 0;
  std::uint32_t turns_ = 0;
  std::uint32_t turn_words_ = 0;
  std::uint32_t buffer_words_ = 0;  // from a buffer of a turn to the next
  std::uint32_t columns_word_ = 0;
};

}  // namespace weft::kernels
