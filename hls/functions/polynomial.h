// SPDX-License-Identifier: Apache-2.0
// Evaluates a segment of the tables that hls/tables.py derives.
//
// u is an offset of D bits from the centre of the segment, in -1/2..1/2 of its width. A product is
// cut (towards minus infinity) to the unit of the coefficients, so a step is wrong by at most one
// unit, half of which the next step passes on: at most 1.5 units for degree 2, 1.75 for degree 3,
// always below the exact value. The tables choose the widths such that no sum overflows.
#pragma once

#include "hls/functions/bits.h"

namespace weft::hls {

// An offset from the left end of a segment, as an offset from its centre.
template <int D>
inline SignedBits<D> from_centre(Bits<D> offset) {
  return SignedBits<D>(offset ^ (Bits<D>(1) << (D - 1)));
}

// c + u * higher
template <int W, int H, int D>
inline SignedBits<W> horner_step(SignedBits<W> c, SignedBits<H> higher, SignedBits<D> u) {
  using Product = SignedBits<H + D>;
  return SignedBits<W>(c + SignedBits<W>((Product(higher) * Product(u)) >> D));
}

template <int W0, int W1, int W2, int D>
inline SignedBits<W0> quadratic(SignedBits<W0> c0, SignedBits<W1> c1, SignedBits<W2> c2,
                                SignedBits<D> u) {
  return horner_step(c0, horner_step(c1, c2, u), u);
}

// The higher steps use the upper 18 bits of u.
template <int W0, int W1, int W2, int W3, int D>
inline SignedBits<W0> cubic(SignedBits<W0> c0, SignedBits<W1> c1, SignedBits<W2> c2,
                            SignedBits<W3> c3, SignedBits<D> u) {
  const SignedBits<18> upper = SignedBits<18>(u >> (D - 18));
  return horner_step(c0, horner_step(c1, horner_step(c2, c3, upper), upper), u);
}

}  // namespace weft::hls
