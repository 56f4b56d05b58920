// SPDX-License-Identifier: Apache-2.0
// fp32_exp2: 2^x.
//
// 2^x = 2^i * 2^f with x = i + f, i an integer and 0 <= f < 1; 2^f from a table of polynomials.
// +infinity gives +infinity, -infinity +0, NaN 0x7fc00000. Integers give exact powers of two. From
// 128 on the result is infinite; one that rounds below 2^-126 is +0.
//
// Error: at most 1 ulp (measured: docs/numerics.md). Source: P. T. P. Tang, Table-driven
// implementation of the exponential function in IEEE floating-point arithmetic, ACM TOMS 15(2),
// 1989, with the table of hls/tables.py.
#pragma once

#include "hls/functions/power_of_two.h"
#include "hls/functions/round_fp32.h"

namespace weft::hls {

inline std::uint32_t fp32_exp2(std::uint32_t x) {
  const Float32 number = unpack(x);
  const Bits<37> magnitude = fixed_point(Bits<37>(number.significand) << 12, number.exponent);
  const Bits<37> fixed = number.sign ? Bits<37>(-magnitude) : magnitude;
  const SignedBits<11> whole = SignedBits<11>(SignedBits<9>(fixed >> 28));
  const std::uint32_t result =
      round_fp32<30>(false, whole + SignedBits<11>(127), Bits<30>(power_of_two(Bits<28>(fixed))));
  const bool large = number.exponent >= 134;  // 128 and above, infinity
  if (number.nan) return kNan;
  if (large) return number.sign ? 0 : kInfinity;
  return result;
}

}  // namespace weft::hls
