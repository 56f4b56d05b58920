// SPDX-License-Identifier: Apache-2.0
// Graph::backward: reverse-mode differentiation. Operators are visited from the last to the first;
// each whose output has a gradient appends the operators that give the gradients of its inputs.
//
// A tensor that is used several times gets the sum of the gradients of its uses, added in the order
// in which they arise: from the last use to the first.
#include <utility>

#include "runtime/graph/contents.h"
#include "weft/graph.h"

namespace weft {

using graph::Contents;
using graph::Operation;
using graph::Operator;
using graph::Phase;
using graph::Role;

class GradientBuilder {
 public:
  explicit GradientBuilder(Contents& contents) : contents_(contents) {}

  void build(std::size_t loss) {
    mark_needed(loss);
    const Operator& entropy = contents_.operators[loss];
    gradients_[entropy.inputs[0]] = entropy.outputs[1];
    for (std::size_t i = loss; i-- > 0;) {
      // A copy: appending moves the operators.
      const Operator forward = contents_.operators[i];
      const auto gradient = gradients_.find(forward.outputs[0]);
      if (gradient != gradients_.end()) differentiate(forward, gradient->second);
    }
    for (const graph::Parameter& parameter : contents_.parameters) place(parameter.tensor);
  }

 private:
  // Tensors a parameter has gone into: only they need a gradient.
  void mark_needed(std::size_t loss) {
    needed_.assign(contents_.tensors.size(), false);
    for (const graph::Parameter& parameter : contents_.parameters) needed_[parameter.tensor] = true;
    for (std::size_t i = 0; i <= loss; ++i) {
      const Operator& each = contents_.operators[i];
      bool any = false;
      for (const std::uint32_t input : each.inputs) any |= needed_[input];
      for (const std::uint32_t output : each.outputs) needed_[output] = any;
    }
  }

  std::uint32_t append(Operator operation, const std::vector<std::uint32_t>& of) {
    std::vector<Shape> shapes;
    for (const std::uint32_t tensor : of) shapes.push_back(contents_.tensors[tensor].shape);
    const std::string stem = "d_" + contents_.tensors[of[0]].name;
    const std::uint32_t first = contents_.append(std::move(operation), shapes, stem);
    for (std::size_t i = 1; i < of.size(); ++i) {
      contents_.tensors[first + i].name = "d_" + contents_.tensors[of[i]].name;
    }
    return first;
  }

  // Adds `gradient` to what `tensor` already has.
  void contribute(std::uint32_t tensor, std::uint32_t gradient) {
    const auto [place, first] = gradients_.emplace(tensor, gradient);
    if (first) return;
    place->second = append(
        {.operation = Operation::kAdd, .phase = Phase::kDgrad, .inputs = {place->second, gradient}},
        {tensor});
  }

  // contribute() what one new operator with one output gives.
  void contribute_from(std::uint32_t tensor, Operation operation, Phase phase,
                       std::vector<std::uint32_t> inputs, Activation activation = Activation::kRelu,
                       Windows windows = {}) {
    if (!needed_[tensor]) return;
    contribute(tensor, append({.operation = operation,
                               .phase = phase,
                               .inputs = std::move(inputs),
                               .activation = activation,
                               .windows = windows},
                              {tensor}));
  }

  void differentiate(const Operator& forward, std::uint32_t dy) {
    const auto& in = forward.inputs;
    switch (forward.operation) {
      case Operation::kLinear:
        if (in.size() > 2) {
          contribute_from(in[2], Operation::kLinearBias, Phase::kWgrad, {dy});
        }
        contribute_from(in[1], Operation::kLinearWeight, Phase::kWgrad, {dy, in[0]});
        contribute_from(in[0], Operation::kLinearInput, Phase::kDgrad, {dy, in[1]});
        return;
      case Operation::kActivation:
        contribute_from(in[0], Operation::kActivationGradient, Phase::kDgrad,
                        {graph::saves_output(forward.activation) ? forward.outputs[0] : in[0], dy},
                        forward.activation);
        return;
      case Operation::kAdd:
        if (needed_[in[0]]) contribute(in[0], dy);
        if (needed_[in[1]]) contribute(in[1], dy);
        return;
      case Operation::kMultiply:
        contribute_from(in[0], Operation::kMultiply, Phase::kDgrad, {dy, in[1]});
        contribute_from(in[1], Operation::kMultiply, Phase::kDgrad, {dy, in[0]});
        return;
      case Operation::kLayerNorm:
      case Operation::kRmsNorm:
        differentiate_norm(forward, dy);
        return;
      default:
        differentiate_maps(forward, dy);
    }
  }

  void differentiate_maps(const Operator& forward, std::uint32_t dy) {
    const auto& in = forward.inputs;
    const auto from = [&](std::uint32_t tensor, Operation operation, Phase phase,
                          std::vector<std::uint32_t> inputs) {
      contribute_from(tensor, operation, phase, std::move(inputs), Activation::kRelu,
                      forward.windows);
    };
    switch (forward.operation) {
      case Operation::kReborder:
        from(in[0], Operation::kReborder, Phase::kDgrad, {dy});
        return;
      case Operation::kConvolution:
        if (in.size() > 2) from(in[2], Operation::kConvolutionBias, Phase::kWgrad, {dy});
        from(in[1], Operation::kConvolutionWeight, Phase::kWgrad, {dy, in[0]});
        from(in[0], Operation::kConvolutionInput, Phase::kDgrad, {dy, in[1]});
        return;
      case Operation::kMaxPool:
        from(in[0], Operation::kMaxPoolGradient, Phase::kDgrad, {dy, in[0], forward.outputs[0]});
        return;
      case Operation::kAveragePool:
        from(in[0], Operation::kAveragePoolGradient, Phase::kDgrad, {dy});
        return;
      default:
        return;  // gradients are not differentiated again, and a loss has no loss
    }
  }

  void differentiate_norm(const Operator& forward, std::uint32_t dy) {
    const bool centred = forward.operation == Operation::kLayerNorm;
    Operator backward{
        .operation = centred ? Operation::kLayerNormGradient : Operation::kRmsNormGradient,
        .phase = Phase::kDgrad,
        .inputs = {dy, forward.inputs[0], forward.inputs[1]},
        .number = forward.number};
    for (std::size_t i = 1; i < forward.outputs.size(); ++i) {
      backward.inputs.push_back(forward.outputs[i]);
    }
    const std::uint32_t first = append(std::move(backward), forward.inputs);
    for (std::size_t i = 0; i < forward.inputs.size(); ++i) {
      const std::uint32_t input = forward.inputs[i];
      if (needed_[input]) contribute(input, first + static_cast<std::uint32_t>(i));
    }
  }

  // Gives a parameter a gradient tensor of its own: one that only passed through, or that another
  // parameter has too, is copied.
  void place(std::uint32_t parameter) {
    const auto found = gradients_.find(parameter);
    if (found == gradients_.end()) return;
    std::uint32_t gradient = found->second;
    bool shared = false;
    for (const auto& [other, its] : gradients_) shared |= other != parameter && its == gradient;
    if (shared) {
      gradient =
          append({.operation = Operation::kCopy, .phase = Phase::kWgrad, .inputs = {gradient}},
                 {parameter});
    }
    contents_.gradients[parameter] = gradient;
  }

  Contents& contents_;
  std::vector<bool> needed_;
  std::map<std::uint32_t, std::uint32_t> gradients_;  // of a tensor
};

void Graph::backward(const Loss& loss) {
  if (contents_->error) return;
  if (!contents_->gradients.empty()) {
    contents_->error = Error{Code::kInvalidArgument, "backward() was called twice", ""};
    return;
  }
  for (std::size_t i = 0; i < contents_->operators.size(); ++i) {
    const Operator& each = contents_->operators[i];
    if (each.operation != Operation::kCrossEntropy || loss.predictions.empty() ||
        each.outputs[2] != loss.predictions.id()) {
      continue;
    }
    GradientBuilder(*contents_).build(i);
    return;
  }
  contents_->error = Error{Code::kInvalidArgument, "backward() of a loss of another graph", ""};
}

}  // namespace weft
