// SPDX-License-Identifier: Apache-2.0
// Quantisation of the functional model: blocks along a row of memory, and tiles of 16 blocks whose
// contraction runs across the rows of memory.
#include <algorithm>
#include <cstring>

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
using Int8 = hn::Rebind<std::int8_t, Int32>;
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

std::uint8_t QuantiseBlock(const std::byte* bytes, const Draws* draws, std::int8_t* mantissas) {
  const auto* from = reinterpret_cast<const float*>(bytes);
  const Int32 d;
  const Fp32 df;
  const Int8 d8;
  auto most = hn::Zero(d);  // magnitudes compare as integers
  for (std::size_t i = 0; i < spec::kBlock; i += kLanes) {
    const auto bits = hn::BitCast(d, hn::LoadU(df, from + i));
    most = hn::Max(most, hn::And(bits, hn::Set(d, 0x7fffffff)));
  }
  const Vec largest = hn::Set(d, hn::GetLane(hn::MaxOfLanes(d, most)));
  const Vec scale = block_scale(largest, draws != nullptr);
  const Vec inverse = inverse_scale(scale);
  HWY_ALIGN std::int32_t random[spec::kBlock];
  if (draws != nullptr) draw_row(*draws, draws->first[0], random);
  for (std::size_t i = 0; i < spec::kBlock; i += kLanes) {
    const Vec x = hn::BitCast(d, hn::LoadU(df, from + i));
    const Vec mantissa = draws == nullptr ? nearest(x, scale, inverse)
                                          : stochastic(x, scale, inverse, hn::Load(d, random + i));
    hn::StoreU(hn::DemoteTo(d8, mantissa), d8, mantissas + i);
  }
  return static_cast<std::uint8_t>(hn::GetLane(scale));
}

Vec load_row(const Tile& numbers, std::size_t k, std::size_t row) {
  return hn::LoadU(Int32(), reinterpret_cast<const std::int32_t*>(&numbers[k][row]));
}

void QuantiseTile(const Tile& numbers, const Draws* draws, TileMantissas& mantissas,
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
  for (std::size_t pair = 0; pair < mantissas.size(); ++pair) {
    if (draws != nullptr) {
      const auto k = static_cast<std::uint32_t>(2 * pair);
      draw_row(*draws, draws->first[k], random[0]);
      draw_row(*draws, draws->first[k + 1], random[1]);
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
      hn::StoreU(both, d, reinterpret_cast<std::int32_t*>(&mantissas[pair][row]));
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

HWY_EXPORT(QuantiseBlock);
HWY_EXPORT(QuantiseTile);

std::uint8_t quantise_block(const std::byte* from, const Draws* draws, std::int8_t* mantissas) {
  return HWY_DYNAMIC_DISPATCH(QuantiseBlock)(from, draws, mantissas);
}

void quantise_tile(const Tile& numbers, const Draws* draws, TileMantissas& mantissas,
                   TileScales& scales) {
  HWY_DYNAMIC_DISPATCH(QuantiseTile)(numbers, draws, mantissas, scales);
}

}  // namespace weft::fast
#endif
