// SPDX-License-Identifier: Apache-2.0
#include "reference.h"

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace weft::hls::test {

HostFlush::HostFlush() : saved_(_mm_getcsr()) {
  _mm_setcsr(saved_ | 0x8040);
}
HostFlush::~HostFlush() {
  _mm_setcsr(saved_);
}

namespace reference {
namespace {

constexpr std::uint32_t kQuietNan = 0x7fc00000;

float number(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}
std::uint32_t bits(float x) {
  return std::isnan(x) ? kQuietNan : std::bit_cast<std::uint32_t>(x);
}

// Hardware instructions behind calls, so that no compiler evaluates them by other rules.
__attribute__((noinline, target("fma"))) float fma_instruction(float a, float b, float c) {
  return _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c)));
}
__attribute__((noinline)) float multiply_instruction(float a, float b) {
  return _mm_cvtss_f32(_mm_mul_ss(_mm_set_ss(a), _mm_set_ss(b)));
}
__attribute__((noinline)) float divide_instruction(float a, float b) {
  return _mm_cvtss_f32(_mm_div_ss(_mm_set_ss(a), _mm_set_ss(b)));
}
__attribute__((noinline)) float sqrt_instruction(float a) {
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a)));
}

// As a double, exact; subnormals are zero. Doubles of this size are never subnormal.
double flushed(std::uint32_t x) {
  const double value = std::abs(std::ldexp(double((x & 0x7fffff) | 0x800000), 0));
  const int exponent = int((x >> 23) & 255);
  const double magnitude = exponent == 0 ? 0.0 : std::ldexp(value, exponent - 150);
  return (x >> 31) != 0 ? -magnitude : magnitude;
}

// Nearest even; the rounding mode of a test is never another.
double nearest(double x) {
  return std::nearbyint(x);
}

bool special(std::uint32_t x) {
  return (x & 0x7f800000) == 0x7f800000;
}

}  // namespace

std::uint32_t block_accumulate(const Operands& x) {
  const auto [fp, sum_bits, scale_a, scale_b, acc] = x;
  const std::int32_t sum = std::int32_t(sum_bits << 11) >> 11;
  if (fp == 0) return acc + std::uint32_t(sum);
  const float a = scale_a == 255 ? std::numeric_limits<float>::quiet_NaN() : number(scale_a << 23);
  const float scale = multiply_instruction(a, number(scale_b << 13));
  return bits(fma_instruction(float(sum), scale, number(acc)));
}

std::uint32_t fp32_fma(const Operands& x) {
  return bits(fma_instruction(number(x[0]), number(x[1]), number(x[2])));
}

std::uint32_t fp32_compare(const Operands& x) {
  const auto [op, y_bits, o_bits, unused_3, unused_4] = x;
  if (op == 0) return y_bits;
  // Multiplying by one flushes subnormals.
  const float y = multiply_instruction(number(y_bits), 1.0f);
  const float o = multiply_instruction(number(o_bits), 1.0f);
  if (std::isnan(o)) return kQuietNan;
  if (op == 3) return o > 0 ? bits(y) : 0;
  if (std::isnan(y)) return kQuietNan;
  if (op >= 4) return bits(y == o ? 1.0f : 0.0f);
  const bool y_less = y < o || (y == o && std::signbit(y));
  return bits((op == 1) == y_less ? o : y);
}

std::uint32_t int32_to_fp32(const Operands& x) {
  return bits(float(std::int32_t(x[0])));
}

std::uint32_t fp32_to_int8(const Operands& x) {
  const float value = number(x[0]);
  if (std::isnan(value)) return 0;
  return std::uint32_t(std::int32_t(std::clamp(std::nearbyintf(value), -128.0f, 127.0f)));
}

std::uint32_t fp32_to_bf16(const Operands& x) {
  if (std::isnan(number(x[0]))) return 0x7fc0;
  if (special(x[0])) return x[0] >> 16;
  // The two neighbours and the nearer one; 2^128 stands for infinity.
  const double value = std::abs(flushed(x[0]));
  const std::uint32_t below = value == 0 ? 0 : (x[0] & 0x7fffffff) >> 16;
  const double gap_below = value - flushed(below << 16);
  const double gap_above = flushed((below + 1) << 16) - value;
  const bool up = gap_above < gap_below || (gap_above == gap_below && (below & 1) != 0);
  return ((x[0] >> 31) << 15) | (below + (value != 0 && up ? 1 : 0));
}

std::uint32_t bf16_to_fp32(const Operands& x) {
  return bits(multiply_instruction(number(x[0] << 16), 1.0f));
}

std::uint32_t int32_to_int8(const Operands& x) {
  return std::uint32_t(std::clamp(std::int32_t(x[0]), -128, 127)) & 0xff;
}

std::uint32_t block_exponent(const Operands& x) {
  if (special(x[0])) return 255;
  // Far below this the largest would exceed 127 many times over.
  std::uint32_t scale = std::uint32_t(std::max(1, int(x[0] >> 23) - 10));
  while (nearest(std::ldexp(flushed(x[0]), 127 - int(scale))) > 127) ++scale;
  return scale;
}

std::uint32_t quantise(const Operands& x) {
  const auto [x_bits, scale, unused_2, unused_3, unused_4] = x;
  if (scale == 255) return 0;
  const double value = special(x_bits) ? ((x_bits >> 31) != 0 ? -1000.0 : 1000.0)
                                       : nearest(std::ldexp(flushed(x_bits), 127 - int(scale)));
  return std::uint32_t(std::int32_t(std::clamp(value, -127.0, 127.0))) & 0xff;
}

std::uint32_t fp32_divide(const Operands& x) {
  return bits(divide_instruction(number(x[0]), number(x[1])));
}

std::uint32_t fp32_sqrt(const Operands& x) {
  return bits(sqrt_instruction(number(x[0])));
}

std::uint32_t block_exponent_stochastic(const Operands& x) {
  if (special(x[0])) return 255;
  std::uint32_t scale = std::uint32_t(std::max(1, int(x[0] >> 23) - 10));
  while (std::ldexp(flushed(x[0]), 127 - int(scale)) > 127) ++scale;
  return scale;
}

// The steps of lookup3.c with sums for differences, on words kept below 2^32 by hand.
std::uint32_t random16(const Operands& x) {
  constexpr std::uint64_t kWord = std::uint64_t(1) << 32;
  std::uint64_t a = (x[1] * 0x10001u) ^ 0x243f6a88u;
  std::uint64_t b = x[2] ^ 0x85a308d3u;
  std::uint64_t c = x[0] ^ 0x13198a2eu;
  const auto step = [](std::uint64_t& to, std::uint64_t from, unsigned turn) {
    const std::uint64_t twice = from * (kWord + 1);  // the word behind itself
    to = ((to ^ from) + (twice >> (32 - turn)) % kWord) % kWord;
  };
  step(c, b, 14);
  step(a, c, 11);
  step(b, a, 25);
  step(c, b, 16);
  step(a, c, 4);
  step(b, a, 14);
  step(c, b, 24);
  return std::uint32_t((c % 65536) ^ (c / 65536));
}

// In double precision the sum is exact, or so far below an integer that rounding does not reach it.
std::uint32_t quantise_stochastic(const Operands& x) {
  const auto [x_bits, scale, draw, unused_3, unused_4] = x;
  if (scale == 255) return 0;
  const double steps =
      special(x_bits) ? 1000.0 : std::ldexp(std::abs(flushed(x_bits)), 127 - int(scale));
  const double rounded = std::min(std::floor(steps + double(draw) / 65536), 127.0);
  return std::uint32_t(std::int32_t((x_bits >> 31) != 0 ? -rounded : rounded)) & 0xff;
}

}  // namespace reference
}  // namespace weft::hls::test
