// SPDX-License-Identifier: Apache-2.0
#include "weft/graph.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/graph/contents.h"
#include "runtime/graph/refusal.h"
#include "weft/convolution.h"

namespace weft {

std::string_view name(StepPhase phase) {
  switch (phase) {
    case StepPhase::kForward:
      return "forward";
    case StepPhase::kDgrad:
      return "dgrad";
    case StepPhase::kWgrad:
      return "wgrad";
    case StepPhase::kOptimizer:
      return "optimizer";
    case StepPhase::kOther:
      return "other";
  }
  return "?";
}

using graph::Contents;
using graph::next_name;
using graph::Operation;
using graph::Operator;
using graph::Phase;
using graph::refuse;
using graph::Role;
using graph::text;

namespace graph {

std::string_view name(Operation operation) {
  switch (operation) {
    case Operation::kLinear:
      return "linear";
    case Operation::kLinearInput:
      return "linear_input_gradient";
    case Operation::kLinearWeight:
      return "linear_weight_gradient";
    case Operation::kLinearBias:
      return "linear_bias_gradient";
    case Operation::kActivation:
      return "activation";
    case Operation::kActivationGradient:
      return "activation_gradient";
    case Operation::kAdd:
      return "add";
    case Operation::kMultiply:
      return "multiply";
    case Operation::kCopy:
      return "copy";
    case Operation::kLayerNorm:
      return "layer_norm";
    case Operation::kLayerNormGradient:
      return "layer_norm_gradient";
    case Operation::kRmsNorm:
      return "rms_norm";
    case Operation::kRmsNormGradient:
      return "rms_norm_gradient";
    case Operation::kCrossEntropy:
      return "softmax_cross_entropy";
    case Operation::kMean:
      return "mean";
    case Operation::kReborder:
      return "reborder";
    case Operation::kConvolution:
      return "convolution";
    case Operation::kConvolutionInput:
      return "convolution_input_gradient";
    case Operation::kConvolutionWeight:
      return "convolution_weight_gradient";
    case Operation::kConvolutionBias:
      return "convolution_bias_gradient";
    case Operation::kMaxPool:
      return "max_pool";
    case Operation::kMaxPoolGradient:
      return "max_pool_gradient";
    case Operation::kAveragePool:
      return "average_pool";
    case Operation::kAveragePoolGradient:
      return "average_pool_gradient";
  }
  return "?";
}

std::string_view name(Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return "relu";
    case Activation::kGelu:
      return "gelu";
    case Activation::kSilu:
      return "silu";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kTanh:
      return "tanh";
  }
  return "?";
}

std::uint64_t TensorEntry::stored_elements() const {
  if (!shape.map) return shape.elements();
  return kernels::map_elements(shape.rows, shape.map->height, shape.map->width, shape.map->channels,
                               border);
}

std::uint32_t Contents::append(Operator operation, const std::vector<Shape>& outputs,
                               const std::string& name) {
  const auto first = static_cast<std::uint32_t>(tensors.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    operation.outputs.push_back(first + static_cast<std::uint32_t>(i));
    tensors.push_back({.name = i == 0 ? name : fmt::format("{}.{}", name, i), .shape = outputs[i]});
  }
  operators.push_back(std::move(operation));
  return first;
}

}  // namespace graph

namespace {

Tensor declare(Contents& contents, const std::string& name, Shape shape, Role role, bool integers) {
  if (shape.elements() == 0) return refuse(contents, fmt::format("`{}` is empty", name));
  contents.tensors.push_back({.name = name, .shape = shape, .role = role, .integers = integers});
  return {static_cast<std::uint32_t>(contents.tensors.size() - 1), shape};
}

Tensor declare_parameter(Contents& contents, graph::Parameter parameter, Shape shape) {
  for (const graph::Parameter& known : contents.parameters) {
    if (known.name != parameter.name) continue;
    const Shape has = contents.tensors[known.tensor].shape;
    if (has == shape && known.vector == parameter.vector) return {known.tensor, shape};
    return refuse(contents,
                  fmt::format("parameter {} is {} and {}", parameter.name, text(has), text(shape)),
                  "give it another name");
  }
  const Tensor tensor = declare(contents, parameter.name, shape, Role::kParameter, false);
  parameter.tensor = tensor.id();
  if (!tensor.empty()) contents.parameters.push_back(std::move(parameter));
  return tensor;
}

Tensor elementwise(Contents& contents, Operation operation, Tensor x, Tensor y) {
  if (x.shape() != y.shape() || x.empty()) {
    return refuse(contents,
                  fmt::format("{} of {} and {}", name(operation), text(x.shape()), text(y.shape())),
                  "both operands have one shape");
  }
  const std::uint32_t id = contents.append({.operation = operation, .inputs = {x.id(), y.id()}},
                                           {x.shape()}, next_name(contents, name(operation)));
  return {id, x.shape()};
}

}  // namespace

Graph::Graph() : contents_(std::make_unique<Contents>()) {}
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

Tensor Graph::input(const std::string& name, Shape shape) {
  return declare(*contents_, name, shape, Role::kInput, false);
}

Tensor Graph::labels(const std::string& name, std::uint32_t rows) {
  return declare(*contents_, name, {.rows = 1, .cols = rows}, Role::kInput, true);
}

Tensor Graph::parameter(const std::string& name, Shape shape, Initial initial) {
  return declare_parameter(*contents_, {.name = name, .initial = initial}, shape);
}

Tensor Graph::parameter_vector(const std::string& name, std::uint32_t cols, Initial initial) {
  return declare_parameter(*contents_, {.name = name, .initial = initial, .vector = true},
                           {.rows = 1, .cols = cols});
}

Tensor Graph::linear(Tensor x, Tensor weight, std::optional<Tensor> bias) {
  const Shape out{.rows = x.shape().rows, .cols = weight.shape().rows};
  if (x.empty() || weight.empty() || x.shape().map || x.shape().cols != weight.shape().cols ||
      (bias && bias->shape() != Shape{.rows = 1, .cols = out.cols})) {
    return refuse(*contents_,
                  fmt::format("linear of x {}, weight {}{}", text(x.shape()), text(weight.shape()),
                              bias ? ", bias " + text(bias->shape()) : ""),
                  "x is rows x inputs (flatten() makes a matrix of maps), weight outputs x inputs, "
                  "bias 1 x outputs");
  }
  Operator operation{.operation = Operation::kLinear, .inputs = {x.id(), weight.id()}};
  if (bias) operation.inputs.push_back(bias->id());
  return {contents_->append(std::move(operation), {out}, next_name(*contents_, "linear")), out};
}

Tensor Graph::activation(Activation kind, Tensor x) {
  if (x.empty()) return refuse(*contents_, fmt::format("{} of nothing", graph::name(kind)));
  if (kind == Activation::kSigmoid && x.shape().map) {
    // It would make something of the zeros in a border.
    const Tensor y = activation(kind, flatten(x));
    return map(y, *x.shape().map);
  }
  const std::uint32_t id = contents_->append(
      {.operation = Operation::kActivation, .inputs = {x.id()}, .activation = kind}, {x.shape()},
      next_name(*contents_, graph::name(kind)));
  return {id, x.shape()};
}

Tensor Graph::add(Tensor x, Tensor y) {
  return elementwise(*contents_, Operation::kAdd, x, y);
}

Tensor Graph::multiply(Tensor x, Tensor y) {
  return elementwise(*contents_, Operation::kMultiply, x, y);
}

Tensor Graph::layer_norm(Tensor x, Tensor gain, Tensor shift, float epsilon) {
  const Shape row{.rows = 1, .cols = x.shape().cols};
  if (x.empty() || x.shape().map || gain.shape() != row || shift.shape() != row) {
    return refuse(*contents_,
                  fmt::format("layer_norm of x {}, gain {}, shift {}", text(x.shape()),
                              text(gain.shape()), text(shift.shape())),
                  "gain and shift are 1 x columns of x");
  }
  const Shape column{.rows = 1, .cols = x.shape().rows};
  const std::uint32_t id =
      contents_->append({.operation = Operation::kLayerNorm,
                         .inputs = {x.id(), gain.id(), shift.id()},
                         .number = epsilon},
                        {x.shape(), column, column}, next_name(*contents_, "layer_norm"));
  return {id, x.shape()};
}

Tensor Graph::rms_norm(Tensor x, Tensor gain, float epsilon) {
  if (x.empty() || x.shape().map || gain.shape() != Shape{.rows = 1, .cols = x.shape().cols}) {
    return refuse(*contents_,
                  fmt::format("rms_norm of x {}, gain {}", text(x.shape()), text(gain.shape())),
                  "gain is 1 x columns of x");
  }
  const std::uint32_t id = contents_->append(
      {.operation = Operation::kRmsNorm, .inputs = {x.id(), gain.id()}, .number = epsilon},
      {x.shape(), {.rows = 1, .cols = x.shape().rows}}, next_name(*contents_, "rms_norm"));
  return {id, x.shape()};
}

Loss Graph::softmax_cross_entropy(Tensor logits, Tensor labels, std::uint32_t batch) {
  const std::uint32_t rows = logits.shape().rows;
  if (logits.empty() || logits.shape().map || labels.shape() != Shape{.rows = 1, .cols = rows} ||
      !contents_->tensors[labels.id()].integers) {
    refuse(*contents_,
           fmt::format("softmax_cross_entropy of logits {}, labels {}", text(logits.shape()),
                       text(labels.shape())),
           "there is one label for each row of the logits");
    return {};
  }
  const Shape column{.rows = 1, .cols = rows};
  const std::uint32_t loss =
      contents_->append({.operation = Operation::kCrossEntropy,
                         .inputs = {logits.id(), labels.id()},
                         .number = 1.0f / static_cast<float>(batch == 0 ? rows : batch)},
                        {column, logits.shape(), column}, "loss");
  contents_->tensors[loss + 2].integers = true;
  const std::uint32_t mean =
      contents_->append({.operation = Operation::kMean, .phase = Phase::kOther, .inputs = {loss}},
                        {{.rows = 1, .cols = 1}}, "mean_loss");
  return {.mean = {mean, {.rows = 1, .cols = 1}}, .predictions = {loss + 2, column}};
}

std::optional<Tensor> Graph::gradient(Tensor parameter) const {
  const auto found = contents_->gradients.find(parameter.id());
  if (found == contents_->gradients.end()) return {};
  return Tensor(found->second, contents_->tensors[found->second].shape);
}

const std::optional<Error>& Graph::error() const {
  return contents_->error;
}

std::vector<std::string> Graph::describe() const {
  std::vector<std::string> lines;
  const auto list = [&](const std::vector<std::uint32_t>& tensors) {
    std::string names;
    for (const std::uint32_t id : tensors) {
      const graph::TensorEntry& tensor = contents_->tensors[id];
      names += fmt::format("{}{} [{}]", names.empty() ? "" : ", ", tensor.name, text(tensor.shape));
    }
    return names;
  };
  for (const Operator& each : contents_->operators) {
    lines.push_back(fmt::format("{}: {} = {}({})", name(each.phase), list(each.outputs),
                                graph::name(each.operation), list(each.inputs)));
  }
  return lines;
}

}  // namespace weft
