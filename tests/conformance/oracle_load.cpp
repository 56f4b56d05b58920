// SPDX-License-Identifier: Apache-2.0
// Load in the oracle: one element of the operand after the other, each finding its own place in the
// source.
#include <algorithm>
#include <array>
#include <cstring>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/block_exponent_stochastic.h"
#include "hls/functions/quantise.h"
#include "hls/functions/quantise_stochastic.h"
#include "hls/functions/random16.h"
#include "tests/conformance/oracle.h"
#include "tests/conformance/oracle_layout.h"

namespace weft::test {
namespace {

template <class T>
T get(const std::vector<std::byte>& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Of the first element of row r, counted through all groups: where it is in memory, and what its
// logical index comes from.
std::uint64_t row_offset(const spec::Load& load, std::uint64_t r) {
  return load.offset + r / load.rows * load.group_stride + r % load.rows * load.row_stride;
}

std::size_t rows_of(const spec::Load& load) {
  return load.rows * (std::size_t{load.extra_groups} + 1);
}

// A block of a row: contraction indices first..first + 31.
struct Block {
  std::array<std::int8_t, kBlock> mantissas{};
  std::uint8_t scale = 0;
};

Block copied(const spec::Load& load, const std::vector<std::byte>& from, std::size_t r,
             std::size_t first) {
  Block block;
  for (std::size_t k = first; k < std::min<std::size_t>(first + kBlock, load.cols); ++k) {
    block.mantissas[k - first] = get<std::int8_t>(from, row_offset(load, r) + k);
  }
  return block;
}

// From the packed layout: panels of 16 rows, in them runs of 32 chunks of 64 mantissas behind one
// header of 64 scales.
Block unpacked(const spec::Load& load, const std::vector<std::byte>& from, std::size_t r,
               std::size_t first) {
  const std::size_t chunks = (load.cols + kColumns - 1) / kColumns;
  const std::size_t whole = kRows * chunks;
  const std::size_t panel = load.offset + r / kRows * (whole + (whole + 31) / 32) * 64;
  const std::size_t chunk = r % kRows * chunks + first / kColumns;
  const std::size_t header = panel + chunk / 32 * 33 * 64;
  Block block;
  block.scale = get<std::uint8_t>(from, header + 2 * (chunk % 32) + first % kColumns / kBlock);
  for (std::size_t k = first; k < std::min<std::size_t>(first + kBlock, load.cols); ++k) {
    block.mantissas[k - first] =
        get<std::int8_t>(from, header + 64 + chunk % 32 * 64 + k % kColumns);
  }
  return block;
}

}  // namespace

std::uint32_t Oracle::element(const spec::Load& load, const std::vector<std::byte>& from,
                              std::size_t r, std::size_t c) const {
  if (load.source == spec::Source::kV) return v_[(load.src + r * load.src_pitch) * kWord + c];
  const bool gathered = load.source == spec::Source::kGather;
  const std::size_t row =
      gathered ? load.offset + std::size_t{v_[load.src * kWord + r]} * load.row_stride
               : row_offset(load, r);
  if (load.format == spec::LoadFormat::kFp32) return get<std::uint32_t>(from, row + 4 * c);
  return hls::bf16_to_fp32(get<std::uint16_t>(from, row + 2 * c));
}

void Oracle::load(const spec::Load& load, const std::vector<std::byte>& from,
                  const Scalars& scalars) {
  if (load.target == spec::Target::kA) return load_operand(load, from, scalars, a_);
  if (load.target == spec::Target::kB) return load_operand(load, from, scalars, b_);
  for (std::size_t r = 0; r < rows_of(load); ++r) {
    for (std::size_t c = 0; c < load.cols; ++c) {
      v_[(load.dst + r * load.dst_pitch) * kWord + c] = element(load, from, r, c);
    }
  }
}

void Oracle::load_operand(const spec::Load& load, const std::vector<std::byte>& from,
                          const Scalars& scalars, Pad& pad) {
  const bool transposed = load.transpose == spec::Transpose::kYes;
  const bool stochastic = load.rounding == spec::Rounding::kStochastic;
  const std::size_t rows = transposed ? load.cols : rows_of(load);
  const std::size_t contraction = transposed ? rows_of(load) : load.cols;
  const std::uint32_t seed = load.seed_scalar == 0 ? load.seed : scalars.at(load.seed_scalar - 1u);
  const std::uint64_t size = load.format == spec::LoadFormat::kBf16 ? 2 : 4;

  const auto quantised = [&](std::size_t row, std::size_t first) {
    const auto at = [&](std::size_t k) {
      return transposed ? element(load, from, k, row) : element(load, from, row, k);
    };
    const auto draw = [&](std::size_t k) {
      const std::uint64_t r = transposed ? k : row;
      const std::uint64_t c = transposed ? row : k;
      const std::uint64_t index = row_offset(load, r) / size + c;
      return hls::random16(seed, load.tensor, static_cast<std::uint32_t>(index));
    };
    const std::size_t end = std::min(first + kBlock, contraction);
    std::uint32_t largest = 0;
    for (std::size_t k = first; k < end; ++k) largest = std::max(largest, at(k) & 0x7fffffffu);
    Block block;
    block.scale =
        stochastic ? hls::block_exponent_stochastic(largest) : hls::block_exponent(largest);
    for (std::size_t k = first; k < end; ++k) {
      block.mantissas[k - first] = stochastic
                                       ? hls::quantise_stochastic(at(k), block.scale, draw(k))
                                       : hls::quantise(at(k), block.scale);
    }
    return block;
  };

  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t first = 0; first < contraction; first += kBlock) {
      const bool int8 = load.format == spec::LoadFormat::kInt8;
      const Block block = int8 ? copied(load, from, row, first)
                          : load.format == spec::LoadFormat::kMxint8
                              ? unpacked(load, from, row, first)
                              : quantised(row, first);
      const std::size_t cell = load.dst + row / kRows * load.dst_pitch + first / kColumns;
      const std::size_t line = cell * kRows + row % kRows;
      for (std::size_t i = 0; i < kBlock; ++i) {
        pad.mantissas[line * kColumns + first % kColumns + i] = block.mantissas[i];
      }
      if (!int8) pad.scales[line * (kColumns / kBlock) + first % kColumns / kBlock] = block.scale;
    }
  }
}

}  // namespace weft::test
