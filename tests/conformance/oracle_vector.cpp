// SPDX-License-Identifier: Apache-2.0
// The vector chain and its reductions in the oracle.
#include <array>

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
#include "tests/conformance/oracle.h"
#include "tests/conformance/oracle_layout.h"

namespace weft::test {
namespace {

constexpr std::uint32_t kOne = 0x3f800000;
constexpr std::uint32_t kMinusZero = 0x80000000;
constexpr std::uint32_t kMinusInfinity = 0xff800000;

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

std::uint32_t add(std::uint32_t x, std::uint32_t y) {
  return hls::fp32_fma(x, kOne, y);
}
std::uint32_t larger(std::uint32_t x, std::uint32_t y) {
  return hls::fp32_compare(1, x, y);
}

// Of x and a later y; the first NaN wins, then the larger number, then the earlier one.
bool later_wins(std::uint32_t x, std::uint32_t y) {
  if (hls::is_nan(x)) return false;
  if (hls::is_nan(y)) return true;
  // Equal numbers differ in their bits only if one is -0 and the other +0, which is larger.
  const std::uint32_t most = larger(x, y);
  return most != hls::flush(x);
}

std::uint32_t fold(spec::Reduce how, std::uint32_t sum, std::uint32_t g) {
  switch (how) {
    case spec::Reduce::kSum:
      return hls::fp32_fma(g, kOne, sum);
    case spec::Reduce::kSumSquares:
      return hls::fp32_fma(g, g, sum);
    default:
      return larger(sum, g);
  }
}

// All elements of a row or column, in ascending order.
std::uint32_t reduced(spec::Reduce how, bool tree, const std::vector<std::uint32_t>& g) {
  if (how == spec::Reduce::kArgmax) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < g.size(); ++i) {
      if (later_wins(g[best], g[i])) best = i;
    }
    return static_cast<std::uint32_t>(best);
  }
  const std::uint32_t start = how == spec::Reduce::kMax ? kMinusInfinity : 0;
  if (!tree) {
    std::uint32_t sum = start;
    for (const std::uint32_t each : g) sum = fold(how, sum, each);
    return sum;
  }
  std::array<std::uint32_t, 16> lane;
  lane.fill(start);
  for (std::size_t c = 0; c < g.size(); ++c) lane[c % 16] = fold(how, lane[c % 16], g[c]);
  const bool max = how == spec::Reduce::kMax;
  for (std::size_t half = 8; half >= 1; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      lane[i] = max ? larger(lane[i], lane[i + half]) : add(lane[i], lane[i + half]);
    }
  }
  return lane[0];
}

}  // namespace

std::uint32_t Oracle::chain(const spec::Vector& vector, const Scalars& scalars, std::size_t r,
                            std::size_t c) const {
  std::uint32_t x = v_[(vector.src + r * vector.src_pitch) * kWord + c];
  if (vector.convert_in == spec::ConvertIn::kInt32) x = hls::int32_to_fp32(x);
  const auto value = [&](std::uint32_t bits, std::uint8_t scalar) {
    return scalar == 0 ? bits : scalars.at(scalar - 1u);
  };
  const auto operand = [&](spec::Operand kind, std::uint32_t none) {
    switch (kind) {
      case spec::Operand::kNone:
        return none;
      case spec::Operand::kInput:
        return x;
      case spec::Operand::kSecond:
        return v_[(vector.second + r * vector.second_pitch) * kWord + c];
      case spec::Operand::kColumn:
        return v_[vector.column * kWord + c];
      case spec::Operand::kRow:
        return v_[vector.row * kWord + r];
      case spec::Operand::kValue0:
        return value(vector.value0, vector.value0_scalar);
      case spec::Operand::kValue1:
        return value(vector.value1, vector.value1_scalar);
      case spec::Operand::kValue2:
        return value(vector.value2, vector.value2_scalar);
      case spec::Operand::kValue3:
        return value(vector.value3, vector.value3_scalar);
    }
    return none;
  };
  const auto multiply_add = [&](std::uint32_t of, spec::Operand multiplicand,
                                spec::Operand addend) {
    if (multiplicand == spec::Operand::kNone && addend == spec::Operand::kNone) return of;
    return hls::fp32_fma(of, operand(multiplicand, kOne), operand(addend, kMinusZero));
  };
  const std::uint32_t y = multiply_add(x, vector.multiplicand, vector.addend);
  const std::uint32_t z = hls::fp32_compare(hls::Bits<3>(static_cast<unsigned>(vector.compare)), y,
                                            operand(vector.compare_with, 0));
  const std::uint32_t f = apply(vector.function, z, operand(vector.divisor, kOne));
  return multiply_add(f, vector.multiplicand2, vector.addend2);
}

void Oracle::vector(const spec::Vector& vector, const Scalars& scalars) {
  std::vector<std::vector<std::uint32_t>> g(vector.rows, std::vector<std::uint32_t>(vector.cols));
  for (std::size_t r = 0; r < vector.rows; ++r) {
    for (std::size_t c = 0; c < vector.cols; ++c) g[r][c] = chain(vector, scalars, r, c);
  }
  if (vector.reduce != spec::Reduce::kNone) {
    const bool of_rows = vector.reduce_axis == spec::ReduceAxis::kRow;
    for (std::size_t i = 0; i < (of_rows ? vector.rows : vector.cols); ++i) {
      std::vector<std::uint32_t> line;
      for (std::size_t r = 0; r < vector.rows && !of_rows; ++r) line.push_back(g[r][i]);
      if (of_rows) line = g[i];
      v_[vector.reduce_dst * kWord + i] = reduced(vector.reduce, of_rows, line);
    }
  }
  for (std::size_t r = 0; r < vector.rows; ++r) {
    for (std::size_t c = 0; c < vector.cols; ++c) {
      if (vector.convert_out == spec::ConvertOut::kDiscard) continue;
      const bool int8 = vector.convert_out == spec::ConvertOut::kInt8;
      v_[(vector.dst + r * vector.dst_pitch) * kWord + c] =
          int8 ? hls::fp32_to_int8(g[r][c]) : g[r][c];
    }
  }
}

}  // namespace weft::test
