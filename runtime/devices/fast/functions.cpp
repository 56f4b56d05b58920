// SPDX-License-Identifier: Apache-2.0
// The functions of the vector chain that the functional model takes from hls/ element by element.
// The compiler makes vector loops of some of them.
#include "hls/functions/fp32_exp2.h"
#include "hls/functions/fp32_gelu.h"
#include "hls/functions/fp32_gelu_gradient.h"
#include "hls/functions/fp32_log2.h"
#include "hls/functions/fp32_sigmoid.h"
#include "hls/functions/fp32_tanh.h"
#include "runtime/devices/fast/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/devices/fast/functions.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace weft::fast::HWY_NAMESPACE {

template <std::uint32_t (*kFunction)(std::uint32_t)>
HWY_FLATTEN void apply(std::uint32_t* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) numbers[i] = kFunction(numbers[i]);
}

void ApplyFunction(spec::Function function, std::uint32_t* numbers, std::size_t count) {
  switch (function) {
    case spec::Function::kExp2:
      return apply<hls::fp32_exp2>(numbers, count);
    case spec::Function::kLog2:
      return apply<hls::fp32_log2>(numbers, count);
    case spec::Function::kSigmoid:
      return apply<hls::fp32_sigmoid>(numbers, count);
    case spec::Function::kTanh:
      return apply<hls::fp32_tanh>(numbers, count);
    case spec::Function::kGelu:
      return apply<hls::fp32_gelu>(numbers, count);
    case spec::Function::kGeluGradient:
      return apply<hls::fp32_gelu_gradient>(numbers, count);
    case spec::Function::kNone:
    case spec::Function::kDivide:
    case spec::Function::kSqrt:
      return;  // have a vector form
  }
}

}  // namespace weft::fast::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weft::fast {

HWY_EXPORT(ApplyFunction);

void apply_function(spec::Function function, std::uint32_t* numbers, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(ApplyFunction)(function, numbers, count);
}

}  // namespace weft::fast
#endif
