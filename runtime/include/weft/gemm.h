// SPDX-License-Identifier: Apache-2.0
// weft/gemm.h: C[M][N] = epilogue(bias[N] + sum over k of A[M][K] * B[N][K]) on a device.
//
//   Result<GemmKernel> kernel = gemm(device->info(), {.m = 50, .n = 70, .k = 33});
//   Launch launch{.steps = *kernel->steps({.a = a.view(), .b = b.view(), .c = c.view()})};
//
// Any M, N and K from 1 up. A and B are row-major, and rows may lie any distance apart (a multiple
// of the element size). An operand whose layout is kContractionContiguous is stored as [M][K] or
// [N][K]; B is then what is often called the transposed weight. One that is kContractionStrided is
// stored as [K][M] or [K][N]: the same elements, transposed as they are loaded. With X[M][K],
// W[N][K] and dY[M][N] as they lie in memory, the three products of training are
//
//   forward    Y[M][N]  = X W^T    both contiguous
//   dgrad      dX[M][K] = dY W     contraction N, B strided
//   wgrad      dW[N][K] = dY^T X   contraction M, both strided
//
// mxint8: operands are MXINT8, packed on the host (weft/pack.h) or quantised on load from FP32 or
//   BF16; one fused multiply-add per block of 32 in ascending k, started from the bias or +0.
//   Result FP32. NaN and infinity in A or B make the blocks they are in NaN, and so the results.
//   Operands quantised on load may be rounded stochastically: |x| / scale is rounded up with the
//   probability of its remainder, drawn from the seed of the launch, the number of the tensor, and
//   the place of the element in its matrix as it is stored (see load in the command reference).
//   Use different seeds for different steps, different numbers for different tensors.
// int8: operands int8, result int32 modulo 2^32.
//
// Results depend on shape and data only, not on configuration or tiling. Programs are verified, and
// cached by configuration and shape for the life of the process.
//
// Errors    kInvalidArgument says which field of the shape makes no sense.
// Threads   Any.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "weft/buffer.h"
#include "weft/device.h"
#include "weft/program.h"
#include "weft/queue.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

// What is stored for an element of C; the last step of the epilogue.
enum class GemmOutput : std::uint8_t {
  kAccumulator,  // FP32 of mxint8, int32 of int8, unchanged
  kFp32,         // FP32; int32 is converted, nearest even
  kBf16,         // the same rounded to BF16
  kInt8,         // rounded to nearest even and saturated to -128..127
};

// How an operand lies in memory.
enum class GemmLayout : std::uint8_t {
  kContractionContiguous,  // A as [M][K], B as [N][K]
  kContractionStrided,     // A as [K][M], B as [K][N]; fp32 or bf16
};

struct GemmShape {
  std::uint32_t m = 0;
  std::uint32_t n = 0;
  std::uint32_t k = 0;
  spec::Arithmetic arithmetic = spec::Arithmetic::kMxint8;
  // Formats in memory: mxint8 (packed), fp32 or bf16 for arithmetic mxint8; int8 for int8.
  spec::LoadFormat a_format = spec::LoadFormat::kMxint8;
  spec::LoadFormat b_format = spec::LoadFormat::kMxint8;
  GemmOutput output = GemmOutput::kAccumulator;
  bool bias = false;   // adds a row of N elements, FP32 or (int8) int32
  bool relu = false;   // max(x, 0), NaN stays NaN; not with int32 output
  bool scale = false;  // multiplies by a number given at launch, after the bias and before ReLU
  // Bytes from a row to the next; 0: rows follow each other. Packed operands must have 0.
  std::uint32_t a_row_stride = 0;
  std::uint32_t b_row_stride = 0;
  std::uint32_t c_row_stride = 0;
  GemmLayout a_layout = GemmLayout::kContractionContiguous;
  GemmLayout b_layout = GemmLayout::kContractionContiguous;
  // Of fp32 and bf16 operands; stochastic needs at least one.
  spec::Rounding rounding = spec::Rounding::kNearest;
  // Numbers of the tensors, for stochastic rounding; 0 without it.
  std::uint16_t a_tensor = 0;
  std::uint16_t b_tensor = 0;

  friend bool operator==(const GemmShape&, const GemmShape&) = default;
  friend auto operator<=>(const GemmShape&, const GemmShape&) = default;
};

// What one launch of a gemm works on.
struct GemmArguments {
  BufferView a;
  BufferView b;
  BufferView c;
  std::optional<BufferView> bias{};
  float scale = 1.0f;
  std::uint32_t seed = 0;  // of stochastic rounding
};

class GemmKernel {
 public:
  // The steps to append to a launch. Almost always one; a gemm of more than 65535 commands has
  // several. kInvalidArgument if a bias is missing or superfluous.
  // Scalars, each if the shape asks for it and in this order: seed, scale.
  [[nodiscard]] Result<std::vector<Step>> steps(const GemmArguments& arguments) const;

  [[nodiscard]] const std::vector<Program>& programs() const { return programs_; }
  // Smallest buffers, bytes.
  [[nodiscard]] std::uint64_t a_bytes() const { return a_bytes_; }
  [[nodiscard]] std::uint64_t b_bytes() const { return b_bytes_; }
  [[nodiscard]] std::uint64_t c_bytes() const { return c_bytes_; }
  // What the cost model expects, without fetching the launch.
  [[nodiscard]] std::uint64_t estimated_cycles() const { return estimated_cycles_; }

 private:
  friend class GemmCompiler;
  GemmShape shape_;
  std::vector<Program> programs_;
  std::uint64_t a_bytes_ = 0;
  std::uint64_t b_bytes_ = 0;
  std::uint64_t c_bytes_ = 0;
  std::uint64_t estimated_cycles_ = 0;
};

[[nodiscard]] Result<GemmKernel> gemm(const DeviceInfo& device, const GemmShape& shape);

}  // namespace weft
