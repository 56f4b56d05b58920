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
#include "runtime/devices/fast/fold-inl.h"
#include "runtime/devices/fast/steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

constexpr std::size_t kStrip = 512;  // elements

enum Step : std::size_t {
  kMultiplicand,
  kAddend,
  kCompareWith,
  kDivisor,
  kMultiplicand2,
  kAddend2
};

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
      hn::Store(z, d, reinterpret_cast<std::int32_t*>(numbers + (at - begin)));
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
                        : load(numbers + (at - begin));
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

// A whole row, strip by strip.
template <class Visit>
void each_vector_of_row(const spec::Vector& command, const Row& row, Visit visit) {
  for (std::size_t begin = 0; begin < command.cols; begin += kStrip) {
    each_vector(command, row, begin, std::min<std::size_t>(command.cols, begin + kStrip), visit);
  }
}

void write_rows(const Chain& chain, std::uint32_t* v) {
  const spec::Vector& command = chain.command;
  for (std::size_t r = 0; r < command.rows; ++r) {
    const Row row = row_of(chain, v, r);
    each_vector_of_row(command, row,
                       [&](std::size_t /*i*/, std::size_t at, Vec g, std::size_t left) {
                         write(command, row, g, at, left);
                       });
  }
}

void reduce_rows(const Chain& chain, std::uint32_t* v) {
  const Int32 d;
  const spec::Vector& command = chain.command;
  const spec::Reduce how = command.reduce;
  for (std::size_t r = 0; r < command.rows; ++r) {
    const Row row = row_of(chain, v, r);
    Fold lanes[kVectors];
    for (Fold& each : lanes) each = start_of(how);
    each_vector_of_row(command, row, [&](std::size_t i, std::size_t at, Vec g, std::size_t left) {
      const Vec index = hn::Iota(d, static_cast<std::int32_t>(at));
      fold_valid(how, lanes[i], g, index, left);
      write(command, row, g, at, left);
    });
    v[command.reduce_dst * spec::kWordElements + r] = fold_lanes(how, lanes);
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
  if (chain.command.reduce == spec::Reduce::kNone) return write_rows(chain, v);
  if (chain.command.reduce_axis == spec::ReduceAxis::kRow) return reduce_rows(chain, v);
  return reduce_columns(chain, v);
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
