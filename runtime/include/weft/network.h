// SPDX-License-Identifier: Apache-2.0
// weft/network.h: networks to train: layers one after another, or a graph of your own.
//
//   const Sequential digits(64, {Linear{64}, Activation::kRelu, Linear{10}});
//   const Sequential images(MapShape{8, 8, 1}, {Conv2d{.filters = 16, .padding = 1}, MaxPool{},
//                                               Activation::kRelu, Flatten{}, Linear{10}});
//
// Errors    Layers that make no sense are reported by the graph they are added to.
// Threads   Networks are immutable; use them from any.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "weft/graph.h"

namespace weft {

// What a Trainer trains. forward() is called for graphs of different numbers of rows; each must
// declare the same parameters in the same order.
class Network {
 public:
  Network() = default;
  Network(const Network&) = default;
  Network& operator=(const Network&) = default;
  virtual ~Network() = default;

  [[nodiscard]] virtual std::uint32_t inputs() const = 0;
  [[nodiscard]] virtual std::uint32_t outputs() const = 0;
  // Appends the operators from x (rows x inputs) to the logits (rows x outputs).
  [[nodiscard]] virtual Tensor forward(Graph& graph, Tensor x) const = 0;
};

// x weight^T + bias; weight starts as Initial::kHe, bias as 0.
struct Linear {
  std::uint32_t outputs = 0;
  bool bias = true;
};
// gain starts as 1, shift as 0.
struct LayerNorm {
  float epsilon = 1e-5f;
};
struct RmsNorm {
  float epsilon = 1e-5f;
};
// Feature maps: Graph::conv2d, with square windows. weight, filters x (kernel kernel channels),
// starts as Initial::kHe, bias as 0.
struct Conv2d {
  std::uint32_t filters = 0;
  std::uint32_t kernel = 3;
  std::uint32_t stride = 1;
  std::uint32_t padding = 0;
  bool bias = true;
};
struct MaxPool {
  std::uint32_t window = 2;
};
struct AveragePool {
  std::uint32_t window = 2;
};
// Maps become the rows of a matrix.
struct Flatten {};
using Layer =
    std::variant<Linear, Activation, LayerNorm, RmsNorm, Conv2d, MaxPool, AveragePool, Flatten>;

// Parameters are layerN.weight and layerN.bias (Linear, Conv2d), or layerN.gain and layerN.shift, N
// counting the layers that have parameters.
class Sequential : public Network {
 public:
  Sequential(std::uint32_t inputs, std::vector<Layer> layers);
  // Inputs are maps, if the first layer takes maps.
  Sequential(MapShape inputs, std::vector<Layer> layers);

  [[nodiscard]] std::uint32_t inputs() const override { return inputs_; }
  [[nodiscard]] std::uint32_t outputs() const override { return outputs_; }
  [[nodiscard]] Tensor forward(Graph& graph, Tensor x) const override;
  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::uint32_t inputs_;
  std::uint32_t outputs_;
  std::optional<MapShape> maps_;
  std::vector<Layer> layers_;
};

}  // namespace weft
