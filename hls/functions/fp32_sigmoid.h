// SPDX-License-Identifier: Apache-2.0
// fp32_sigmoid: 1 / (1 + e^-x).
//
// With E = e^-|x| = 2^-(|x| log2(e)) the result is R = 1 / (1 + E) for x >= 0 and E R for x < 0, so
// nothing cancels and small results keep their relative accuracy. E comes from the table of
// fp32_exp2, R from that of fp32_divide. +infinity gives 1, -infinity +0, NaN 0x7fc00000; a result
// that rounds below 2^-126 is +0.
//
// Error: at most 1.25 ulp (measured: docs/numerics.md).
// Source: the definition; the parts as in fp32_exp2.h and fp32_divide.h.
#pragma once

#include "hls/functions/power_of_two.h"
#include "hls/functions/reciprocal.h"
#include "hls/functions/round_fp32.h"

namespace weft::hls {

inline std::uint32_t fp32_sigmoid(std::uint32_t x) {
  constexpr std::uint64_t kLog2E = 24785312075u;  // log2(e) in units of 2^-34
  const Float32 number = unpack(x);
  const Bits<59> product = Bits<59>(number.significand) * Bits<59>(kLog2E);  // units of 2^-57
  const Bits<37> exponent_of_e = -fixed_point(Bits<37>(product >> 22), number.exponent);

  // E = power * 2^whole; both may be 2 * 2^-1 where |x| is tiny.
  const SignedBits<9> whole = SignedBits<9>(exponent_of_e >> 28);
  const Bits<31> power = power_of_two(Bits<28>(exponent_of_e));  // units of 2^-29
  const Bits<9> down = -Bits<9>(whole);
  const Bits<5> shift = down > 31 ? Bits<5>(31) : Bits<5>(down);
  const Bits<32> unclipped = Bits<32>(power) >> shift;
  const Bits<29> e = (unclipped >> 29) != 0 ? Bits<29>(~Bits<29>(0)) : Bits<29>(unclipped);
  const Bits<29> r = reciprocal(Bits<27>(e >> 2));  // units of 2^-28

  // E R in units of 2^-54, 1/2..2 before the scaling by 2^whole.
  const Bits<56> full = Bits<56>(Bits<30>(power >> 1)) * Bits<56>(Bits<27>(r >> 2));
  const Bits<2> zeros = (full >> 55) != 0 ? 0 : (full >> 54) != 0 ? 1 : 2;
  const Bits<56> normal = full << zeros;
  const SignedBits<11> exponent =
      SignedBits<11>(128) + SignedBits<11>(whole) - SignedBits<11>(zeros);

  // R, 1/2..1; what reaches 1 is made to round to 1.
  const Bits<28> r_below_one = (r >> 28) != 0 ? Bits<28>(~Bits<28>(0)) : Bits<28>(r);
  const Bits<28> significand = number.sign ? Bits<28>(normal >> 28) : r_below_one;
  const std::uint32_t result =
      round_fp32<28>(false, number.sign ? exponent : SignedBits<11>(126), significand);
  if (number.nan) return kNan;
  if (number.exponent >= 134) return number.sign ? 0 : 0x3f800000u;
  return result;
}

}  // namespace weft::hls
