// SPDX-License-Identifier: Apache-2.0
// fp32_fma: a * b + c, the multiply-add of the vector chain.
//
// Error: at most 0.5 ulp (one rounding, nearest even). Subnormal operands count as zero, tiny
// results become zero of their sign, every NaN is 0x7fc00000.
// Source: IEEE 754-2019, 5.4.1 fusedMultiplyAdd, with x86's DAZ and FTZ.
#pragma once

#include "hls/functions/fused_add.h"

namespace weft::hls {

inline std::uint32_t fp32_fma(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  const Float32 x = unpack(a);
  const Float32 y = unpack(b);
  const bool infinite = x.infinite || y.infinite;
  const bool zero = x.zero || y.zero;
  const Product<48> product = {
      .sign = x.sign != y.sign,
      .exponent = SignedBits<11>(SignedBits<11>(x.exponent) + SignedBits<11>(y.exponent) -
                                 SignedBits<11>(126)),
      .significand = Bits<48>(x.significand) * Bits<48>(y.significand),
      .zero = zero,
      .infinite = infinite,
      .nan = x.nan || y.nan || (infinite && zero)};
  return fused_add<48>(product, unpack(c));
}

}  // namespace weft::hls
