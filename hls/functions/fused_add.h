// SPDX-License-Identifier: Apache-2.0
// The second half of a fused multiply-add: an exact product plus an FP32 number, rounded once.
//
// Correctly rounded (nearest even) as IEEE 754-2019 fusedMultiplyAdd, with the flushes and the NaN
// of float32.h. An exact zero from unequal signs is +0.
//
// Widths. The product keeps its W bits and may start with one leading zero, so its exponent is that
// of its top bit. The operand with the smaller exponent is shifted right, all lost bits jammed
// into bit 0. One extra bit below suffices: bits are lost before it only from a distance of 2 when
// the product is shifted (W - 24 when the addend is), and then the sum keeps its leading one
// within three places of the top, so that bit 0 lies below the rounding bit for W >= 32.
#pragma once

#include "hls/functions/float32.h"

namespace weft::hls {

// significand * 2^(exponent - 127 - (W - 1)); significand < 2^W, and >= 2^(W-2) unless zero.
template <unsigned W>
struct Product {
  bool sign;
  SignedBits<11> exponent;  // any value if zero
  Bits<W> significand;
  bool zero;
  bool infinite;
  bool nan;
};

template <unsigned W>
inline std::uint32_t fused_add(const Product<W>& product, const Float32& addend) {
  using Exponent = SignedBits<11>;
  constexpr unsigned kSum = W + 2;  // a carry above and one bit below
  constexpr Exponent kLowest = -256;

  // The operand with the larger exponent stays, the other is aligned with it.
  const Exponent product_exponent = product.zero ? kLowest : product.exponent;
  const Exponent addend_exponent = Exponent(addend.exponent);
  const Bits<W> addend_significand = Bits<W>(addend.significand) << (W - 24);
  const Exponent difference = product_exponent - addend_exponent;
  const bool keep_product = difference >= 0;
  const Exponent distance = keep_product ? difference : Exponent(-difference);
  const Bits<6> shift = distance > Exponent(W) ? Bits<6>(W) : Bits<6>(distance);
  const Bits<W> kept = keep_product ? product.significand : addend_significand;
  const Bits<W> moved = keep_product ? addend_significand : product.significand;
  const Bits<W + 1> aligned = shift_right_jam<W + 1, 6>(Bits<W + 1>(moved) << 1, shift);

  // Sum or difference; negative only if the exponents were close, when nothing was lost.
  const bool subtract = product.sign != addend.sign;
  const Bits<kSum> left = Bits<kSum>(kept) << 1;
  const Bits<kSum> right = Bits<kSum>(aligned);
  const Bits<kSum> sum = subtract ? left - right : left + right;
  const bool negative = subtract && (sum >> (kSum - 1)) != 0;
  const Bits<kSum> magnitude = negative ? Bits<kSum>(-sum) : sum;
  const bool kept_sign = keep_product ? product.sign : addend.sign;
  const bool sign = kept_sign != negative;

  // Normalise, round to nearest even; the carry of the rounding runs into the exponent.
  Bits<6> leading_zeros;
  const Bits<kSum> normal = normalise<kSum, 6>(magnitude, leading_zeros);
  const Exponent top = (keep_product ? product_exponent : addend_exponent) + Exponent(1);
  const Exponent exponent = top - Exponent(leading_zeros);
  const Bits<23> fraction = Bits<23>(normal >> (kSum - 24));
  const bool half = ((normal >> (kSum - 25)) & 1) != 0;
  const bool below = Bits<kSum - 25>(normal) != 0;
  const bool up = half && (below || (fraction & 1) != 0);
  const Bits<34> rounded =
      ((Bits<34>(Bits<11>(exponent)) << 23) | Bits<34>(fraction)) + Bits<34>(up);
  const Exponent rounded_exponent = Exponent(Bits<11>(rounded >> 23));

  const bool empty = magnitude == 0;
  const std::uint32_t sign_bit = (empty ? product.sign && addend.sign : sign) ? kSign : 0;
  const bool invalid = product.infinite && addend.infinite && subtract;
  if (product.nan || addend.nan || invalid) return kNan;
  if (product.infinite) return (product.sign ? kSign : 0) | kInfinity;
  if (addend.infinite) return (addend.sign ? kSign : 0) | kInfinity;
  if (empty || rounded_exponent <= 0) return sign_bit;
  if (rounded_exponent >= 255) return sign_bit | kInfinity;
  return sign_bit | (std::uint32_t(rounded) & kMagnitude);
}

}  // namespace weft::hls
