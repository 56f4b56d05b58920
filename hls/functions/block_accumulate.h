// SPDX-License-Identifier: Apache-2.0
// block_accumulate: adds the integer sum of one block to an accumulator of the matmul array.
//
// fp:     acc = fma(float(sum), scale_a * scale_b, acc); acc is FP32. The scale product is one FP32
//         multiply of its own (exact, or flushed, or infinite).
//         scale_a is e8m0: 2^(scale_a - 127); 255 is NaN, 0 counts as zero (2^-127 is subnormal).
//         scale_b is the upper 19 bits of an FP32: sign, 8 exponent, 10 fraction bits.
// not fp: acc = acc + sum modulo 2^32; the scales are ignored.
//
// Error: at most 0.5 ulp per block (float(sum) and the scale product are exact). Any 21-bit sum is
// allowed; a block of 32 products of int8 needs |sum| <= 2^19.
// Source: IEEE 754-2019, 5.4.1; OCP Microscaling Formats v1.0, 5.4 (E8M0) and 6.2 (dot products).
#pragma once

#include "hls/functions/fused_add.h"

namespace weft::hls {

inline std::uint32_t block_accumulate(bool fp, SignedBits<21> sum, std::uint8_t scale_a,
                                      Bits<19> scale_b, std::uint32_t acc) {
  using Exponent = SignedBits<11>;
  const Float32 b = unpack(std::uint32_t(scale_b) << 13);

  // The product of the scales: b's significand with another exponent.
  const Exponent scale_exponent = Exponent(b.exponent) + Exponent(scale_a) - Exponent(127);
  const bool scale_nan = b.nan || scale_a == 255 || (b.infinite && scale_a == 0);
  const bool scale_zero = b.zero || scale_a == 0 || (!b.infinite && scale_exponent <= 0);
  const bool scale_infinite = b.infinite || (!scale_zero && scale_exponent >= 255);

  // |sum| with its leading one in bit 20, times the 11-bit significand: 32 bits.
  const bool sum_sign = sum < 0;
  const Bits<21> magnitude = sum_sign ? Bits<21>(-Bits<21>(sum)) : Bits<21>(sum);
  Bits<5> leading_zeros;
  const Bits<21> normal = normalise<21, 5>(magnitude, leading_zeros);
  const Bits<11> scale = scale_zero ? Bits<11>(0) : Bits<11>(b.significand >> 13);
  const bool sum_zero = magnitude == 0;
  const Product<32> product = {
      .sign = sum_sign != b.sign,
      .exponent = Exponent(scale_exponent + Exponent(21) - Exponent(leading_zeros)),
      .significand = Bits<32>(normal) * Bits<32>(scale),
      .zero = sum_zero || scale_zero,
      .infinite = scale_infinite,
      .nan = scale_nan || (scale_infinite && sum_zero)};
  const std::uint32_t accumulated = fused_add<32>(product, unpack(acc));
  return fp ? accumulated : acc + std::uint32_t(std::int32_t(sum));
}

}  // namespace weft::hls
