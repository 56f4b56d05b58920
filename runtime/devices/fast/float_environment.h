// SPDX-License-Identifier: Apache-2.0
// FloatEnvironment: while it lives, FP32 arithmetic of this thread rounds to nearest even, reads
// subnormals as zero and flushes tiny results, as the card does (tininess after rounding, which is
// what x86 does under FTZ and what this device therefore needs).
#pragma once

#if !defined(__x86_64__)
#error "The fast device needs x86-64: its FTZ and DAZ are the card's"
#endif

#include <immintrin.h>

namespace weft::fast {

class FloatEnvironment {
 public:
  FloatEnvironment() : saved_(_mm_getcsr()) {
    constexpr unsigned kAllMasked = 0x1f80;  // no traps, nearest even
    constexpr unsigned kFlushToZero = 0x8000;
    constexpr unsigned kDenormalsAreZero = 0x0040;
    _mm_setcsr(kAllMasked | kFlushToZero | kDenormalsAreZero);
  }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;
  ~FloatEnvironment() { _mm_setcsr(saved_); }

 private:
  unsigned saved_;
};

}  // namespace weft::fast
