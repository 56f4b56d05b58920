// SPDX-License-Identifier: Apache-2.0
// runtime/graph/contents.h: what a Graph holds: tensors, and operators in the order they run.
//
// Every operator reads tensors that are inputs, parameters or outputs of earlier operators. An
// operator lists its tensors in the order its comment gives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weft/graph.h"
#include "weft/phase.h"

namespace weft::graph {

enum class Role : std::uint8_t {
  kInput,      // written by the host before a launch
  kParameter,  // trained
  kComputed,   // output of an operator
};

struct TensorEntry {
  std::string name;
  Shape shape;
  Role role = Role::kComputed;
  bool integers = false;     // int32 instead of FP32
  std::uint32_t border = 0;  // of zeros around each map, as stored (runtime/graph/borders.h)

  [[nodiscard]] std::uint64_t stored_elements() const;
};

enum class Operation : std::uint8_t {
  kLinear,               // x, weight, [bias] -> y
  kLinearInput,          // dy, weight -> dx
  kLinearWeight,         // dy, x -> dweight
  kLinearBias,           // dy -> dbias
  kActivation,           // x -> y
  kActivationGradient,   // x or y (saves_output()), dy -> dx
  kAdd,                  // x, y -> sum
  kMultiply,             // x, y -> product
  kCopy,                 // x -> y
  kLayerNorm,            // x, gain, shift -> y, mean, rstd
  kLayerNormGradient,    // dy, x, gain, mean, rstd -> dx, dgain, dshift
  kRmsNorm,              // x, gain -> y, rstd
  kRmsNormGradient,      // dy, x, gain, rstd -> dx, dgain
  kCrossEntropy,         // logits, labels -> loss of each row, dlogits, predictions
  kMean,                 // x -> mean
  kReborder,             // x -> y: the same elements; as a map or not, with any border
  kConvolution,          // x, weight, [bias] -> y
  kConvolutionInput,     // dy, weight -> dx
  kConvolutionWeight,    // dy, x -> dweight
  kConvolutionBias,      // dy -> dbias
  kMaxPool,              // x -> y
  kMaxPoolGradient,      // dy, x, y -> dx
  kAveragePool,          // x -> y
  kAveragePoolGradient,  // dy -> dx
};

[[nodiscard]] std::string_view name(Operation operation);
[[nodiscard]] std::string_view name(Activation activation);

// Whether the gradient of an activation is computed from its output; else from its input.
[[nodiscard]] constexpr bool saves_output(Activation kind) {
  return kind == Activation::kRelu || kind == Activation::kSigmoid || kind == Activation::kTanh;
}

using Phase = StepPhase;

struct Operator {
  Operation operation = Operation::kCopy;
  Phase phase = Phase::kForward;
  std::vector<std::uint32_t> inputs;
  std::vector<std::uint32_t> outputs;
  Activation activation = Activation::kRelu;  // of kActivation and its gradient
  float number = 0;                           // epsilon, or what the gradient is multiplied by
  bool relu = false;                          // kLinear, kConvolution: y = max(y, 0)
  Windows windows{};                          // of convolutions; pooling has the height
};

struct Parameter {
  std::string name;
  std::uint32_t tensor = 0;
  Initial initial;
  bool vector = false;  // one extent in checkpoints
};

struct Contents {
  std::vector<TensorEntry> tensors;
  std::vector<Operator> operators;
  std::vector<Parameter> parameters;
  std::map<std::uint32_t, std::uint32_t> gradients;  // of a parameter's tensor
  std::optional<Error> error;

  // Appends an operator with new output tensors and returns the number of the first.
  std::uint32_t append(Operator operation, const std::vector<Shape>& outputs,
                       const std::string& name);
};

}  // namespace weft::graph
