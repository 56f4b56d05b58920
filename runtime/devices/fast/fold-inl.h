// SPDX-License-Identifier: Apache-2.0
// The accumulators of reductions: of 16 lanes of a row, or of as many columns as a vector holds.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtime/devices/fast/scratchpads.h"
#include "runtime/devices/fast/steps-inl.h"
#include "weft/spec.h"

// Once per vector unit of the host: see hwy/foreach_target.h.
#if defined(WEFT_FAST_FOLD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef WEFT_FAST_FOLD_INL_H
#undef WEFT_FAST_FOLD_INL_H
#else
#define WEFT_FAST_FOLD_INL_H
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

// An integer that orders as the numbers do; NaN is above all.
inline Vec rank(Vec g) {
  const Int32 d;
  return hn::IfThenElse(is_nan(g), hn::Set(d, INT32_MAX), order(flush(g)));
}

constexpr std::int32_t kLowestRank = INT32_MIN;  // below that of -infinity

inline std::uint32_t ranked(std::int32_t rank) {
  if (rank == INT32_MAX) return kNan;
  return static_cast<std::uint32_t>(rank ^ ((rank >> 31) & INT32_MAX));
}

// Accumulators of a reduction, one per lane: a sum, or the rank and, for argmax, the index of the
// largest so far.
struct Fold {
  Vec number;
  Vec index;
};

inline Fold start_of(spec::Reduce how) {
  const Int32 d;
  const bool ranks = how == spec::Reduce::kMax || how == spec::Reduce::kArgmax;
  return {ranks ? hn::Set(d, kLowestRank) : hn::Zero(d), hn::Zero(d)};
}

inline void fold_in(spec::Reduce how, Fold& fold, Vec g, Vec index) {
  const Int32 d;
  const Fp32 df;
  const auto number = hn::BitCast(df, g);
  switch (how) {
    case spec::Reduce::kNone:
      return;
    case spec::Reduce::kSum:
      fold.number = hn::BitCast(d, hn::Add(number, hn::BitCast(df, fold.number)));
      return;
    case spec::Reduce::kSumSquares:
      fold.number = hn::BitCast(d, hn::MulAdd(number, number, hn::BitCast(df, fold.number)));
      return;
    case spec::Reduce::kMax:
      fold.number = hn::Max(fold.number, rank(g));
      return;
    case spec::Reduce::kArgmax: {
      const Vec candidate = rank(g);
      const auto larger = hn::Gt(candidate, fold.number);
      fold.number = hn::IfThenElse(larger, candidate, fold.number);
      fold.index = hn::IfThenElse(larger, index, fold.index);
      return;
    }
  }
}

// The result of 16 lanes.
inline std::uint32_t fold_lanes(spec::Reduce how, const Fold (&lanes)[kVectors]) {
  const Int32 d;
  if (how == spec::Reduce::kSum || how == spec::Reduce::kSumSquares) {
    HWY_ALIGN float sums[spec::kWordElements];
    for (std::size_t i = 0; i < kVectors; ++i) {
      hn::Store(hn::BitCast(Fp32(), lanes[i].number), Fp32(), sums + i * kLanes);
    }
    for (std::size_t half = spec::kWordElements / 2; half > 0; half /= 2) {
      for (std::size_t i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
    }
    std::uint32_t bits;
    std::memcpy(&bits, sums, sizeof bits);
    return (bits & 0x7fffffffu) > 0x7f800000u ? kNan : bits;
  }
  Vec most = lanes[0].number;
  for (const Fold& each : lanes) most = hn::Max(most, each.number);
  const std::int32_t largest = hn::GetLane(hn::MaxOfLanes(d, most));
  if (how == spec::Reduce::kMax) return ranked(largest);
  Vec first = hn::Set(d, INT32_MAX);
  for (const Fold& each : lanes) {
    const auto candidate = hn::Eq(each.number, hn::Set(d, largest));
    first = hn::Min(first, hn::IfThenElse(candidate, each.index, hn::Set(d, INT32_MAX)));
  }
  return static_cast<std::uint32_t>(hn::GetLane(hn::MinOfLanes(d, first)));
}

// The result of a lane.
inline Vec finish(spec::Reduce how, const Fold& fold) {
  const Int32 d;
  if (how == spec::Reduce::kArgmax) return fold.index;
  if (how != spec::Reduce::kMax) return canonical(fold.number);
  const auto nan = hn::Eq(fold.number, hn::Set(d, INT32_MAX));
  return hn::IfThenElse(nan, hn::Set(d, static_cast<std::int32_t>(kNan)), order(fold.number));
}

// Lanes that hold no element keep their accumulator.
inline void fold_valid(spec::Reduce how, Fold& fold, Vec g, Vec index, std::size_t left) {
  const Int32 d;
  if (left >= kLanes) return fold_in(how, fold, g, index);
  Fold next = fold;
  fold_in(how, next, g, index);
  const auto valid = hn::FirstN(d, left);
  fold.number = hn::IfThenElse(valid, next.number, fold.number);
  fold.index = hn::IfThenElse(valid, next.index, fold.index);
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
