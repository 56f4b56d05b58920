// SPDX-License-Identifier: Apache-2.0
// The last step of the approximations: a significand that has no exact tail becomes an FP32 number.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

// The FP32 number nearest to significand * 2^(exponent - 127 - (W - 1)), ties away from zero. The
// significand has its top bit set, or is so near 2^(W-1) that it rounds there. Tiny results become
// zero of their sign, large ones infinity.
template <int W>
inline std::uint32_t round_fp32(bool sign, SignedBits<11> exponent, Bits<W> significand) {
  static_assert(W > 25);
  const Bits<26> halves = Bits<26>(significand >> (W - 25)) + Bits<26>(1);
  // The leading one of the significand, and a carry of the rounding, go into the exponent.
  const SignedBits<11> below = exponent - SignedBits<11>(1);
  const Bits<34> rounded = (Bits<34>(Bits<11>(below)) << 23) + Bits<34>(halves >> 1);
  const SignedBits<11> result_exponent = SignedBits<11>(Bits<11>(rounded >> 23));
  const std::uint32_t sign_bit = sign ? kSign : 0;
  if (result_exponent <= 0) return sign_bit;
  if (result_exponent >= 255) return sign_bit | kInfinity;
  return sign_bit | (std::uint32_t(rounded) & kMagnitude);
}

}  // namespace weft::hls
