// SPDX-License-Identifier: Apache-2.0
// hardware.h for x86-64: loops that the compiler turns into AVX2 and FMA instructions.
#include "hls/native/hardware.h"

#include "hls/functions/float32.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <bit>

#define WEFT_HOST_FMA __attribute__((target("avx2,fma"), noinline))

namespace weft::hls::native {
namespace {

constexpr unsigned kFlush = 0x8040;     // FTZ and DAZ
constexpr unsigned kRounding = 0x6000;  // 0 is nearest even

// FTZ, DAZ and nearest even while it lives. Costs little where they are set already.
class FlushMode {
 public:
  FlushMode() : saved_(_mm_getcsr()), changed_((saved_ & (kFlush | kRounding)) != kFlush) {
    if (changed_) _mm_setcsr((saved_ & ~kRounding) | kFlush);
  }
  ~FlushMode() {
    if (changed_) _mm_setcsr(saved_);
  }
  FlushMode(const FlushMode&) = delete;
  FlushMode& operator=(const FlushMode&) = delete;

 private:
  const unsigned saved_;
  const bool changed_;
};

inline float number(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

inline std::uint32_t canonical(float x) {
  return x != x ? kNan : std::bit_cast<std::uint32_t>(x);
}

// Not inlined, so that no floating-point operation leaves the scope of FlushMode.
WEFT_HOST_FMA void accumulate_loop(int lanes, const std::uint8_t* __restrict fp,
                                   const std::uint32_t* __restrict sum,
                                   const std::uint8_t* __restrict scale_a,
                                   const std::uint32_t* __restrict scale_b,
                                   const std::uint32_t* __restrict acc,
                                   std::uint32_t* __restrict results) {
  for (int lane = 0; lane < lanes; ++lane) {
    const std::int32_t integer = std::int32_t(sum[lane] << 11) >> 11;
    // As FP32 bits, e8m0 255 would be infinity: it is NaN.
    const std::uint32_t a = scale_a[lane] == 255 ? kNan : std::uint32_t(scale_a[lane]) << 23;
    const float scale = number(a) * number(scale_b[lane] << 13);
    const float sum_of_all = __builtin_fmaf(float(integer), scale, number(acc[lane]));
    const std::uint32_t wrapped = acc[lane] + std::uint32_t(integer);
    results[lane] = fp[lane] != 0 ? canonical(sum_of_all) : wrapped;
  }
}

WEFT_HOST_FMA void fma_loop(int lanes, const std::uint32_t* __restrict a,
                            const std::uint32_t* __restrict b, const std::uint32_t* __restrict c,
                            std::uint32_t* __restrict results) {
  for (int lane = 0; lane < lanes; ++lane) {
    results[lane] = canonical(__builtin_fmaf(number(a[lane]), number(b[lane]), number(c[lane])));
  }
}

}  // namespace

bool hardware_usable() {
  static const bool usable = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return usable;
}

void block_accumulate(int lanes, const std::uint8_t* fp, const std::uint32_t* sum,
                      const std::uint8_t* scale_a, const std::uint32_t* scale_b,
                      const std::uint32_t* acc, std::uint32_t* results) {
  const FlushMode mode;
  accumulate_loop(lanes, fp, sum, scale_a, scale_b, acc, results);
}

void fp32_fma(int lanes, const std::uint32_t* a, const std::uint32_t* b, const std::uint32_t* c,
              std::uint32_t* results) {
  const FlushMode mode;
  fma_loop(lanes, a, b, c, results);
}

}  // namespace weft::hls::native

#else

namespace weft::hls::native {

bool hardware_usable() {
  return false;
}

void block_accumulate(int, const std::uint8_t*, const std::uint32_t*, const std::uint8_t*,
                      const std::uint32_t*, const std::uint32_t*, std::uint32_t*) {}

void fp32_fma(int, const std::uint32_t*, const std::uint32_t*, const std::uint32_t*,
              std::uint32_t*) {}

}  // namespace weft::hls::native

#endif
