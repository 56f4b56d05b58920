// SPDX-License-Identifier: Apache-2.0
// IEEE 754 binary32 ("FP32") as Weft uses it: the pieces that the functions of this folder share.
//
// Subnormal inputs count as zero of their sign (DAZ), every NaN result is kNan, and a result that
// is tiny after rounding becomes zero of its sign (FTZ). docs/numerics.md has the rules.
#pragma once

#include <cstdint>

#include "hls/functions/bits.h"

namespace weft::hls {

inline constexpr std::uint32_t kNan = 0x7fc00000u;       // the only NaN a function returns
inline constexpr std::uint32_t kInfinity = 0x7f800000u;  // its bits without the sign
inline constexpr std::uint32_t kMagnitude = 0x7fffffffu;
inline constexpr std::uint32_t kSign = 0x80000000u;

inline bool is_nan(std::uint32_t x) {
  return (x & kMagnitude) > kInfinity;
}

// DAZ: a subnormal becomes zero of its sign.
inline std::uint32_t flush(std::uint32_t x) {
  return (x & kInfinity) == 0 ? x & kSign : x;
}

// A number taken apart. The value is significand * 2^(exponent - 150) unless infinite or nan.
struct Float32 {
  bool sign;
  Bits<8> exponent;
  Bits<24> significand;  // leading one included; 0 for zero and for subnormals
  bool zero;
  bool infinite;
  bool nan;
};

inline Float32 unpack(std::uint32_t x) {
  const Bits<8> exponent = Bits<8>(x >> 23);
  const Bits<23> fraction = Bits<23>(x);
  const bool zero = exponent == 0;
  const bool special = exponent == 255;
  const Bits<24> significand = Bits<24>(fraction) | (Bits<24>(1) << 23);
  return {.sign = (x >> 31) != 0,
          .exponent = exponent,
          .significand = zero ? Bits<24>(0) : significand,
          .zero = zero,
          .infinite = special && fraction == 0,
          .nan = special && fraction != 0};
}

// Nearest even of m / 2^shift, 17 <= shift <= 24: the last step of the conversions to 8 bits.
inline Bits<8> round_significand(Bits<24> m, Bits<5> shift) {
  const Bits<3> distance = Bits<3>(shift - 17);     // what the fixed part leaves
  const Bits<8> fixed = Bits<8>((m >> 16) & 0xff);  // quotient for 16, bit 0 is the half for 17
  const bool below = Bits<16>(m) != 0;
  const Bits<9> jammed = Bits<9>(Bits<9>(fixed) << 1) | Bits<9>(below);
  const Bits<9> x = shift_right_jam<9, 3>(jammed, distance);  // quotient, half, sticky
  const bool half = ((x >> 1) & 1) != 0;
  const bool odd_or_more = (x & 1) != 0 || ((x >> 2) & 1) != 0;
  return Bits<8>(x >> 2) + Bits<8>(half && odd_or_more);
}

}  // namespace weft::hls
