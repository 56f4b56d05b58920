// SPDX-License-Identifier: Apache-2.0
// fp32_log2: the logarithm of x to the base 2.
//
// log2(2^e m) = e + t g(t) with t = m - 1 and g(t) = log2(1 + t) / t from a table of polynomials;
// e and m are chosen such that m lies in 3/4..3/2. So a result near zero (e = 0, small t) keeps its
// relative accuracy, and nothing cancels. Powers of two give exact integers; 1 gives +0.
// Zero of either sign and subnormals give -infinity, negative numbers NaN, +infinity +infinity.
//
// Error: at most 1 ulp (measured: docs/numerics.md).
// Source: P. T. P. Tang, Table-driven implementation of the logarithm function in IEEE
// floating-point arithmetic, ACM TOMS 16(4), 1990, with the table of hls/tables.py.
#pragma once

#include "hls/functions/log2_table.h"
#include "hls/functions/polynomial.h"
#include "hls/functions/round_fp32.h"

namespace weft::hls {

inline std::uint32_t fp32_log2(std::uint32_t x) {
  const Float32 number = unpack(x);
  const Bits<23> fraction = Bits<23>(number.significand);
  const bool upper = (fraction >> 22) != 0;  // m is halved

  const Bits<7> segment = Bits<7>(fraction >> 16);
  const SignedBits<16> u = from_centre(Bits<16>(fraction));
  const SignedBits<30> g = quadratic(log2_table::kC0[segment], log2_table::kC1[segment],
                                     log2_table::kC2[segment], u);  // units of 2^-28

  // t in units of 2^-24: the fraction doubled, or the fraction less one half.
  const SignedBits<24> t = upper ? SignedBits<24>(Bits<24>(fraction) - (Bits<24>(1) << 23))
                                 : SignedBits<24>(Bits<24>(fraction) << 1);
  const SignedBits<9> e = SignedBits<9>(number.exponent) - SignedBits<9>(127) +
                          SignedBits<9>(SignedBits<2>(upper ? 1 : 0));
  const SignedBits<62> product = SignedBits<62>(t) * SignedBits<62>(g);  // units of 2^-52
  const SignedBits<62> sum = (SignedBits<62>(e) << 52) + product;

  const bool negative = sum < 0;
  const Bits<60> magnitude = Bits<60>(negative ? -sum : sum);
  Bits<6> leading_zeros;
  const Bits<60> normal = normalise<60, 6>(magnitude, leading_zeros);
  const SignedBits<11> exponent = SignedBits<11>(134) - SignedBits<11>(leading_zeros);
  const std::uint32_t result = round_fp32<60>(negative, exponent, normal);

  if (number.zero) return kSign | kInfinity;
  if (number.nan || number.sign) return kNan;
  if (number.infinite) return kInfinity;
  return magnitude == 0 ? 0 : result;
}

}  // namespace weft::hls
