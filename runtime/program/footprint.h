// SPDX-License-Identifier: Apache-2.0
// runtime/program/footprint.h: which storage a command reads and writes, exactly.
//
// Storage is counted in units: bytes of a binding; 4-byte elements of V; in A and B one unit is a
// block of 32 of one row, in the order cell, block of the cell, row. Mantissas and scales are
// separate spaces because a load or matmul may touch the ones without the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/program/image.h"
#include "weft/spec.h"

namespace weft {

enum class Space : std::uint8_t { kAMantissas, kAScales, kBMantissas, kBScales, kV, kMemory };
inline constexpr std::size_t kNumSpaces = 6;

// Units base + g * group_pitch + i * pitch + j for g < groups, i < count, j < width. Rows of a
// group are disjoint: count = 1 or pitch > width. Only memory has more than one group.
struct Box {
  std::uint64_t base = 0;
  std::uint64_t count = 1;
  std::uint64_t pitch = 0;
  std::uint64_t width = 0;
  std::uint64_t groups = 1;
  std::uint64_t group_pitch = 0;

  [[nodiscard]] std::uint64_t end() const {
    return base + (groups - 1) * group_pitch + (count - 1) * pitch + width;
  }

  // Calls visit(first unit, one past the last) for each row; those of different groups may come in
  // any order and overlap.
  template <class Visit>
  void each_row(Visit visit) const {
    for (std::uint64_t group = 0; group < groups; ++group) {
      for (std::uint64_t row = 0; row < count; ++row) {
        const auto begin = base + group * group_pitch + row * pitch;
        visit(begin, begin + width);
      }
    }
  }
};

// The same set of units with rows joined where they touch, overlap or repeat.
[[nodiscard]] Box make_box(std::uint64_t base, std::uint64_t count, std::uint64_t pitch,
                           std::uint64_t width);

// The units of `groups` boxes of one group, `pitch` from one to the next. If rows overlap, these
// are rows of different groups of the result.
[[nodiscard]] Box repeat(const Box& group, std::uint64_t groups, std::uint64_t pitch);

[[nodiscard]] bool overlap(const Box& x, const Box& y);

struct Region {
  Space space = Space::kMemory;
  bool writes = false;
  std::uint8_t binding = 0;  // of memory
  Box box;
  bool in_place = false;  // a read of V with start and pitch of the command's matrix result
  bool apart = false;     // a write that may overlap nothing else the command touches
};

class Footprint {
 public:
  void add(const Region& region) { regions_[size_++] = region; }
  [[nodiscard]] std::span<const Region> regions() const { return {regions_.data(), size_}; }

 private:
  // matmul: two boxes each of A's and B's mantissas and scales, preload, result.
  std::array<Region, 10> regions_{};
  std::size_t size_ = 0;
};

// For a command whose opcode and fields are valid (check_command finds no bad_field).
[[nodiscard]] Footprint footprint(const CommandBytes& command);

// Whether groups of the store overlap in memory.
[[nodiscard]] bool groups_overlap(const spec::Store& store);

// Units a scratchpad has.
[[nodiscard]] std::uint64_t capacity(Space space, const spec::Config& config);

// "V word 12 element 3", "A mantissas of cell 2 row 5 block 1", "byte 64 of binding 'x'".
[[nodiscard]] std::string describe(const Region& region, std::uint64_t unit,
                                   const ProgramImage& image);

// Bytes of an element in memory; packed MXINT8, whose scales lie apart, counts its mantissa.
[[nodiscard]] std::uint64_t element_bytes(spec::LoadFormat format);
[[nodiscard]] std::uint64_t element_bytes(spec::StoreFormat format);

// Bytes of `rows` rows of `k` elements in the packed MXINT8 layout.
[[nodiscard]] std::uint64_t panel_bytes(std::uint64_t rows, std::uint64_t k);

}  // namespace weft
