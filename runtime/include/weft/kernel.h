// SPDX-License-Identifier: Apache-2.0
// weft/kernel.h: what all kernels but gemm have in common.
//
//   Result<kernels::Kernel<kernels::SoftmaxArguments>> kernel =
//       kernels::softmax(device.info(), {.rows = 8, .cols = 100});
//   Launch launch{.steps = kernel->steps({.x = x.view(), .y = y.view()})};
//
// Tensors are FP32, row-major and dense in device memory, labels and predictions int32; rows x cols
// of any size from 1 up unless a kernel states a limit. A view is at least as long as its tensor.
//
// Views that a kernel only reads may overlap. A view that it writes overlaps no other view of the
// call: what is updated in place is one argument that is read and written, and says so.
//
// Results depend on shape and data only: the order of every sum is part of the kernel's contract,
// and is the same in all configurations and tilings. Formulas in the headers are real-number
// mathematics; docs/kernels.md has the passes, roundings and tolerances.
//
// Programs are verified, and cached by configuration and shape for the life of the process. Numbers
// that change from launch to launch (rates, factors) are scalars of the step, so one program serves
// them all.
//
// Errors    Making a kernel: kInvalidArgument for a size of 0; kUnsupported, naming the limit, for
//           rows that the scratchpad V of the device cannot hold.
// Threads   Any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "weft/buffer.h"
#include "weft/device.h"
#include "weft/program.h"
#include "weft/queue.h"
#include "weft/result.h"

namespace weft::kernels {

// What one launch of a kernel works on, in the order its programs declare it. The argument structs
// of the kernels make it.
struct Call {
  std::vector<BufferView> bindings;
  std::vector<std::uint32_t> scalars{};
};

using Programs = std::shared_ptr<const std::vector<Program>>;

template <class Arguments>
class Kernel {
 public:
  explicit Kernel(Programs programs) : programs_(std::move(programs)) {}

  // The steps to append to a launch. Almost always one; more where one program would be too long.
  [[nodiscard]] std::vector<Step> steps(const Arguments& arguments) const;

  [[nodiscard]] const std::vector<Program>& programs() const { return *programs_; }

 private:
  Programs programs_;
};

[[nodiscard]] std::vector<Step> make_steps(std::span<const Program> programs, const Call& call);

template <class Arguments>
std::vector<Step> Kernel<Arguments>::steps(const Arguments& arguments) const {
  return make_steps(*programs_, arguments.call());
}

// A matrix, row-major and dense.
struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
};

}  // namespace weft::kernels
