// SPDX-License-Identifier: Apache-2.0
// Conversions of load and store in the functional model.
#include <cstring>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/int32_to_int8.h"
#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/convert.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Int32 = hn::CappedTag<std::int32_t, spec::kGroupRows>;
using UInt32 = hn::RebindToUnsigned<Int32>;
using UInt16 = hn::Rebind<std::uint16_t, Int32>;
using Int8 = hn::Rebind<std::int8_t, Int32>;

constexpr std::size_t kLanes = hn::MaxLanes(Int32());

void WidenBf16(const std::byte* from, std::uint32_t* to, std::size_t count) {
  const UInt32 du;
  const UInt16 d16;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const auto half = hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from + 2 * i));
    const auto wide = hn::ShiftLeft<16>(hn::PromoteTo(du, half));
    const auto exponent = hn::And(wide, hn::Set(du, 0x7f800000));
    const auto magnitude = hn::And(wide, hn::Set(du, 0x7fffffff));
    const auto sign = hn::And(wide, hn::Set(du, 0x80000000));
    const auto flushed = hn::IfThenElse(hn::Eq(exponent, hn::Zero(du)), sign, wide);
    const auto nan = hn::Gt(magnitude, hn::Set(du, 0x7f800000));
    hn::StoreU(hn::IfThenElse(nan, hn::Set(du, kNan), flushed), du, to + i);
  }
  for (; i < count; ++i) {
    std::uint16_t half;
    std::memcpy(&half, from + 2 * i, sizeof half);
    to[i] = hls::bf16_to_fp32(half);
  }
}

void NarrowBf16(const std::uint32_t* from, std::byte* to, std::size_t count) {
  const UInt32 du;
  const Int32 di;
  const UInt16 d16;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const auto x = hn::LoadU(du, from + i);
    const auto exponent = hn::And(x, hn::Set(du, 0x7f800000));
    const auto magnitude = hn::And(x, hn::Set(du, 0x7fffffff));
    const auto sign = hn::And(x, hn::Set(du, 0x80000000));
    const auto flushed = hn::IfThenElse(hn::Eq(exponent, hn::Zero(du)), sign, x);
    const auto odd = hn::And(hn::ShiftRight<16>(flushed), hn::Set(du, 1));
    const auto sum = hn::Add(hn::Add(flushed, hn::Set(du, 0x7fff)), odd);
    const auto nan = hn::Gt(magnitude, hn::Set(du, 0x7f800000));
    const auto rounded = hn::ShiftRight<16>(hn::IfThenElse(nan, hn::Set(du, kNan), sum));
    // Below 2^16, so the saturation of the narrowing does nothing.
    hn::StoreU(hn::DemoteTo(d16, hn::BitCast(di, rounded)), d16,
               reinterpret_cast<std::uint16_t*>(to + 2 * i));
  }
  for (; i < count; ++i) {
    const std::uint16_t half = hls::fp32_to_bf16(from[i]);
    std::memcpy(to + 2 * i, &half, sizeof half);
  }
}

void NarrowInt8(const std::uint32_t* from, std::byte* to, std::size_t count) {
  const Int32 di;
  const Int8 d8;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const auto x = hn::LoadU(di, reinterpret_cast<const std::int32_t*>(from + i));
    hn::StoreU(hn::DemoteTo(d8, x), d8, reinterpret_cast<std::int8_t*>(to + i));
  }
  for (; i < count; ++i) to[i] = std::byte{hls::int32_to_int8(from[i])};
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(WidenBf16);
HWY_EXPORT(NarrowBf16);
HWY_EXPORT(NarrowInt8);

void widen_bf16(const std::byte* from, std::uint32_t* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(WidenBf16)(from, to, count);
}

void narrow_bf16(const std::uint32_t* from, std::byte* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(NarrowBf16)(from, to, count);
}

void narrow_int8(const std::uint32_t* from, std::byte* to, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(NarrowInt8)(from, to, count);
}

}  // namespace weft::fast
#endif
