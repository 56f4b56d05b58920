// SPDX-License-Identifier: Apache-2.0
// The vector chain of the functional model.
//
// A row is worked on in strips. A strip goes through the chain vector by vector; only a function
// that has no vector form here stops it, between two passes over a buffer. Reductions of rows keep
// their 16 lanes in registers, reductions of columns one accumulator per column of a strip, so
// these take a strip through all rows before the next.
#include <algorithm>
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
constexpr std::size_t kVectors = spec::kWordElements / kLanes;  // of a word
constexpr std::size_t kStrip = 512;                             // elements
constexpr std::int32_t kOne = 0x3f800000;

enum Step : std::size_t {
  kMultiplicand,
  kAddend,
  kCompareWith,
  kDivisor,
  kMultiplicand2,
  kAddend2
};

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
Vec to_int8(Vec z) {
  const Fp32 df;
  const auto number = hn::BitCast(df, hn::IfThenZeroElse(is_nan(z), z));
  return hn::NearestInt(hn::Min(hn::Max(number, hn::Set(df, -128.0f)), hn::Set(df, 127.0f)));
}

// An operand within one row: a stream of elements, x, or one number.
struct Operand {
  const std::uint32_t* stream = nullptr;
  bool input = false;
  std::uint32_t value = 0;
};

struct Row {
  const std::uint32_t* src;
  std::uint32_t* dst;  // null: discarded
  std::array<Operand, 6> operands;
};

Vec load(const std::uint32_t* from) {
  return hn::LoadU(Int32(), reinterpret_cast<const std::int32_t*>(from));
}

Vec fetch(const Operand& operand, Vec x, std::size_t at) {
  if (operand.stream != nullptr) return load(operand.stream + at);
  return operand.input ? x : hn::Set(Int32(), static_cast<std::int32_t>(operand.value));
}

Vec input(const spec::Vector& command, const Row& row, std::size_t at) {
  const Int32 d;
  const Fp32 df;
  const Vec x = load(row.src + at);
  return command.convert_in == spec::ConvertIn::kInt32 ? hn::BitCast(d, hn::ConvertTo(df, x)) : x;
}

bool skips(spec::Operand multiplicand, spec::Operand addend) {
  return multiplicand == spec::Operand::kNone && addend == spec::Operand::kNone;
}

// z
Vec before_function(const spec::Vector& command, const Row& row, Vec x, std::size_t at) {
  Vec y = x;
  if (!skips(command.multiplicand, command.addend)) {
    y = multiply_add(x, fetch(row.operands[kMultiplicand], x, at),
                     fetch(row.operands[kAddend], x, at));
  }
  if (command.compare == spec::Compare::kNone) return y;
  return compare(command.compare, y, fetch(row.operands[kCompareWith], x, at));
}

// The functions that the host rounds as the card does.
Vec vector_function(const spec::Vector& command, const Row& row, Vec x, Vec z, std::size_t at) {
  const Int32 d;
  const Fp32 df;
  const auto number = hn::BitCast(df, z);
  if (command.function == spec::Function::kDivide) {
    const auto divisor = hn::BitCast(df, fetch(row.operands[kDivisor], x, at));
    return canonical(hn::BitCast(d, hn::Div(number, divisor)));
  }
  if (command.function == spec::Function::kSqrt) {
    return canonical(hn::BitCast(d, hn::Sqrt(number)));
  }
  return z;
}

bool has_vector_form(spec::Function function) {
  return function == spec::Function::kNone || function == spec::Function::kDivide ||
         function == spec::Function::kSqrt;
}

// g
Vec after_function(const spec::Vector& command, const Row& row, Vec x, Vec f, std::size_t at) {
  if (skips(command.multiplicand2, command.addend2)) return f;
  return multiply_add(f, fetch(row.operands[kMultiplicand2], x, at),
                      fetch(row.operands[kAddend2], x, at));
}

// An integer that orders as the numbers do; NaN is above all.
Vec rank(Vec g) {
  const Int32 d;
  return hn::IfThenElse(is_nan(g), hn::Set(d, INT32_MAX), order(flush(g)));
}

constexpr std::int32_t kLowestRank = INT32_MIN;  // below that of -infinity

std::uint32_t ranked(std::int32_t rank) {
  if (rank == INT32_MAX) return kNan;
  return static_cast<std::uint32_t>(rank ^ ((rank >> 31) & INT32_MAX));
}

// Accumulators of a reduction, one per lane: a sum, or the rank and, for argmax, the index of the
// largest so far.
struct Fold {
  Vec number;
  Vec index;
};

Fold start_of(spec::Reduce how) {
  const Int32 d;
  const bool ranks = how == spec::Reduce::kMax || how == spec::Reduce::kArgmax;
  return {ranks ? hn::Set(d, kLowestRank) : hn::Zero(d), hn::Zero(d)};
}

void fold_in(spec::Reduce how, Fold& fold, Vec g, Vec index) {
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
std::uint32_t fold_lanes(spec::Reduce how, const Fold (&lanes)[kVectors]) {
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
Vec finish(spec::Reduce how, const Fold& fold) {
  const Int32 d;
  if (how == spec::Reduce::kArgmax) return fold.index;
  if (how != spec::Reduce::kMax) return canonical(fold.number);
  const auto nan = hn::Eq(fold.number, hn::Set(d, INT32_MAX));
  return hn::IfThenElse(nan, hn::Set(d, static_cast<std::int32_t>(kNan)), order(fold.number));
}

// Elements begin..end (begin at a word) of a row. visit(i, at, g, left) sees each vector: i is its
// place in the word, `left` how many elements are left from `at` on.
template <class Visit>
void each_vector(const spec::Vector& command, const Row& row, std::size_t begin, std::size_t end,
                 Visit visit) {
  const Int32 d;
  const bool in_vectors = has_vector_form(command.function);
  HWY_ALIGN std::uint32_t numbers[kStrip];
  if (!in_vectors) {
    for (std::size_t at = begin; at < end; at += kLanes) {
      const Vec z = before_function(command, row, input(command, row, at), at);
      hn::Store(z, d, reinterpret_cast<std::int32_t*>(numbers + at - begin));
    }
    apply_function(command.function, numbers, end - begin);
  }
  for (std::size_t word = begin; word < end; word += spec::kWordElements) {
    for (std::size_t i = 0; i < kVectors; ++i) {
      const std::size_t at = word + i * kLanes;
      if (at >= end) return;
      const Vec x = input(command, row, at);
      const Vec f = in_vectors
                        ? vector_function(command, row, x, before_function(command, row, x, at), at)
                        : load(numbers + at - begin);
      const Vec g = after_function(command, row, x, f, at);
      visit(i, at, g, end - at);
    }
  }
}

// The first `left` lanes.
void store(std::uint32_t* to, Vec out, std::size_t left) {
  const Int32 d;
  if (left >= kLanes) return hn::StoreU(out, d, reinterpret_cast<std::int32_t*>(to));
  HWY_ALIGN std::int32_t tail[kLanes];
  hn::Store(out, d, tail);
  std::memcpy(to, tail, left * sizeof *tail);
}

void write(const spec::Vector& command, const Row& row, Vec g, std::size_t at, std::size_t left) {
  if (row.dst == nullptr) return;
  store(row.dst + at, command.convert_out == spec::ConvertOut::kInt8 ? to_int8(g) : g, left);
}

// Lanes that hold no element keep their accumulator.
void fold_valid(spec::Reduce how, Fold& fold, Vec g, Vec index, std::size_t left) {
  const Int32 d;
  if (left >= kLanes) return fold_in(how, fold, g, index);
  Fold next = fold;
  fold_in(how, next, g, index);
  const auto valid = hn::FirstN(d, left);
  fold.number = hn::IfThenElse(valid, next.number, fold.number);
  fold.index = hn::IfThenElse(valid, next.index, fold.index);
}

Row row_of(const Chain& chain, std::uint32_t* v, std::size_t number) {
  const spec::Vector& command = chain.command;
  const auto word = [&](std::size_t at) { return v + at * spec::kWordElements; };
  Row row;
  row.src = word(command.src + number * command.src_pitch);
  row.dst = command.convert_out == spec::ConvertOut::kDiscard
                ? nullptr
                : word(command.dst + number * command.dst_pitch);
  for (std::size_t i = 0; i < row.operands.size(); ++i) {
    const ChainOperand& from = chain.operands[i];
    Operand& to = row.operands[i];
    to.value = from.value;
    to.input = from.kind == spec::Operand::kInput;
    if (from.kind == spec::Operand::kSecond) to.stream = word(from.word + number * from.pitch);
    if (from.kind == spec::Operand::kRow) to.value = word(from.word)[number];
  }
  return row;
}

void run_rows(const Chain& chain, std::uint32_t* v) {
  const Int32 d;
  const spec::Vector& command = chain.command;
  const spec::Reduce how = command.reduce;
  for (std::size_t r = 0; r < command.rows; ++r) {
    const Row row = row_of(chain, v, r);
    Fold lanes[kVectors];
    for (Fold& each : lanes) each = start_of(how);
    for (std::size_t begin = 0; begin < command.cols; begin += kStrip) {
      const std::size_t end = std::min<std::size_t>(command.cols, begin + kStrip);
      each_vector(command, row, begin, end,
                  [&](std::size_t i, std::size_t at, Vec g, std::size_t left) {
                    const Vec index = hn::Iota(d, static_cast<std::int32_t>(at));
                    fold_valid(how, lanes[i], g, index, left);
                    write(command, row, g, at, left);
                  });
    }
    if (how != spec::Reduce::kNone) {
      v[command.reduce_dst * spec::kWordElements + r] = fold_lanes(how, lanes);
    }
  }
}

void reduce_columns(const Chain& chain, std::uint32_t* v) {
  const Int32 d;
  const spec::Vector& command = chain.command;
  const spec::Reduce how = command.reduce;
  Fold columns[kStrip / kLanes];
  for (std::size_t begin = 0; begin < command.cols; begin += kStrip) {
    const std::size_t end = std::min<std::size_t>(command.cols, begin + kStrip);
    for (Fold& each : columns) each = start_of(how);
    for (std::size_t r = 0; r < command.rows; ++r) {
      const Row row = row_of(chain, v, r);
      const Vec index = hn::Set(d, static_cast<std::int32_t>(r));
      each_vector(command, row, begin, end,
                  [&](std::size_t /*i*/, std::size_t at, Vec g, std::size_t left) {
                    fold_in(how, columns[(at - begin) / kLanes], g, index);
                    write(command, row, g, at, left);
                  });
    }
    std::uint32_t* result = v + command.reduce_dst * spec::kWordElements;
    for (std::size_t at = begin; at < end; at += kLanes) {
      store(result + at, finish(how, columns[(at - begin) / kLanes]), end - at);
    }
  }
}

void RunChain(const Chain& chain, std::uint32_t* v) {
  const bool columns = chain.command.reduce_axis == spec::ReduceAxis::kColumn;
  return columns ? reduce_columns(chain, v) : run_rows(chain, v);
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(RunChain);

void run_chain(const Chain& chain, std::uint32_t* v) {
  HWY_DYNAMIC_DISPATCH(RunChain)(chain, v);
}

}  // namespace weft::fast
#endif
