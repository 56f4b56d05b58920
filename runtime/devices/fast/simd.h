// SPDX-License-Identifier: Apache-2.0
// The inner loops of the functional model, compiled for each vector unit of the host that has a
// fused multiply-add and chosen at run time.
//
// All are bit-exact twins of the functions in hls/ (tests/runtime/fast_numerics_test.cpp) and must
// run inside a FloatEnvironment. Pointers into memory need no alignment.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/devices/fast/scratchpads.h"
#include "weft/spec.h"

namespace weft::fast {

// Whether this host has a vector unit the loops were compiled for.
[[nodiscard]] bool simd_supported();

// One matmul command, whose ranges were checked.
void matmul(const spec::Matmul& command, const APad& a, const BPad& b, std::uint32_t* v);

// 32 FP32 numbers, anywhere in memory, to mantissas; returns the e8m0 scale.
std::uint8_t quantise_block(const std::byte* from, std::int8_t* mantissas);

// bf16_to_fp32 of `count` elements.
void widen_bf16(const std::byte* from, std::uint32_t* to, std::size_t count);

// fp32_to_bf16 and int32_to_int8 of `count` elements.
void narrow_bf16(const std::uint32_t* from, std::byte* to, std::size_t count);
void narrow_int8(const std::uint32_t* from, std::byte* to, std::size_t count);

// One row of the vector chain. An operand is a stream of elements, or one element if its stream is
// null. dst may be one of the streams.
struct ChainOperand {
  const std::uint32_t* stream = nullptr;
  std::uint32_t value = 0;
};
struct ChainRow {
  const std::uint32_t* src = nullptr;
  std::uint32_t* dst = nullptr;
  std::size_t count = 0;
  ChainOperand multiplicand;
  ChainOperand addend;
  ChainOperand compare_with;
};
// Takes the steps from the command, all addresses and values from the row. An operand `input` is
// taken from the command too.
void vector_row(const spec::Vector& command, const ChainRow& row);

}  // namespace weft::fast
