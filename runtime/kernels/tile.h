// SPDX-License-Identifier: Apache-2.0
// A matrix of 32-bit elements in V.
#pragma once

#include <cstdint>

#include "weft/spec.h"

namespace weft::kernels {

constexpr std::uint32_t words_of(std::uint32_t elements) {
  return (elements + spec::kWordElements - 1) / spec::kWordElements;
}

struct Tile {
  std::uint32_t word = 0;
  std::uint32_t rows = 1;
  std::uint32_t cols = 0;
  std::uint32_t pitch = 0;  // words from a row to the next; 0: the same row again and again

  // With the row of words in front of it.
  [[nodiscard]] Tile with_header() const { return {word - pitch, rows + 1, cols, pitch}; }
  [[nodiscard]] Tile header() const { return {word - pitch, 1, cols, pitch}; }

  // Of one row, its first elements.
  [[nodiscard]] Tile first(std::uint32_t elements) const { return {word, 1, elements, pitch}; }

  // One row, `times` times.
  [[nodiscard]] Tile repeated(std::uint32_t times) const { return {word, times, cols, 0}; }
};

}  // namespace weft::kernels
