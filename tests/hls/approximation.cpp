// SPDX-License-Identifier: Apache-2.0
#include "approximation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace weft::hls::test::approximation {
namespace {

constexpr double kWrong = std::numeric_limits<double>::infinity();
constexpr double kTiny = 0x1p-126;

bool is_nan(std::uint32_t x) {
  return (x & 0x7fffffff) > 0x7f800000;
}

// The operand, subnormals as zero of their sign.
double operand(std::uint32_t x) {
  return std::bit_cast<float>((x & 0x7f800000) == 0 ? x & 0x80000000 : x);
}

double ulp(double exact) {
  return std::ldexp(1.0, std::max(std::ilogb(exact), -126) - 23);
}

// |result - exact| / (ulps ulp + absolute). Exact values of special operands are compared as bits:
// an exact infinity, NaN or zero allows nothing else. Infinity stands for 2^128, and zero for every
// number that FTZ flushes; a subnormal is never right.
double error(double exact, std::uint32_t result, double ulps, double absolute = 0) {
  if (std::isnan(exact)) return result == 0x7fc00000 ? 0 : kWrong;
  if (is_nan(result) || ((result & 0x7f800000) == 0 && (result & 0x7fffff) != 0)) return kWrong;
  if (std::isinf(exact) || exact == 0) {
    return result == std::bit_cast<std::uint32_t>(static_cast<float>(exact)) ? 0 : kWrong;
  }
  if (absolute == 0 && std::signbit(exact) != (result >> 31 != 0)) return kWrong;
  const double found =
      std::copysign((result & 0x7fffffff) == 0x7f800000 ? 0x1p128 : std::bit_cast<float>(result),
                    (result >> 31) != 0 ? -1.0 : 1.0);
  const double magnitude = std::abs(exact);
  // Between zero and the smallest number lies nothing; either end is right.
  if (magnitude < kTiny && (result & 0x7fffffff) == 0) return 0;
  const double nearest = std::clamp(magnitude, kTiny, 0x1p128);
  const double distance = std::abs(std::abs(found) - nearest);
  const bool other_side = std::signbit(exact) != std::signbit(found);
  return (other_side ? std::abs(found) + magnitude : distance) / (ulps * ulp(nearest) + absolute);
}

double distribution(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

double density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

}  // namespace

double fp32_exp2(const Operands& x, std::uint32_t result) {
  return error(is_nan(x[0]) ? NAN : std::exp2(operand(x[0])), result, 1);
}

double fp32_log2(const Operands& x, std::uint32_t result) {
  return error(is_nan(x[0]) ? NAN : std::log2(operand(x[0])), result, 1);
}

double fp32_sigmoid(const Operands& x, std::uint32_t result) {
  return error(is_nan(x[0]) ? NAN : 1 / (1 + std::exp(-operand(x[0]))), result, 1.25);
}

double fp32_tanh(const Operands& x, std::uint32_t result) {
  return error(is_nan(x[0]) ? NAN : std::tanh(operand(x[0])), result, 1);
}

double fp32_gelu(const Operands& x, std::uint32_t result) {
  const double number = operand(x[0]);
  if (is_nan(x[0])) return error(NAN, result, 1);
  if (number == -std::numeric_limits<double>::infinity()) return error(-0.0, result, 1);
  const double exact = number * distribution(number);
  if (number >= 0) return error(exact, result, 1);
  if (result >> 31 == 0) return kWrong;  // never positive, not even +0
  return error(exact, result, 0.5, -number * 0x1p-26);
}

double fp32_gelu_gradient(const Operands& x, std::uint32_t result) {
  const double number = operand(x[0]);
  if (is_nan(x[0])) return error(NAN, result, 1);
  if (std::isinf(number)) return error(number > 0 ? 1 : 0, result, 1);
  if (result == 0x80000000) return kWrong;  // a zero is +0
  const double exact = distribution(number) + number * density(number);
  return number >= 0 ? error(exact, result, 1) : error(exact, result, 0.5, 0x1p-26);
}

}  // namespace weft::hls::test::approximation
