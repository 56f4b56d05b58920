// SPDX-License-Identifier: Apache-2.0
// Random operands; see random_data.h.
#include "tests/conformance/random_data.h"

#include <algorithm>
#include <array>

#include "runtime/program/footprint.h"

namespace weft::test {
namespace {

void append(std::vector<std::byte>& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// Exponents near 127; seldom the ends of the range.
std::uint64_t random_scale(Dice& dice) {
  if (dice.one_in(300)) return dice.one_in(2) ? dice.between(0, 1) : dice.between(254, 255);
  return dice.between(118, 134);
}

std::vector<std::byte> random_panels(Dice& dice, std::size_t rows, std::size_t k) {
  std::vector<std::byte> bytes;
  const auto chunks = (k + spec::kCellColumns - 1) / spec::kCellColumns;
  for (std::size_t row = 0; row < rows; row += spec::kGroupRows) {
    const auto total = std::min<std::size_t>(rows - row, spec::kGroupRows) * chunks;
    for (std::size_t chunk = 0; chunk < total; ++chunk) {
      if (chunk % spec::kRunChunks == 0) {
        for (int i = 0; i < 64; ++i) append(bytes, random_scale(dice), 1);
      }
      for (int i = 0; i < 64; ++i) append(bytes, dice.bits(), 1);
    }
  }
  return bytes;
}

}  // namespace

std::uint32_t random_fp32(Dice& dice) {
  constexpr std::array<std::uint32_t, 10> special{0x00000000, 0x80000000, 0x00000001, 0x807fffff,
                                                  0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000,
                                                  0x7fc00000, 0xffa12345};
  const auto bits = static_cast<std::uint32_t>(dice.bits());
  if (dice.one_in(400)) return special[dice.between(0, special.size() - 1)];
  if (dice.one_in(8)) return bits & 0x80000000u;
  const auto exponent = dice.one_in(50) ? dice.between(1, 254) : dice.between(117, 130);
  return (bits & 0x807fffffu) | static_cast<std::uint32_t>(exponent << 23);
}

std::vector<std::byte> random_bytes(Dice& dice, std::size_t count) {
  std::vector<std::byte> bytes;
  while (bytes.size() < count) append(bytes, dice.bits(), 1);
  return bytes;
}

std::vector<std::byte> random_matrix(Dice& dice, spec::LoadFormat format, std::size_t rows,
                                     std::size_t cols, std::size_t stride) {
  if (format == spec::LoadFormat::kMxint8) return random_panels(dice, rows, cols);
  const auto size = element_bytes(format);
  std::vector<std::byte> bytes;
  for (std::size_t row = 0; row < rows; ++row) {
    bytes.resize(row * stride);  // cuts off what a later row covers again, when the stride is short
    for (std::size_t col = 0; col < cols; ++col) {
      const auto bits = format == spec::LoadFormat::kInt8 ? dice.bits() : random_fp32(dice);
      append(bytes, format == spec::LoadFormat::kBf16 ? bits >> 16 : bits, size);
    }
    const auto gap = stride > cols * size ? stride - cols * size : 0;
    for (std::size_t i = 0; i < gap; ++i) append(bytes, dice.bits(), 1);
  }
  return bytes;
}

}  // namespace weft::test
