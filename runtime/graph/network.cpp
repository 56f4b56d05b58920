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
  bool operator()(const Conv2d& layer) const {
    Tensor weight;
    std::optional<Tensor> bias;
    if (const auto map = x_.shape().map) {  // else conv2d() refuses
      const std::uint32_t window = layer.kernel * layer.kernel * map->channels;
      weight = graph_.parameter(stem_ + "weight", {.rows = layer.filters, .cols = window},
                                {Initial::kHe});
      if (layer.bias) bias = graph_.parameter_vector(stem_ + "bias", layer.filters, {});
    }
    x_ = graph_.conv2d(x_, weight, bias,
                       {.height = layer.kernel,
                        .width = layer.kernel,
                        .stride = layer.stride,
                        .padding = layer.padding});
    return true;
  }
  bool operator()(const MaxPool& layer) const {
    x_ = graph_.max_pool(x_, layer.window);
    return false;
  }
  bool operator()(const AveragePool& layer) const {
    x_ = graph_.average_pool(x_, layer.window);
    return false;
  }
  bool operator()(Flatten) const {
    x_ = graph_.flatten(x_);
    return false;
  }

 private:
  Graph& graph_;
  Tensor& x_;
  std::string stem_;
};

bool takes_maps(const Layer& layer) {
  return std::holds_alternative<Conv2d>(layer) || std::holds_alternative<MaxPool>(layer) ||
         std::holds_alternative<AveragePool>(layer);
}

}  // namespace

Sequential::Sequential(std::uint32_t inputs, std::vector<Layer> layers)
    : inputs_(inputs), outputs_(inputs), layers_(std::move(layers)) {
  for (const Layer& layer : layers_) {
    if (const auto* linear = std::get_if<Linear>(&layer)) outputs_ = linear->outputs;
  }
}

Sequential::Sequential(MapShape inputs, std::vector<Layer> layers)
    : Sequential(static_cast<std::uint32_t>(inputs.elements()), std::move(layers)) {
  if (!layers_.empty() && takes_maps(layers_.front())) maps_ = inputs;
}

Tensor Sequential::forward(Graph& graph, Tensor x) const {
  if (maps_) x = graph.map(x, *maps_);
  std::size_t number = 0;
  for (const Layer& layer : layers_) {
    const std::string stem = "layer" + std::to_string(number) + ".";
    if (std::visit(AppendLayer(graph, x, stem), layer)) ++number;
  }
  return x;
}

}  // namespace weft
