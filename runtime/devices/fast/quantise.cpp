// SPDX-License-Identifier: Apache-2.0
// Quantisation of the functional model, 16 blocks at a time: along the rows of a tile or along its
// columns.

#include "hls/functions/random16.h"
#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/quantise.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Int32 = hn::CappedTag<std::int32_t, spec::kGroupRows>;
using Fp32 = hn::RebindToFloat<Int32>;
using Int16 = hn::Rebind<std::int16_t, Int32>;
using Quad = hn::CappedTag<std::uint32_t, 4>;
using Vec = hn::Vec<Int32>;

constexpr std::size_t kLanes = hn::MaxLanes(Int32());
constexpr std::int32_t kNanScale = 255;

// The largest fractions whose magnitude, times 64, does not pass 127 after rounding to nearest
// even, or as it is.
constexpr std::int32_t kNearestLimit = 0x7effff;
constexpr std::int32_t kStochasticLimit = 0x7e0000;

// block_exponent and block_exponent_stochastic, lane by lane.
Vec block_scale(Vec largest, bool stochastic) {
  const Int32 d;
  const Vec exponent = hn::ShiftRight<23>(largest);
  const Vec fraction = hn::And(largest, hn::Set(d, 0x7fffff));
  const auto limit = hn::Set(d, stochastic ? kStochasticLimit : kNearestLimit);
  const Vec step = hn::IfThenElseZero(hn::Gt(fraction, limit), hn::Set(d, 1));
  const Vec scale = hn::Max(hn::Sub(hn::Add(exponent, step), hn::Set(d, 6)), hn::Set(d, 1));
  const auto special = hn::Eq(exponent, hn::Set(d, 255));
  return hn::IfThenElse(special, hn::Set(d, kNanScale), scale);
}

// 2^(127 - scale), exact, for scale is 1 to 249; anything under scale 255.
Vec inverse_scale(Vec scale) {
  const Int32 d;
  return hn::ShiftLeft<23>(hn::Sub(hn::Set(d, 254), scale));
}

// The mantissas of numbers under scales that fit them.
Vec nearest(Vec x, Vec scale, Vec inverse) {
  const Int32 d;
  const Fp32 df;
  const auto scaled = hn::Mul(hn::BitCast(df, x), hn::BitCast(df, inverse));
  const auto special = hn::Eq(scale, hn::Set(d, kNanScale));
  return hn::IfThenZeroElse(special, hn::NearestInt(scaled));
}

// The magnitude is cut to units of 2^-16, all of which fit an FP32, before the draw is added.
Vec stochastic(Vec x, Vec scale, Vec inverse, Vec draw) {
  const Int32 d;
  const Fp32 df;
  const auto magnitude = hn::BitCast(df, hn::And(x, hn::Set(d, 0x7fffffff)));
  const auto scaled = hn::Mul(hn::Mul(magnitude, hn::BitCast(df, inverse)), hn::Set(df, 65536.0f));
  const auto special = hn::Eq(scale, hn::Set(d, kNanScale));
  const Vec fixed =
      hn::ConvertTo(d, hn::BitCast(df, hn::IfThenZeroElse(special, hn::BitCast(d, scaled))));
  const Vec whole = hn::ShiftRight<16>(hn::Add(fixed, draw));
  const Vec sign = hn::ShiftRight<31>(x);
  const Vec mantissa = hn::Sub(hn::Xor(whole, sign), sign);
  return hn::IfThenZeroElse(special, mantissa);
}

template <std::size_t kCount>
void draw_row(const Draws& draws, std::uint32_t index, std::int32_t (&to)[kCount]) {
  for (std::size_t i = 0; i < kCount; ++i) {
    to[i] = hls::random16(draws.seed, draws.tensor, index + static_cast<std::uint32_t>(i));
  }
}

void QuantiseRows(const RowTile& numbers, std::size_t rows, const Draws* draws,
                  RowMantissas& mantissas, TileScales& scales) {
  const Int32 d;
  const Int16 d16;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto* from = reinterpret_cast<const std::int32_t*>(numbers[row].data());
    auto most = hn::Zero(d);  // magnitudes compare as integers
    for (std::size_t k = 0; k < spec::kBlock; k += kLanes) {
      most = hn::Max(most, hn::And(hn::LoadU(d, from + k), hn::Set(d, 0x7fffffff)));
    }
    const Vec scale = block_scale(hn::MaxOfLanes(d, most), draws != nullptr);
    const Vec inverse = inverse_scale(scale);
    HWY_ALIGN std::int32_t random[spec::kBlock];
    if (draws != nullptr) {
      draw_row(*draws, draws->first[row], random);
    }
    auto* to = reinterpret_cast<std::int16_t*>(mantissas.pairs[row].data());
    for (std::size_t k = 0; k < spec::kBlock; k += kLanes) {
      const Vec x = hn::LoadU(d, from + k);
      const Vec mantissa = draws == nullptr
                               ? nearest(x, scale, inverse)
                               : stochastic(x, scale, inverse, hn::Load(d, random + k));
      hn::StoreU(hn::DemoteTo(d16, mantissa), d16, to + k);
    }
    scales[row] = static_cast<std::uint8_t>(hn::GetLane(scale));
  }
}

// Four rows of four at a time.
void TransposePairs(const PairTile& from, PairTile& to) {
  const Quad d;
  for (std::size_t row = 0; row < spec::kGroupRows; row += 4) {
    for (std::size_t pair = 0; pair < kBlockPairs; pair += 4) {
      const auto line = [&](std::size_t i) { return hn::LoadU(d, &from[row + i][pair]); };
      const auto low02 = hn::InterleaveLower(d, line(0), line(2));
      const auto low13 = hn::InterleaveLower(d, line(1), line(3));
      const auto high02 = hn::InterleaveUpper(d, line(0), line(2));
      const auto high13 = hn::InterleaveUpper(d, line(1), line(3));
      hn::StoreU(hn::InterleaveLower(d, low02, low13), d, &to[pair][row]);
      hn::StoreU(hn::InterleaveUpper(d, low02, low13), d, &to[pair + 1][row]);
      hn::StoreU(hn::InterleaveLower(d, high02, high13), d, &to[pair + 2][row]);
      hn::StoreU(hn::InterleaveUpper(d, high02, high13), d, &to[pair + 3][row]);
    }
  }
}

Vec load_row(const ColumnTile& numbers, std::size_t k, std::size_t row) {
  return hn::LoadU(Int32(), reinterpret_cast<const std::int32_t*>(&numbers[k][row]));
}

void QuantiseColumns(const ColumnTile& numbers, const Draws* draws, PairMantissas& mantissas,
                     TileScales& scales) {
  const Int32 d;
  HWY_ALIGN std::int32_t scale_lanes[spec::kGroupRows];
  for (std::size_t row = 0; row < spec::kGroupRows; row += kLanes) {
    auto most = hn::Zero(d);
    for (std::size_t k = 0; k < spec::kBlock; ++k) {
      most = hn::Max(most, hn::And(load_row(numbers, k, row), hn::Set(d, 0x7fffffff)));
    }
    hn::Store(block_scale(most, draws != nullptr), d, scale_lanes + row);
  }
  HWY_ALIGN std::int32_t random[2][spec::kGroupRows];
  for (std::size_t pair = 0; pair < kBlockPairs; ++pair) {
    if (draws != nullptr) {
      draw_row(*draws, draws->first[2 * pair], random[0]);
      draw_row(*draws, draws->first[2 * pair + 1], random[1]);
    }
    for (std::size_t row = 0; row < spec::kGroupRows; row += kLanes) {
      const Vec scale = hn::Load(d, scale_lanes + row);
      const Vec inverse = inverse_scale(scale);
      const auto mantissa = [&](std::size_t half) {
        const Vec x = load_row(numbers, 2 * pair + half, row);
        return draws == nullptr ? nearest(x, scale, inverse)
                                : stochastic(x, scale, inverse, hn::Load(d, random[half] + row));
      };
      const Vec low = hn::And(mantissa(0), hn::Set(d, 0xffff));
      const Vec both = hn::Or(low, hn::ShiftLeft<16>(mantissa(1)));
      hn::StoreU(both, d, reinterpret_cast<std::int32_t*>(&mantissas.pairs[pair][row]));
    }
  }
  for (std::size_t row = 0; row < spec::kGroupRows; ++row) {
    scales[row] = static_cast<std::uint8_t>(scale_lanes[row]);
  }
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(QuantiseRows);
HWY_EXPORT(QuantiseColumns);
HWY_EXPORT(TransposePairs);

void quantise_rows(const RowTile& numbers, std::size_t rows, const Draws* draws,
                   RowMantissas& mantissas, TileScales& scales) {
  HWY_DYNAMIC_DISPATCH(QuantiseRows)(numbers, rows, draws, mantissas, scales);
}

void quantise_columns(const ColumnTile& numbers, const Draws* draws, PairMantissas& mantissas,
                      TileScales& scales) {
  HWY_DYNAMIC_DISPATCH(QuantiseColumns)(numbers, draws, mantissas, scales);
}

void transpose_pairs(const PairTile& from, PairTile& to) {
  HWY_DYNAMIC_DISPATCH(TransposePairs)(from, to);
}

}  // namespace weft::fast
#endif
