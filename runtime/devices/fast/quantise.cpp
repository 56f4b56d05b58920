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

// What the blocks of a tile are scaled by, one per lane. Blocks with a NaN or an infinity have
// mantissas of zero: all bits of their numbers and of their inverse are masked out.
struct LaneScales {
  HWY_ALIGN std::int32_t scale[spec::kGroupRows];
  HWY_ALIGN std::int32_t inverse[spec::kGroupRows];
  HWY_ALIGN std::int32_t mask[spec::kGroupRows];
};

// `largest`: magnitudes of the largest number of each block.
void scale_lanes(const std::int32_t* largest, bool stochastic, LaneScales& lanes,
                 TileScales& scales) {
  const Int32 d;
  for (std::size_t i = 0; i < spec::kGroupRows; i += kLanes) {
    const Vec scale = block_scale(hn::Load(d, largest + i), stochastic);
    const Vec mask = hn::VecFromMask(d, hn::Ne(scale, hn::Set(d, kNanScale)));
    hn::Store(scale, d, lanes.scale + i);
    hn::Store(hn::And(inverse_scale(scale), mask), d, lanes.inverse + i);
    hn::Store(mask, d, lanes.mask + i);
  }
  for (std::size_t i = 0; i < spec::kGroupRows; ++i) {
    scales[i] = static_cast<std::uint8_t>(lanes.scale[i]);
  }
}

// The mantissas of numbers under scales that fit them.
Vec nearest(Vec x, Vec inverse) {
  const Fp32 df;
  return hn::NearestInt(hn::Mul(hn::BitCast(df, x), hn::BitCast(df, inverse)));
}

// The magnitude is cut to units of 2^-16, all of which fit an FP32, before the draw is added.
Vec stochastic(Vec x, Vec inverse, Vec draw) {
  const Int32 d;
  const Fp32 df;
  const auto magnitude = hn::BitCast(df, hn::And(x, hn::Set(d, 0x7fffffff)));
  const auto scaled = hn::Mul(hn::Mul(magnitude, hn::BitCast(df, inverse)), hn::Set(df, 65536.0f));
  const Vec whole = hn::ShiftRight<16>(hn::Add(hn::ConvertTo(d, scaled), draw));
  const Vec sign = hn::ShiftRight<31>(x);
  return hn::Sub(hn::Xor(whole, sign), sign);
}

// The draws of a vector of neighbours. The compiler makes a vector of the loop.
Vec draw(const Draws& draws, std::uint32_t index) {
  HWY_ALIGN std::int32_t random[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    random[i] = hls::random16(draws.seed, draws.tensor, index + static_cast<std::uint32_t>(i));
  }
  return hn::Load(Int32(), random);
}

// Numbers [i, i + lanes) of a row of `width`, zeros behind its end.
Vec load_part(const std::uint32_t* row, std::size_t i, std::size_t width) {
  const Int32 d;
  const auto valid = hn::FirstN(d, width > i ? width - i : 0);
  return hn::MaskedLoad(valid, d, reinterpret_cast<const std::int32_t*>(row) + i);
}

template <bool kStochastic>
Vec mantissas_of(Vec x, Vec inverse, [[maybe_unused]] const Draws* draws,
                 [[maybe_unused]] std::uint32_t index) {
  if constexpr (kStochastic) {
    return stochastic(x, inverse, draw(*draws, index));
  } else {
    return nearest(x, inverse);
  }
}

template <bool kStochastic>
void rows(const NumberRows& numbers, const Draws* draws, std::int16_t* mantissas,
          TileScales& scales) {
  const Int32 d;
  const Int16 d16;
  HWY_ALIGN std::int32_t largest[spec::kGroupRows] = {};
  for (std::size_t row = 0; row < numbers.count; ++row) {
    auto most = hn::Zero(d);  // magnitudes compare as integers
    for (std::size_t k = 0; k < numbers.width; k += kLanes) {
      const Vec x = load_part(numbers.starts[row], k, numbers.width);
      most = hn::Max(most, hn::And(x, hn::Set(d, 0x7fffffff)));
    }
    largest[row] = hn::GetLane(hn::MaxOfLanes(d, most));
  }
  LaneScales lanes;
  scale_lanes(largest, kStochastic, lanes, scales);
  for (std::size_t row = 0; row < numbers.count; ++row) {
    std::int16_t* to = mantissas + row * spec::kBlock;
    const Vec inverse = hn::Set(d, lanes.inverse[row]);
    const Vec mask = hn::Set(d, lanes.mask[row]);
    for (std::size_t k = 0; k < spec::kBlock; k += kLanes) {
      Vec mantissa = hn::Zero(d);
      if (k < numbers.width) {
        const Vec x = hn::And(load_part(numbers.starts[row], k, numbers.width), mask);
        const std::uint32_t index =
            kStochastic ? draws->first[row] + static_cast<std::uint32_t>(k) : 0;
        mantissa = mantissas_of<kStochastic>(x, inverse, draws, index);
      }
      hn::StoreU(hn::DemoteTo(d16, mantissa), d16, to + k);
    }
  }
}

void QuantiseRows(const NumberRows& numbers, const Draws* draws, std::int16_t* mantissas,
                  TileScales& scales) {
  if (draws == nullptr) return rows<false>(numbers, draws, mantissas, scales);
  return rows<true>(numbers, draws, mantissas, scales);
}

template <bool kStochastic>
void columns(const NumberRows& numbers, const Draws* draws, PairMantissas& mantissas,
             TileScales& scales) {
  const Int32 d;
  HWY_ALIGN std::int32_t largest[spec::kGroupRows];
  for (std::size_t i = 0; i < spec::kGroupRows; i += kLanes) {
    auto most = hn::Zero(d);
    for (std::size_t k = 0; k < numbers.count; ++k) {
      const Vec x = load_part(numbers.starts[k], i, numbers.width);
      most = hn::Max(most, hn::And(x, hn::Set(d, 0x7fffffff)));
    }
    hn::Store(most, d, largest + i);
  }
  LaneScales lanes;
  scale_lanes(largest, kStochastic, lanes, scales);
  for (std::size_t i = 0; i < spec::kGroupRows; i += kLanes) {
    const Vec inverse = hn::Load(d, lanes.inverse + i);
    const Vec mask = hn::Load(d, lanes.mask + i);
    const auto mantissa = [&](std::size_t k) {
      if (k >= numbers.count) return hn::Zero(d);
      const Vec x = hn::And(load_part(numbers.starts[k], i, numbers.width), mask);
      const std::uint32_t index = kStochastic ? draws->first[k] + static_cast<std::uint32_t>(i) : 0;
      return mantissas_of<kStochastic>(x, inverse, draws, index);
    };
    for (std::size_t pair = 0; pair < kBlockPairs; ++pair) {
      const Vec low = hn::And(mantissa(2 * pair), hn::Set(d, 0xffff));
      const Vec both = hn::Or(low, hn::ShiftLeft<16>(mantissa(2 * pair + 1)));
      hn::StoreU(both, d, reinterpret_cast<std::int32_t*>(&mantissas.pairs[pair][i]));
    }
  }
}

void QuantiseColumns(const NumberRows& numbers, const Draws* draws, PairMantissas& mantissas,
                     TileScales& scales) {
  if (draws == nullptr) return columns<false>(numbers, draws, mantissas, scales);
  return columns<true>(numbers, draws, mantissas, scales);
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

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(QuantiseRows);
HWY_EXPORT(QuantiseColumns);
HWY_EXPORT(TransposePairs);

void quantise_rows(const NumberRows& numbers, const Draws* draws, std::int16_t* mantissas,
                   TileScales& scales) {
  HWY_DYNAMIC_DISPATCH(QuantiseRows)(numbers, draws, mantissas, scales);
}

void quantise_columns(const NumberRows& numbers, const Draws* draws, PairMantissas& mantissas,
                      TileScales& scales) {
  HWY_DYNAMIC_DISPATCH(QuantiseColumns)(numbers, draws, mantissas, scales);
}

void transpose_pairs(const PairTile& from, PairTile& to) {
  HWY_DYNAMIC_DISPATCH(TransposePairs)(from, to);
}

}  // namespace weft::fast
#endif
