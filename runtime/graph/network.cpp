// SPDX-License-Identifier: Apache-2.0
#include "weft/network.h"

#include <string>
#include <utility>

namespace weft {
namespace {

// Appends one layer; `stem` names its parameters. Returns whether it has any.
class AppendLayer {
 public:
  AppendLayer(Graph& graph, Tensor& x, std::string stem)
      : graph_(graph), x_(x), stem_(std::move(stem)) {}

  bool operator()(const Linear& layer) const {
    const Tensor weight = graph_.parameter(
        stem_ + "weight", {.rows = layer.outputs, .cols = x_.shape().cols}, {Initial::kHe});
    std::optional<Tensor> bias;
    if (layer.bias) bias = graph_.parameter_vector(stem_ + "bias", layer.outputs, {});
    x_ = graph_.linear(x_, weight, bias);
    return true;
  }
  bool operator()(Activation kind) const {
    x_ = graph_.activation(kind, x_);
    return false;
  }
  bool operator()(const LayerNorm& layer) const {
    const std::uint32_t cols = x_.shape().cols;
    const Tensor gain = graph_.parameter_vector(stem_ + "gain", cols, {.value = 1});
    x_ = graph_.layer_norm(x_, gain, graph_.parameter_vector(stem_ + "shift", cols, {}),
                           layer.epsilon);
    return true;
  }
  bool operator()(const RmsNorm& layer) const {
    const Tensor gain = graph_.parameter_vector(stem_ + "gain", x_.shape().cols, {.value = 1});
    x_ = graph_.rms_norm(x_, gain, layer.epsilon);
    return true;
  }

 private:
  Graph& graph_;
  Tensor& x_;
  std::string stem_;
};

}  // namespace

Sequential::Sequential(std::uint32_t inputs, std::vector<Layer> layers)
    : inputs_(inputs), outputs_(inputs), layers_(std::move(layers)) {
  for (const Layer& layer : layers_) {
    if (const auto* linear = std::get_if<Linear>(&layer)) outputs_ = linear->outputs;
  }
}

Tensor Sequential::forward(Graph& graph, Tensor x) const {
  std::size_t number = 0;
  for (const Layer& layer : layers_) {
    const std::string stem = "layer" + std::to_string(number) + ".";
    if (std::visit(AppendLayer(graph, x, stem), layer)) ++number;
  }
  return x;
}

}  // namespace weft
