// SPDX-License-Identifier: Apache-2.0
// Matmul of the functional model. A tile of up to 8 rows and 2 groups of 16 columns keeps its
// integer sums in registers for one block of 32, then makes one multiply-add per element and block,
// in ascending k, as the array does.
#include <algorithm>
#include <cstring>

#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/matmul.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Int32 = hn::CappedTag<std::int32_t, spec::kGroupRows>;
using Int16 = hn::Repartition<std::int16_t, Int32>;
using Fp32 = hn::Rebind<float, Int32>;
using VecInt32 = hn::Vec<Int32>;

constexpr std::size_t kLanes = hn::MaxLanes(Int32());
constexpr std::size_t kVectors = spec::kGroupRows / kLanes;  // per group of 16 columns
constexpr std::size_t kMaxRows = 8;
// Integer sums of a tile must fit the registers: 32 of 512 bits, 16 of less.
constexpr std::size_t kMaxGroups = kVectors == 1 ? 2 : 1;
constexpr std::size_t kTileRows = kVectors == 1 ? 8 : 4;

struct Tile {
  const spec::Matmul* command;
  const APad* a;
  const BPad* b;
  std::uint32_t* v;
  std::size_t row;    // first row of the result
  std::size_t group;  // first group of 16 columns
};

// Of vector i of a group's 16 columns, the lanes that belong to the result.
auto columns_of(const Tile& tile, std::size_t group, std::size_t i) {
  const std::size_t before = (tile.group + group) * spec::kGroupRows + i * kLanes;
  const std::size_t left = tile.command->n > before ? tile.command->n - before : 0;
  return hn::FirstN(Int32(), std::min(left, kLanes));
}

// The accumulators of a tile start from V or zero.
template <std::size_t kRows, std::size_t kGroups>
void preload(const Tile& tile, std::uint32_t (&sums)[kMaxRows][kMaxGroups][spec::kGroupRows]) {
  const Int32 d;
  const spec::Matmul& command = *tile.command;
  for (std::size_t g = 0; g < kGroups; ++g) {
    for (std::size_t i = 0; i < kVectors; ++i) {
      const auto valid = columns_of(tile, g, i);
      for (std::size_t r = 0; r < kRows; ++r) {
        const std::uint32_t* from =
            tile.v + (command.initial + (tile.row + r) * command.initial_pitch + tile.group + g) *
                         spec::kWordElements;
        const auto sum =
            command.preload == spec::Preload::kZero
                ? hn::Zero(d)
                : hn::MaskedLoad(valid, d,
                                 reinterpret_cast<const std::int32_t*>(from) + i * kLanes);
        hn::Store(sum, d, reinterpret_cast<std::int32_t*>(&sums[r][g][i * kLanes]));
      }
    }
  }
}

template <std::size_t kRows, std::size_t kGroups, bool kFp>
void multiply_tile(const Tile& tile) {
  const Int32 di;
  const Int16 dh;
  const Fp32 df;
  const spec::Matmul& command = *tile.command;
  HWY_ALIGN std::uint32_t sums[kMaxRows][kMaxGroups][spec::kGroupRows];
  preload<kRows, kGroups>(tile, sums);
  std::int16_t tail[kMaxRows * spec::kBlock];

  const std::size_t first_row = tile.row % spec::kGroupRows;
  const std::size_t a_base = command.a + tile.row / spec::kGroupRows * command.a_pitch;
  const std::size_t blocks = (command.k + spec::kBlock - 1) / spec::kBlock;
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t chunk = block / kBlocksPerCell;
    const std::size_t part = block % kBlocksPerCell;
    const std::int16_t* a = tile.a->block(a_base + chunk, part) + first_row * spec::kBlock;
    const std::size_t count = std::min<std::size_t>(spec::kBlock, command.k - block * spec::kBlock);
    const std::size_t pairs = (count + 1) / 2;
    if (count % 2 != 0) {
      // Of the last pair only the first counts; without the other in A, B's does not matter.
      for (std::size_t r = 0; r < kRows; ++r) {
        std::memcpy(tail + r * spec::kBlock, a + r * spec::kBlock, spec::kBlock * sizeof *tail);
        tail[r * spec::kBlock + count] = 0;
      }
      a = tail;
    }
    const std::int16_t* b[kGroups];
    for (std::size_t g = 0; g < kGroups; ++g) {
      b[g] = tile.b->block(command.b + (tile.group + g) * command.b_pitch + chunk, part);
    }

    VecInt32 dot[kRows][kGroups][kVectors];
    for (auto& row : dot) {
      for (auto& group : row) {
        for (VecInt32& each : group) each = hn::Zero(di);
      }
    }
    VecInt32 unused = hn::Zero(di);
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      hn::Vec<Int16> right[kGroups][kVectors];
      for (std::size_t g = 0; g < kGroups; ++g) {
        for (std::size_t i = 0; i < kVectors; ++i) {
          right[g][i] = hn::LoadU(dh, b[g] + (pair * spec::kGroupRows + i * kLanes) * 2);
        }
      }
      for (std::size_t r = 0; r < kRows; ++r) {
        std::int32_t both;
        std::memcpy(&both, a + r * spec::kBlock + pair * 2, sizeof both);
        const auto left = hn::BitCast(dh, hn::Set(di, both));
        for (std::size_t g = 0; g < kGroups; ++g) {
          for (std::size_t i = 0; i < kVectors; ++i) {
            dot[r][g][i] =
                hn::ReorderWidenMulAccumulate(di, left, right[g][i], dot[r][g][i], unused);
          }
        }
      }
    }

    const float* a_scales = tile.a->scales(a_base + chunk, part) + first_row;
    for (std::size_t g = 0; g < kGroups; ++g) {
      const float* b_scales =
          tile.b->scales(command.b + (tile.group + g) * command.b_pitch + chunk, part);
      for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t i = 0; i < kVectors; ++i) {
          std::uint32_t* sum = &sums[r][g][i * kLanes];
          if constexpr (kFp) {
            auto* number = reinterpret_cast<float*>(sum);
            const auto scale =
                hn::Mul(hn::Set(df, a_scales[r]), hn::LoadU(df, b_scales + i * kLanes));
            hn::Store(hn::MulAdd(hn::ConvertTo(df, dot[r][g][i]), scale, hn::Load(df, number)), df,
                      number);
          } else {
            auto* number = reinterpret_cast<std::int32_t*>(sum);
            hn::Store(hn::Add(dot[r][g][i], hn::Load(di, number)), di, number);
          }
        }
      }
    }
  }

  const auto nan = hn::BitCast(df, hn::Set(di, static_cast<std::int32_t>(kNan)));
  for (std::size_t g = 0; g < kGroups; ++g) {
    for (std::size_t i = 0; i < kVectors; ++i) {
      const auto valid = columns_of(tile, g, i);
      for (std::size_t r = 0; r < kRows; ++r) {
        std::uint32_t* to =
            tile.v + (command.dst + (tile.row + r) * command.dst_pitch + tile.group + g) *
                         spec::kWordElements;
        auto value = hn::Load(di, reinterpret_cast<const std::int32_t*>(&sums[r][g][i * kLanes]));
        if constexpr (kFp) {
          // A NaN stays one to the end, so it is enough to make it the card's here.
          const auto number = hn::BitCast(df, value);
          value = hn::BitCast(di, hn::IfThenElse(hn::IsNaN(number), nan, number));
        }
        hn::BlendedStore(value, valid, di, reinterpret_cast<std::int32_t*>(to) + i * kLanes);
      }
    }
  }
}

template <std::size_t kGroups, bool kFp>
void multiply_groups(Tile tile) {
  const std::size_t m = tile.command->m;
  tile.row = 0;
  for (; tile.row + kTileRows <= m; tile.row += kTileRows) {
    multiply_tile<kTileRows, kGroups, kFp>(tile);
  }
  // kTileRows is even, so what is left in a group of 16 rows stays inside it.
  for (; tile.row + 4 <= m; tile.row += 4) multiply_tile<4, kGroups, kFp>(tile);
  for (; tile.row + 2 <= m; tile.row += 2) multiply_tile<2, kGroups, kFp>(tile);
  for (; tile.row < m; ++tile.row) multiply_tile<1, kGroups, kFp>(tile);
}

template <bool kFp>
void multiply(Tile tile) {
  const std::size_t groups = (tile.command->n + spec::kGroupRows - 1) / spec::kGroupRows;
  for (tile.group = 0; tile.group + kMaxGroups <= groups; tile.group += kMaxGroups) {
    multiply_groups<kMaxGroups, kFp>(tile);
  }
  for (; tile.group < groups; ++tile.group) multiply_groups<1, kFp>(tile);
}

void Matmul(const spec::Matmul& command, const APad& a, const BPad& b, std::uint32_t* v) {
  const Tile all{.command = &command, .a = &a, .b = &b, .v = v, .row = 0, .group = 0};
  if (command.arithmetic == spec::Arithmetic::kMxint8) {
    multiply<true>(all);
  } else {
    multiply<false>(all);
  }
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(Matmul);

void matmul(const spec::Matmul& command, const APad& a, const BPad& b, std::uint32_t* v) {
  HWY_DYNAMIC_DISPATCH(Matmul)(command, a, b, v);
}

bool simd_supported() {
  // Of the vector units of x86 these have the fused multiply-add.
  return (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3 | HWY_AVX3_DL)) != 0;
}

}  // namespace weft::fast
#endif
