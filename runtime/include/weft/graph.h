// SPDX-License-Identifier: Apache-2.0
// weft/graph.h: a network as operators on matrices, and their gradients.
//
//   Graph graph;
//   const Tensor x = graph.input("x", {.rows = 32, .cols = 64});
//   const Tensor labels = graph.labels("labels", 32);
//   const Tensor w = graph.parameter("w", {.rows = 10, .cols = 64}, {.kind = Initial::kHe});
//   const Loss loss = graph.softmax_cross_entropy(graph.linear(x, w), labels);
//   graph.backward(loss);
//
// Feature maps are matrices too: a row is one image, its elements line after line, pixel after
// pixel, channel after channel (NHWC). Graph::map() and Graph::flatten() go from the one to the
// other.
//
// A graph only records. weft/trainer.h compiles it for a device: every operator becomes kernels of
// the card, none runs on the host. Matrices are FP32, row-major; a vector is a matrix of one row.
// Products quantise both operands to MXINT8 as they are loaded: to nearest in the forward pass,
// stochastically in the products of backward(), keyed by (seed of the step, tensor, index). Both
// operands of those are rounded without bias and independently, so a gradient has none from them.
//
// Errors    An operator whose operands do not fit records the first such error and returns an empty
//           tensor; error() has it, and compiling fails with it.
// Lifetime  A Tensor is a number in its graph; it means nothing in another.
// Threads   One at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weft/elementwise.h"
#include "weft/result.h"

namespace weft {

// What the rows of a matrix are as feature maps.
struct MapShape {
  std::uint32_t height = 0;
  std::uint32_t width = 0;
  std::uint32_t channels = 0;

  [[nodiscard]] std::uint64_t elements() const { return std::uint64_t{height} * width * channels; }
  friend bool operator==(const MapShape&, const MapShape&) = default;
};

struct Shape {
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  std::optional<MapShape> map{};  // cols are its elements

  [[nodiscard]] std::uint64_t elements() const { return std::uint64_t{rows} * cols; }
  friend bool operator==(const Shape&, const Shape&) = default;
};

class Tensor {
 public:
  Tensor() = default;
  Tensor(std::uint32_t id, Shape shape) : id_(id), shape_(shape) {}
  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] Shape shape() const { return shape_; }
  [[nodiscard]] bool empty() const { return shape_.elements() == 0; }

 private:
  std::uint32_t id_ = 0;
  Shape shape_;
};

// How a parameter begins.
struct Initial {
  enum Kind : std::uint8_t {
    kConstant,  // every element `value`
    kHe,        // uniform in +-sqrt(6 / cols): He et al. 2015, for layers followed by ReLU
  };
  Kind kind = kConstant;
  float value = 0;
};

// Of a convolution.
struct Windows {
  std::uint32_t height = 3;
  std::uint32_t width = 3;
  std::uint32_t stride = 1;   // from window to window, both ways
  std::uint32_t padding = 0;  // zeros around the map that windows reach into
};

// kRelu, kGelu, kSilu, kSigmoid, kTanh.
using kernels::Activation;

struct Loss {
  Tensor mean;         // 1 x 1, over the rows of the logits
  Tensor predictions;  // 1 x rows, int32: the class with the largest logit
};

namespace graph {
struct Contents;
}

class Graph {
 public:
  Graph();
  Graph(Graph&&) noexcept;
  Graph& operator=(Graph&&) noexcept;
  ~Graph();

  // Filled by the host before each launch.
  Tensor input(const std::string& name, Shape shape);
  // int32, one class per row of the logits.
  Tensor labels(const std::string& name, std::uint32_t rows);
  // Trained. The name is unique; naming a parameter again with the same shape returns it again.
  // parameter() is a matrix, parameter_vector() 1 x cols and has one extent in checkpoints.
  Tensor parameter(const std::string& name, Shape shape, Initial initial);
  Tensor parameter_vector(const std::string& name, std::uint32_t cols, Initial initial);

  // x weight^T + bias: x is rows x inputs, weight outputs x inputs, bias 1 x outputs.
  Tensor linear(Tensor x, Tensor weight, std::optional<Tensor> bias = {});
  // Of matrices and feature maps.
  Tensor activation(Activation kind, Tensor x);
  Tensor add(Tensor x, Tensor y);
  Tensor multiply(Tensor x, Tensor y);
  // Of each row: (x - mean) / sqrt(variance + epsilon) * gain + shift; gain and shift 1 x cols.
  Tensor layer_norm(Tensor x, Tensor gain, Tensor shift, float epsilon = 1e-5f);
  // Of each row: x / sqrt(mean of squares + epsilon) * gain.
  Tensor rms_norm(Tensor x, Tensor gain, float epsilon = 1e-5f);

  // The rows of a matrix as feature maps, and back.
  Tensor map(Tensor x, MapShape shape);
  Tensor flatten(Tensor x);
  // For each window of each map of x and each filter the sum of products, plus bias: weight is
  // filters x (lines of the window, columns, channels), bias 1 x filters. See weft/convolution.h.
  Tensor conv2d(Tensor x, Tensor weight, std::optional<Tensor> bias, Windows windows);
  // Of window x window pixels that do not overlap, the largest or the mean; pixels that fill no
  // window are left out. See weft/pooling.h.
  Tensor max_pool(Tensor x, std::uint32_t window);
  Tensor average_pool(Tensor x, std::uint32_t window);

  // Mean over rows of log(sum of exp(logits)) - logits[label]. `batch` is the number of rows that
  // backward() divides the gradient by, if these rows are a part of a larger batch; 0: these rows.
  Loss softmax_cross_entropy(Tensor logits, Tensor labels, std::uint32_t batch = 0);

  // Appends the operators that compute the gradient of every parameter the loss depends on.
  // Once per graph.
  void backward(const Loss& loss);

  // The gradient of a parameter, after backward(); nothing if the loss does not depend on it.
  [[nodiscard]] std::optional<Tensor> gradient(Tensor parameter) const;

  [[nodiscard]] const std::optional<Error>& error() const;
  // The operators in their order, one line each: what is computed from what.
  [[nodiscard]] std::vector<std::string> describe() const;

  // Opaque outside the runtime.
  [[nodiscard]] const graph::Contents& contents() const { return *contents_; }

 private:
  std::unique_ptr<graph::Contents> contents_;
};

}  // namespace weft
