// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/write_digest.h"

#include "runtime/program/footprint.h"

namespace weft::fast {
namespace {

using core::DigestSpace;

// A unit of A or B (footprint.h): cell, block of the cell, row.
struct OperandUnit {
  explicit OperandUnit(std::uint64_t unit)
      : row(unit % spec::kGroupRows),
        block(unit / spec::kGroupRows % kBlocksPerCell),
        cell(unit / spec::kGroupRows / kBlocksPerCell) {}
  [[nodiscard]] std::uint64_t line() const { return cell * spec::kGroupRows + row; }

  std::size_t row;
  std::size_t block;
  std::size_t cell;
};

template <class Pad>
void add_mantissas(core::Digest& digest, DigestSpace space, const Pad& pad, std::uint64_t number) {
  const OperandUnit unit(number);
  for (std::size_t k = 0; k < spec::kBlock; ++k) {
    const std::uint64_t address = unit.line() * spec::kCellColumns + unit.block * spec::kBlock + k;
    digest_byte(digest, space, address,
                static_cast<std::uint8_t>(pad.mantissa(unit.cell, unit.block, unit.row, k)));
  }
}

template <class Pad>
void add_scale(core::Digest& digest, DigestSpace space, const Pad& pad, std::uint64_t number) {
  const OperandUnit unit(number);
  digest_byte(digest, space, unit.line() * kBlocksPerCell + unit.block,
              scale_byte(pad.scales(unit.cell, unit.block)[unit.row]));
}

}  // namespace

core::Digest write_digest(const CommandBytes& command, std::span<const spec::Binding> bindings,
                          const Scratchpads& pads, std::span<const std::byte> arena) {
  core::Digest digest;
  const Footprint touched = footprint(command);
  for (const Region& region : touched.regions()) {
    if (!region.writes) continue;
    const auto add = [&](std::uint64_t unit) {
      switch (region.space) {
        case Space::kAMantissas:
          return add_mantissas(digest, DigestSpace::kA, pads.a, unit);
        case Space::kBMantissas:
          return add_mantissas(digest, DigestSpace::kB, pads.b, unit);
        case Space::kAScales:
          return add_scale(digest, DigestSpace::kAScales, pads.a, unit);
        case Space::kBScales:
          return add_scale(digest, DigestSpace::kBScales, pads.b, unit);
        case Space::kV:
          for (std::size_t i = 0; i < sizeof(std::uint32_t); ++i) {
            digest_byte(digest, DigestSpace::kV, unit * sizeof(std::uint32_t) + i,
                        static_cast<std::uint8_t>(pads.v[unit] >> (8 * i)));
          }
          return;
        case Space::kMemory: {
          const std::uint64_t address = bindings[region.binding].offset + unit;
          return digest_byte(digest, DigestSpace::kMemory, address,
                             std::to_integer<std::uint8_t>(arena[address]));
        }
      }
    };
    region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
      for (auto unit = begin; unit < end; ++unit) add(unit);
    });
  }
  return digest;
}

}  // namespace weft::fast
