// SPDX-License-Identifier: Apache-2.0
// The inner loops of the functional model, compiled for each vector unit of the host that has a
// fused multiply-add and chosen at run time.
//
// All are bit-exact twins of the functions in hls/ (tests/runtime/fast_*_test.cpp) and must run
// inside a FloatEnvironment. Pointers into memory need no alignment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/devices/fast/scratchpads.h"
#include "weft/spec.h"

namespace weft::fast {

// Whether this host has a vector unit the loops were compiled for.
[[nodiscard]] bool simd_supported();

// One matmul command, whose ranges were checked.
void matmul(const spec::Matmul& command, const APad& a, const BPad& b, std::uint32_t* v);

// bf16_to_fp32 of `count` elements.
void widen_bf16(const std::byte* from, std::uint32_t* to, std::size_t count);

// fp32_to_bf16 and int32_to_int8 of `count` elements.
void narrow_bf16(const std::uint32_t* from, std::byte* to, std::size_t count);
void narrow_int8(const std::uint32_t* from, std::byte* to, std::size_t count);

// Up to 32 rows of FP32 numbers, each anywhere: the first `width` numbers of `count` rows.
struct NumberRows {
  std::array<const std::uint32_t*, spec::kBlock> starts;
  std::size_t count = 0;
  std::size_t width = 0;
};

// What stochastic rounding draws by. The logical index of number j of row i is first[i] + j.
struct Draws {
  std::uint32_t seed = 0;
  std::uint16_t tensor = 0;
  std::array<std::uint32_t, spec::kBlock> first;
};

// Blocks padded with zeros; nearest even without `draws`. A block per row, of up to 16: row r's
// mantissas to mantissas[32 r], those of the rows behind `count` stay as they are.
void quantise_rows(const NumberRows& numbers, const Draws* draws, std::int16_t* mantissas,
                   TileScales& scales);

// A block per column, of up to 16.
void quantise_columns(const NumberRows& numbers, const Draws* draws, PairMantissas& mantissas,
                      TileScales& scales);

// Makes the one form of mantissas the other.
void transpose_pairs(const PairTile& from, PairTile& to);

// The chain of a vector command with its operands resolved. Kinds that remain: `input`; `second`, a
// matrix in V; `row`, one element of V per row; `value0`, one number.
struct ChainOperand {
  spec::Operand kind = spec::Operand::kValue0;
  std::uint32_t value = 0;
  std::size_t word = 0;
  std::size_t pitch = 0;
};
struct Chain {
  spec::Vector command;
  // In the order of operands().
  std::array<ChainOperand, 6> operands;
};
// Ranges were checked; rows of V are read to the end of their last word.
void run_chain(const Chain& chain, std::uint32_t* v);

// The function of a vector command, of those that run_chain has no vector form of, in place.
void apply_function(spec::Function function, std::uint32_t* numbers, std::size_t count);

}  // namespace weft::fast
