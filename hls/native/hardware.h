// SPDX-License-Identifier: Apache-2.0
// The functions of hls/functions that the host's floating-point unit computes exactly as specified:
// x86-64 with FMA under FTZ and DAZ. Bit for bit the same as the source; tests/hls shows it.
//
// Used for simulation speed only. Where hardware_usable() is false, call the source.
#pragma once

#include <cstdint>

// On x86-64 compiles a function twice, for AVX2 and FMA and for any processor, chosen at load time.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
#define WEFT_HOST_VECTOR __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define WEFT_HOST_VECTOR
#endif

namespace weft::hls::native {

// Whether the processor has FMA and AVX2.
bool hardware_usable();

// Lane by lane as weft::hls::block_accumulate and weft::hls::fp32_fma. Operands hold no more bits
// than the parameters of those; `sum` is the 21 bits without sign extension.
void block_accumulate(int lanes, const std::uint8_t* fp, const std::uint32_t* sum,
                      const std::uint8_t* scale_a, const std::uint32_t* scale_b,
                      const std::uint32_t* acc, std::uint32_t* results);
void fp32_fma(int lanes, const std::uint32_t* a, const std::uint32_t* b, const std::uint32_t* c,
              std::uint32_t* results);

}  // namespace weft::hls::native
