// SPDX-License-Identifier: Apache-2.0
// Multiply-add, comparisons and conversions of the vector chain, on vectors of FP32 bits.
#include <cstddef>
#include <cstdint>

#include "runtime/devices/fast/scratchpads.h"
#include "weft/spec.h"

// Once per vector unit of the host: see hwy/foreach_target.h.
#if defined(WEFT_FAST_STEPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef WEFT_FAST_STEPS_INL_H
#undef WEFT_FAST_STEPS_INL_H
#else
#define WEFT_FAST_STEPS_INL_H
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Int32 = hn::CappedTag<std::int32_t, spec::kGroupRows>;
using Fp32 = hn::RebindToFloat<Int32>;
using Vec = hn::Vec<Int32>;  // FP32 bits; comparisons of the chain are integer ones

constexpr std::size_t kLanes = hn::MaxLanes(Int32());
constexpr std::size_t kVectors = spec::kWordElements / kLanes;  // of a word
constexpr std::int32_t kOne = 0x3f800000;

inline auto is_nan(Vec x) {
  const Int32 d;
  return hn::Gt(hn::And(x, hn::Set(d, 0x7fffffff)), hn::Set(d, 0x7f800000));
}

inline Vec canonical(Vec x) {
  const Int32 d;
  return hn::IfThenElse(is_nan(x), hn::Set(d, static_cast<std::int32_t>(kNan)), x);
}

inline Vec flush(Vec x) {
  const Int32 d;
  const auto tiny = hn::Eq(hn::And(x, hn::Set(d, 0x7f800000)), hn::Zero(d));
  return hn::IfThenElse(tiny, hn::And(x, hn::Set(d, INT32_MIN)), x);
}

// Orders as the numbers do, -0 before +0.
inline Vec order(Vec x) {
  const Int32 d;
  return hn::Xor(x, hn::And(hn::ShiftRight<31>(x), hn::Set(d, 0x7fffffff)));
}

inline Vec multiply_add(Vec x, Vec multiplicand, Vec addend) {
  const Int32 d;
  const Fp32 df;
  const auto y =
      hn::MulAdd(hn::BitCast(df, x), hn::BitCast(df, multiplicand), hn::BitCast(df, addend));
  return canonical(hn::BitCast(d, y));
}

inline Vec compare(spec::Compare how, Vec y, Vec other) {
  const Int32 d;
  const auto nan = hn::Set(d, static_cast<std::int32_t>(kNan));
  const Vec left = flush(y);
  const Vec right = flush(other);
  if (how == spec::Compare::kEqual) {
    const Fp32 df;
    const auto equal = hn::Eq(hn::BitCast(df, left), hn::BitCast(df, right));
    const Vec chosen = hn::IfThenElseZero(hn::RebindMask(d, equal), hn::Set(d, kOne));
    return hn::IfThenElse(hn::Or(is_nan(y), is_nan(other)), nan, chosen);
  }
  if (how == spec::Compare::kGate) {
    const auto positive = hn::Gt(order(right), hn::Zero(d));
    const auto gated = hn::IfThenElseZero(positive, canonical(left));
    return hn::IfThenElse(is_nan(other), nan, gated);
  }
  const auto left_is_larger = hn::Gt(order(left), order(right));
  const auto chosen = how == spec::Compare::kMax ? hn::IfThenElse(left_is_larger, left, right)
                                                 : hn::IfThenElse(left_is_larger, right, left);
  return hn::IfThenElse(hn::Or(is_nan(y), is_nan(other)), nan, chosen);
}

// Nearest even, saturated; clamping first changes no result and keeps the conversion in range.
inline Vec to_int8(Vec z) {
  const Fp32 df;
  const auto number = hn::BitCast(df, hn::IfThenZeroElse(is_nan(z), z));
  return hn::NearestInt(hn::Min(hn::Max(number, hn::Set(df, -128.0f)), hn::Set(df, 127.0f)));
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
