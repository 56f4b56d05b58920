// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/vector_reference.h"

#include <array>
#include <vector>

#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_divide.h"
#include "hls/functions/fp32_exp2.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_gelu.h"
#include "hls/functions/fp32_gelu_gradient.h"
#include "hls/functions/fp32_log2.h"
#include "hls/functions/fp32_sigmoid.h"
#include "hls/functions/fp32_sqrt.h"
#include "hls/functions/fp32_tanh.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"

namespace weft::test::plain {
namespace {

constexpr std::uint32_t kOne = 0x3f800000;
constexpr std::uint32_t kMinusZero = 0x80000000;
constexpr std::uint32_t kMinusInfinity = 0xff800000;
constexpr std::size_t kWord = spec::kWordElements;

// Rows of `cols` elements.
struct Matrix {
  std::size_t cols;
  std::vector<std::uint32_t> elements;
  std::uint32_t& at(std::size_t r, std::size_t c) { return elements[r * cols + c]; }
};

std::uint32_t apply(spec::Function function, std::uint32_t z, std::uint32_t divisor) {
  switch (function) {
    case spec::Function::kNone:
      return z;
    case spec::Function::kExp2:
      return hls::fp32_exp2(z);
    case spec::Function::kLog2:
      return hls::fp32_log2(z);
    case spec::Function::kDivide:
      return hls::fp32_divide(z, divisor);
    case spec::Function::kSqrt:
      return hls::fp32_sqrt(z);
    case spec::Function::kSigmoid:
      return hls::fp32_sigmoid(z);
    case spec::Function::kTanh:
      return hls::fp32_tanh(z);
    case spec::Function::kGelu:
      return hls::fp32_gelu(z);
    case spec::Function::kGeluGradient:
      return hls::fp32_gelu_gradient(z);
  }
  return z;
}

// One element through the chain, up to g.
std::uint32_t pass(const spec::Vector& k, std::span<const std::uint32_t> v, std::size_t r,
                   std::size_t c) {
  std::uint32_t x = v[(k.src + r * k.src_pitch) * kWord + c];
  if (k.convert_in == spec::ConvertIn::kInt32) x = hls::int32_to_fp32(x);
  const auto operand = [&](spec::Operand kind, std::uint32_t none) -> std::uint32_t {
    switch (kind) {
      case spec::Operand::kNone:
        return none;
      case spec::Operand::kInput:
        return x;
      case spec::Operand::kSecond:
        return v[(k.second + r * k.second_pitch) * kWord + c];
      case spec::Operand::kColumn:
        return v[k.column * kWord + c];
      case spec::Operand::kRow:
        return v[k.row * kWord + r];
      case spec::Operand::kValue0:
        return k.value0;
      case spec::Operand::kValue1:
        return k.value1;
      case spec::Operand::kValue2:
        return k.value2;
      case spec::Operand::kValue3:
        return k.value3;
    }
    return none;
  };
  const auto multiply_add = [&](std::uint32_t value, spec::Operand m, spec::Operand a) {
    if (m == spec::Operand::kNone && a == spec::Operand::kNone) return value;
    return hls::fp32_fma(value, operand(m, kOne), operand(a, kMinusZero));
  };
  const std::uint32_t y = multiply_add(x, k.multiplicand, k.addend);
  const std::uint32_t z = hls::fp32_compare(hls::Bits<3>(static_cast<unsigned>(k.compare)), y,
                                            operand(k.compare_with, 0));
  const std::uint32_t f = apply(k.function, z, operand(k.divisor, kOne));
  return multiply_add(f, k.multiplicand2, k.addend2);
}

std::uint32_t larger(std::uint32_t x, std::uint32_t y) {
  return hls::fp32_compare(hls::Bits<3>(static_cast<unsigned>(spec::Compare::kMax)), x, y);
}

// The position of the first largest number, or of the first NaN.
std::uint32_t first_largest(std::span<const std::uint32_t> numbers) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 0; i < numbers.size(); ++i) {
    if (hls::is_nan(numbers[i])) return i;
    const std::uint32_t held = hls::flush(numbers[best]);
    if (larger(held, numbers[i]) != held) best = i;
  }
  return best;
}

// The fold of numbers one after another from +0 or -infinity.
std::uint32_t fold(spec::Reduce reduce, std::span<const std::uint32_t> numbers) {
  std::uint32_t sum = reduce == spec::Reduce::kMax ? kMinusInfinity : 0;
  for (const std::uint32_t g : numbers) {
    if (reduce == spec::Reduce::kMax) {
      sum = larger(sum, g);
    } else {
      sum = hls::fp32_fma(g, reduce == spec::Reduce::kSumSquares ? g : kOne, sum);
    }
  }
  return sum;
}

std::uint32_t reduce_row(spec::Reduce reduce, std::span<const std::uint32_t> row) {
  std::array<std::uint32_t, kWord> lanes{};
  for (std::size_t l = 0; l < kWord; ++l) {
    std::vector<std::uint32_t> own;
    for (std::size_t c = l; c < row.size(); c += kWord) own.push_back(row[c]);
    lanes[l] = fold(reduce, own);
  }
  for (std::size_t half = kWord / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      lanes[i] = reduce == spec::Reduce::kMax ? larger(lanes[i], lanes[i + half])
                                              : hls::fp32_fma(lanes[i], kOne, lanes[i + half]);
    }
  }
  return lanes[0];
}

}  // namespace

void vector(const spec::Vector& k, std::span<std::uint32_t> v) {
  Matrix g{k.cols, std::vector<std::uint32_t>(std::size_t{k.rows} * k.cols)};
  for (std::size_t r = 0; r < k.rows; ++r) {
    for (std::size_t c = 0; c < k.cols; ++c) g.at(r, c) = pass(k, v, r, c);
  }
  if (k.convert_out != spec::ConvertOut::kDiscard) {
    const bool int8 = k.convert_out == spec::ConvertOut::kInt8;
    for (std::size_t r = 0; r < k.rows; ++r) {
      for (std::size_t c = 0; c < k.cols; ++c) {
        v[(k.dst + r * k.dst_pitch) * kWord + c] =
            int8 ? hls::fp32_to_int8(g.at(r, c)) : g.at(r, c);
      }
    }
  }
  if (k.reduce == spec::Reduce::kNone) return;
  const bool by_column = k.reduce_axis == spec::ReduceAxis::kColumn;
  for (std::size_t i = 0; i < (by_column ? k.cols : k.rows); ++i) {
    std::vector<std::uint32_t> line;
    for (std::size_t j = 0; j < (by_column ? k.rows : k.cols); ++j) {
      line.push_back(by_column ? g.at(j, i) : g.at(i, j));
    }
    std::uint32_t& result = v[k.reduce_dst * kWord + i];
    if (k.reduce == spec::Reduce::kArgmax) {
      result = first_largest(line);
    } else {
      result = by_column ? fold(k.reduce, line) : reduce_row(k.reduce, line);
    }
  }
}

}  // namespace weft::test::plain
