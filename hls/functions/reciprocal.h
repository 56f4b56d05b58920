// SPDX-License-Identifier: Apache-2.0
// 1 / x of a number in 1..2: the core of fp32_divide and fp32_sigmoid.
#pragma once

#include "hls/functions/polynomial.h"
#include "hls/functions/reciprocal_table.h"

namespace weft::hls {

// 1 / (1 + fraction), fraction in units of 2^-F, in units of 2^-28: wrong by less than 2^-25.6
// (2^-26 from the polynomial, 2.5 units from evaluation and coefficients).
template <int F>
inline Bits<29> reciprocal(Bits<F> fraction) {
  const Bits<7> segment = Bits<7>(fraction >> (F - 7));
  const SignedBits<F - 7> u = from_centre(Bits<F - 7>(fraction));
  return Bits<29>(quadratic(reciprocal_table::kC0[segment], reciprocal_table::kC1[segment],
                            reciprocal_table::kC2[segment], u));
}

}  // namespace weft::hls
