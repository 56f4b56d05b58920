// SPDX-License-Identifier: Apache-2.0
// The vector chain of the functional model, one row at a time.
#include <cstring>

#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/chain.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Int32 = hn::CappedTag<std::int32_t, spec::kGroupRows>;
using Fp32 = hn::RebindToFloat<Int32>;
using Vec = hn::Vec<Int32>;  // FP32 bits; comparisons of the chain are integer ones

constexpr std::size_t kLanes = hn::MaxLanes(Int32());

auto is_nan(Vec x) {
  const Int32 d;
  return hn::Gt(hn::And(x, hn::Set(d, 0x7fffffff)), hn::Set(d, 0x7f800000));
}

Vec canonical(Vec x) {
  const Int32 d;
  return hn::IfThenElse(is_nan(x), hn::Set(d, static_cast<std::int32_t>(kNan)), x);
}

Vec flush(Vec x) {
  const Int32 d;
  const auto tiny = hn::Eq(hn::And(x, hn::Set(d, 0x7f800000)), hn::Zero(d));
  return hn::IfThenElse(tiny, hn::And(x, hn::Set(d, INT32_MIN)), x);
}

// Orders as the numbers do, -0 before +0.
Vec order(Vec x) {
  const Int32 d;
  return hn::Xor(x, hn::And(hn::ShiftRight<31>(x), hn::Set(d, 0x7fffffff)));
}

Vec multiply_add(Vec x, Vec multiplicand, Vec addend) {
  const Int32 d;
  const Fp32 df;
  const auto y =
      hn::MulAdd(hn::BitCast(df, x), hn::BitCast(df, multiplicand), hn::BitCast(df, addend));
  return canonical(hn::BitCast(d, y));
}

Vec compare(spec::Compare how, Vec y, Vec other) {
  const Int32 d;
  const auto nan = hn::Set(d, static_cast<std::int32_t>(kNan));
  const Vec left = flush(y);
  const Vec right = flush(other);
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
Vec to_int8(Vec z) {
  const Fp32 df;
  const auto number = hn::BitCast(df, hn::IfThenZeroElse(is_nan(z), z));
  return hn::NearestInt(hn::Min(hn::Max(number, hn::Set(df, -128.0f)), hn::Set(df, 127.0f)));
}

Vec fetch(const ChainOperand& operand, std::size_t at) {
  const Int32 d;
  if (operand.stream == nullptr) return hn::Set(d, static_cast<std::int32_t>(operand.value));
  return hn::LoadU(d, reinterpret_cast<const std::int32_t*>(operand.stream + at));
}

Vec step(const spec::Vector& command, const ChainRow& row, std::size_t at) {
  const Int32 d;
  const Fp32 df;
  Vec x = hn::LoadU(d, reinterpret_cast<const std::int32_t*>(row.src + at));
  if (command.convert_in == spec::ConvertIn::kInt32) x = hn::BitCast(d, hn::ConvertTo(df, x));
  Vec y = x;
  if (command.multiplicand != spec::Operand::kNone || command.addend != spec::Operand::kNone) {
    const auto self = [&](spec::Operand kind, const ChainOperand& operand) {
      return kind == spec::Operand::kInput ? x : fetch(operand, at);
    };
    y = multiply_add(x, self(command.multiplicand, row.multiplicand),
                     self(command.addend, row.addend));
  }
  Vec z = y;
  if (command.compare != spec::Compare::kNone) {
    const bool itself = command.compare_with == spec::Operand::kInput;
    z = compare(command.compare, y, itself ? x : fetch(row.compare_with, at));
  }
  return command.convert_out == spec::ConvertOut::kInt8 ? to_int8(z) : z;
}

// Rows of V end at the end of a word, so a whole vector may be read; only `count` are written.
void VectorRow(const spec::Vector& command, const ChainRow& row) {
  const Int32 d;
  std::size_t at = 0;
  for (; at + kLanes <= row.count; at += kLanes) {
    hn::StoreU(step(command, row, at), d, reinterpret_cast<std::int32_t*>(row.dst + at));
  }
  if (at < row.count) {
    HWY_ALIGN std::int32_t tail[kLanes];
    hn::Store(step(command, row, at), d, tail);
    std::memcpy(row.dst + at, tail, (row.count - at) * sizeof *tail);
  }
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(VectorRow);

void vector_row(const spec::Vector& command, const ChainRow& row) {
  HWY_DYNAMIC_DISPATCH(VectorRow)(command, row);
}

}  // namespace weft::fast
#endif
