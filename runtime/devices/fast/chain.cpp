// SPDX-License-Identifier: Apache-2.0
// The vector chain of the functional model.
//
// A command is worked on in strips: as many whole rows as a strip holds, or a part of one. Each
// step of the chain passes over the strip before the next begins, in a loop that knows its step;
// between them numbers are in buffers that the host's nearest cache holds. Reductions of rows keep
// their 16 lanes in registers; those of columns take a strip of words through all rows before the
// next.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/chain.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "runtime/devices/fast/fold-inl.h"
#include "runtime/devices/fast/steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

constexpr std::size_t kStripWords = 32;
constexpr std::size_t kStrip = kStripWords * spec::kWordElements;

enum Step : std::size_t {
  kMultiplicand,
  kAddend,
  kCompareWith,
  kDivisor,
  kMultiplicand2,
  kAddend2,
  kSteps
};

// Some words of some rows. In a buffer they lie one after another.
struct Strip {
  std::size_t row = 0;
  std::size_t rows = 1;
  std::size_t word = 0;  // of each row
  std::size_t words = 1;
  [[nodiscard]] std::size_t elements() const { return rows * words * spec::kWordElements; }
};

struct Buffers {
  HWY_ALIGN std::uint32_t x[kStrip];
  HWY_ALIGN std::uint32_t y[kStrip];
  HWY_ALIGN std::uint32_t operands[kSteps][kStrip];
};

// The numbers of a strip, or one vector that stands for them all.
struct Operand {
  const std::uint32_t* numbers = nullptr;
  bool one = false;
};

Vec load(const std::uint32_t* from) {
  return hn::LoadU(Int32(), reinterpret_cast<const std::int32_t*>(from));
}

void store(Vec out, std::uint32_t* to) {
  hn::StoreU(out, Int32(), reinterpret_cast<std::int32_t*>(to));
}

Vec at(const Operand& operand, std::size_t i) {
  return load(operand.numbers + (operand.one ? 0 : i));
}

// A strip of a matrix in V: where it is if its words follow each other, else copied.
const std::uint32_t* gather(const std::uint32_t* v, std::size_t word, std::size_t pitch,
                            const Strip& strip, std::uint32_t* buffer) {
  const std::uint32_t* from = v + (word + strip.row * pitch + strip.word) * spec::kWordElements;
  if (strip.rows == 1 || pitch == strip.words) return from;
  const std::size_t width = strip.words * spec::kWordElements;
  for (std::size_t row = 0; row < strip.rows; ++row) {
    for (std::size_t i = 0; i < width; i += kLanes) {
      store(load(from + row * pitch * spec::kWordElements + i), buffer + row * width + i);
    }
  }
  return buffer;
}

Operand fetch(const ChainOperand& from, const std::uint32_t* v, const Strip& strip,
              const std::uint32_t* x, std::uint32_t* buffer) {
  switch (from.kind) {
    case spec::Operand::kInput:
      return {.numbers = x};
    case spec::Operand::kSecond:
      return {.numbers = gather(v, from.word, from.pitch, strip, buffer)};
    case spec::Operand::kRow: {
      const std::uint32_t* rows = v + from.word * spec::kWordElements + strip.row;
      const std::size_t width = strip.words * spec::kWordElements;
      for (std::size_t row = 0; row < strip.rows; ++row) {
        const Vec value = hn::Set(Int32(), static_cast<std::int32_t>(rows[row]));
        for (std::size_t i = 0; i < width; i += kLanes) store(value, buffer + row * width + i);
      }
      return {.numbers = buffer};
    }
    default:
      store(hn::Set(Int32(), static_cast<std::int32_t>(from.value)), buffer);
      return {.numbers = buffer, .one = true};
  }
}

// The steps of a chain on one strip after another.
class Steps {
 public:
  Steps(const Chain& chain, const std::uint32_t* v) : chain_(chain), v_(v) {}

  // g of a strip; it stays until the next call, or until V is written.
  const std::uint32_t* run(const Strip& strip) {
    const spec::Vector& command = chain_.command;
    strip_ = strip;
    x_ = gather(v_, command.src, command.src_pitch, strip, buffers_.x);
    if (command.convert_in == spec::ConvertIn::kInt32) convert_in();
    numbers_ = x_;
    multiply_and_add(command.multiplicand, command.addend, kMultiplicand, kAddend);
    compare_with(command.compare);
    apply(command.function);
    multiply_and_add(command.multiplicand2, command.addend2, kMultiplicand2, kAddend2);
    return numbers_;
  }

  // What a strip's g becomes on its way out.
  const std::uint32_t* convert_out() {
    if (chain_.command.convert_out == spec::ConvertOut::kInt8) {
      each([](Vec g, std::size_t /*i*/) { return to_int8(g); });
    }
    return numbers_;
  }

 private:
  // The numbers become make(number, its place).
  template <class Make>
  void each(Make make) {
    const std::uint32_t* from = numbers_;
    const std::size_t count = strip_.elements();
    for (std::size_t i = 0; i < count; i += kLanes) store(make(load(from + i), i), buffers_.y + i);
    numbers_ = buffers_.y;
  }

  Operand operand(Step step) {
    return fetch(chain_.operands[step], v_, strip_, x_, buffers_.operands[step]);
  }

  void convert_in() {
    const std::size_t count = strip_.elements();
    for (std::size_t i = 0; i < count; i += kLanes) {
      store(hn::BitCast(Int32(), hn::ConvertTo(Fp32(), load(x_ + i))), buffers_.x + i);
    }
    x_ = buffers_.x;
  }

  void multiply_and_add(spec::Operand multiplicand, spec::Operand addend, Step multiply, Step add) {
    if (multiplicand == spec::Operand::kNone && addend == spec::Operand::kNone) return;
    const Operand by = operand(multiply);
    const Operand plus = operand(add);
    each([&](Vec x, std::size_t i) { return multiply_add(x, at(by, i), at(plus, i)); });
  }

  template <spec::Compare kHow>
  void compare_all() {
    const Operand other = operand(kCompareWith);
    each([&](Vec y, std::size_t i) { return compare(kHow, y, at(other, i)); });
  }
  void compare_with(spec::Compare how) {
    switch (how) {
      case spec::Compare::kNone:
        return;
      case spec::Compare::kMax:
        return compare_all<spec::Compare::kMax>();
      case spec::Compare::kMin:
        return compare_all<spec::Compare::kMin>();
      case spec::Compare::kEqual:
        return compare_all<spec::Compare::kEqual>();
      case spec::Compare::kGate:
        return compare_all<spec::Compare::kGate>();
    }
  }

  // Division and square root the host rounds as the card does.
  void apply(spec::Function function) {
    const Int32 d;
    const Fp32 df;
    switch (function) {
      case spec::Function::kNone:
        return;
      case spec::Function::kDivide: {
        const Operand divisor = operand(kDivisor);
        return each([&](Vec z, std::size_t i) {
          const auto by = hn::BitCast(df, at(divisor, i));
          return canonical(hn::BitCast(d, hn::Div(hn::BitCast(df, z), by)));
        });
      }
      case spec::Function::kSqrt:
        return each([&](Vec z, std::size_t /*i*/) {
          return canonical(hn::BitCast(d, hn::Sqrt(hn::BitCast(df, z))));
        });
      default:
        if (numbers_ != buffers_.y) each([](Vec z, std::size_t /*i*/) { return z; });
        apply_function(function, buffers_.y, strip_.elements());
    }
  }

  const Chain& chain_;
  const std::uint32_t* v_;
  Strip strip_;
  const std::uint32_t* x_ = nullptr;
  const std::uint32_t* numbers_ = nullptr;  // what the steps so far have made
  Buffers buffers_;
};

// The first `left` lanes.
void store_valid(Vec out, std::size_t left, std::uint32_t* to) {
  if (left >= kLanes) return store(out, to);
  const Int32 d;
  hn::BlendedStore(out, hn::FirstN(d, left), d, reinterpret_cast<std::int32_t*>(to));
}

// How many elements of a row are in a strip.
std::size_t width_of(const spec::Vector& command, const Strip& strip) {
  const std::size_t begin = strip.word * spec::kWordElements;
  return std::min(command.cols - begin, strip.words * spec::kWordElements);
}

void write(const spec::Vector& command, const Strip& strip, const std::uint32_t* from,
           std::uint32_t* v) {
  const std::size_t width = width_of(command, strip);
  for (std::size_t row = 0; row < strip.rows; ++row) {
    std::uint32_t* to = v + (command.dst + (strip.row + row) * command.dst_pitch + strip.word) *
                                spec::kWordElements;
    for (std::size_t i = 0; i < width; i += kLanes) store_valid(load(from + i), width - i, to + i);
    from += strip.words * spec::kWordElements;
  }
}

template <std::size_t kCount>
void start(spec::Reduce how, Fold (&folds)[kCount]) {
  for (Fold& each : folds) each = start_of(how);
}

// Sums, or what else a reduction makes, of the rows that end in a strip.
void reduce_rows(const spec::Vector& command, const Strip& strip, const std::uint32_t* from,
                 Fold (&lanes)[kVectors], std::uint32_t* v) {
  const Int32 d;
  const spec::Reduce how = command.reduce;
  const std::size_t begin = strip.word * spec::kWordElements;
  const std::size_t width = width_of(command, strip);
  for (std::size_t row = 0; row < strip.rows; ++row) {
    if (begin == 0) start(how, lanes);
    for (std::size_t i = 0; i < width; i += kLanes) {
      const Vec index = hn::Iota(d, static_cast<std::int32_t>(begin + i));
      fold_valid(how, lanes[i / kLanes % kVectors], load(from + i), index, width - i);
    }
    from += strip.words * spec::kWordElements;
    if (begin + width < command.cols) continue;
    v[command.reduce_dst * spec::kWordElements + strip.row + row] = fold_lanes(how, lanes);
  }
}

// The same of columns: of those of a strip that holds the last row.
void reduce_columns(const spec::Vector& command, const Strip& strip, const std::uint32_t* from,
                    Fold (&columns)[kStrip / kLanes], std::uint32_t* v) {
  const Int32 d;
  const spec::Reduce how = command.reduce;
  const std::size_t width = width_of(command, strip);
  if (strip.row == 0) start(how, columns);
  for (std::size_t row = 0; row < strip.rows; ++row) {
    const Vec index = hn::Set(d, static_cast<std::int32_t>(strip.row + row));
    for (std::size_t i = 0; i < width; i += kLanes) {
      fold_in(how, columns[i / kLanes], load(from + i), index);
    }
    from += strip.words * spec::kWordElements;
  }
  if (strip.row + strip.rows < command.rows) return;
  std::uint32_t* result = v + (command.reduce_dst + strip.word) * spec::kWordElements;
  for (std::size_t i = 0; i < width; i += kLanes) {
    store_valid(finish(how, columns[i / kLanes]), width - i, result + i);
  }
}

void RunChain(const Chain& chain, std::uint32_t* v) {
  const spec::Vector& command = chain.command;
  const bool reduces = command.reduce != spec::Reduce::kNone;
  const bool by_column = reduces && command.reduce_axis == spec::ReduceAxis::kColumn;
  const std::size_t rows = command.rows;
  const std::size_t words = (command.cols + spec::kWordElements - 1) / spec::kWordElements;
  const std::size_t wide = std::min(words, kStripWords);
  const std::size_t high = kStripWords / wide;
  Steps steps(chain, v);
  Fold lanes[kVectors];
  Fold columns[kStrip / kLanes];
  Strip strip;
  const auto run = [&] {
    strip.rows = std::min(high, rows - strip.row);
    strip.words = std::min(wide, words - strip.word);
    const std::uint32_t* g = steps.run(strip);
    if (by_column) {
      reduce_columns(command, strip, g, columns, v);
    } else if (reduces) {
      reduce_rows(command, strip, g, lanes, v);
    }
    if (command.convert_out != spec::ConvertOut::kDiscard) {
      write(command, strip, steps.convert_out(), v);
    }
  };
  if (by_column) {
    for (strip.word = 0; strip.word < words; strip.word += wide) {
      for (strip.row = 0; strip.row < rows; strip.row += high) run();
    }
  } else {
    for (strip.row = 0; strip.row < rows; strip.row += high) {
      for (strip.word = 0; strip.word < words; strip.word += wide) run();
    }
  }
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
