// SPDX-License-Identifier: Apache-2.0
// The functions of the vector chain that the functional model takes from hls/ element by element.
#include "hls/functions/fp32_exp2.h"
#include "hls/functions/fp32_gelu.h"
#include "hls/functions/fp32_gelu_gradient.h"
#include "hls/functions/fp32_log2.h"
#include "hls/functions/fp32_sigmoid.h"
#include "hls/functions/fp32_sqrt.h"
#include "hls/functions/fp32_tanh.h"
#include "runtime/devices/fast/simd.h"

namespace weft::fast {
namespace {

template <class Function>
void apply(Function function, std::uint32_t* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) numbers[i] = function(numbers[i]);
}

}  // namespace

void apply_function(spec::Function function, std::uint32_t* numbers, std::size_t count) {
  switch (function) {
    case spec::Function::kExp2:
      return apply(hls::fp32_exp2, numbers, count);
    case spec::Function::kLog2:
      return apply(hls::fp32_log2, numbers, count);
    case spec::Function::kSqrt:
      return apply(hls::fp32_sqrt, numbers, count);
    case spec::Function::kSigmoid:
      return apply(hls::fp32_sigmoid, numbers, count);
    case spec::Function::kTanh:
      return apply(hls::fp32_tanh, numbers, count);
    case spec::Function::kGelu:
      return apply(hls::fp32_gelu, numbers, count);
    case spec::Function::kGeluGradient:
      return apply(hls::fp32_gelu_gradient, numbers, count);
    case spec::Function::kNone:
    case spec::Function::kDivide:
      return;
  }
}

}  // namespace weft::fast
