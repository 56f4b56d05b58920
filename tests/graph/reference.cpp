// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "runtime/graph/contents.h"

namespace weft::test {
namespace {

using graph::Contents;
using graph::Operation;
using graph::Operator;

double activate(Activation kind, double x) {
  const double sigmoid = 1 / (1 + std::exp(-x));
  switch (kind) {
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kGelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case Activation::kSilu:
      return x * sigmoid;
    case Activation::kSigmoid:
      return sigmoid;
    case Activation::kTanh:
      return std::tanh(x);
  }
  std::abort();
}

class Interpreter {
 public:
  Interpreter(const Contents& contents, const Parameters& parameters)
      : contents_(contents), values_(contents.tensors.size()) {
    for (const graph::Parameter& each : contents.parameters) {
      values_[each.tensor] = parameters.at(each.name);
    }
  }

  double loss(const std::vector<float>& x, std::uint32_t x_id,
              const std::vector<std::uint32_t>& labels) {
    values_[x_id].assign(x.begin(), x.end());
    for (const Operator& each : contents_.operators) {
      if (each.operation == Operation::kCrossEntropy) return entropy(each, labels);
      run(each);
    }
    std::abort();
  }

 private:
  const Values& in(const Operator& of, std::size_t i) const { return values_[of.inputs[i]]; }
  Shape shape(const Operator& of, std::size_t i) const {
    return contents_.tensors[of.inputs[i]].shape;
  }

  void run(const Operator& of) {
    const Shape x_shape = shape(of, 0);
    const Values& x = in(of, 0);
    Values y(contents_.tensors[of.outputs[0]].shape.elements());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t cols = contents_.tensors[of.outputs[0]].shape.cols;
      const std::size_t row = i / cols;
      const std::size_t col = i % cols;
      switch (of.operation) {
        case Operation::kLinear: {
          y[i] = of.inputs.size() > 2 ? in(of, 2)[col] : 0;
          for (std::size_t k = 0; k < x_shape.cols; ++k) {
            y[i] += x[row * x_shape.cols + k] * in(of, 1)[col * x_shape.cols + k];
          }
          break;
        }
        case Operation::kActivation:
          y[i] = activate(of.activation, x[i]);
          break;
        case Operation::kAdd:
          y[i] = x[i] + in(of, 1)[i];
          break;
        case Operation::kMultiply:
          y[i] = x[i] * in(of, 1)[i];
          break;
        case Operation::kLayerNorm:
        case Operation::kRmsNorm:
          y[i] = normalise(of, row, col);
          break;
        case Operation::kReborder:
          y[i] = x[i];
          break;
        case Operation::kConvolution:
          y[i] = convolve(of, row, col);
          break;
        case Operation::kMaxPool:
        case Operation::kAveragePool:
          y[i] = pool(of, row, col);
          break;
        default:
          std::abort();
      }
    }
    values_[of.outputs[0]] = std::move(y);
  }

  double normalise(const Operator& of, std::size_t row, std::size_t col) const {
    const std::size_t cols = shape(of, 0).cols;
    const double* x = in(of, 0).data() + row * cols;
    const bool centred = of.operation == Operation::kLayerNorm;
    double mean = 0;
    for (std::size_t i = 0; centred && i < cols; ++i) mean += x[i] / static_cast<double>(cols);
    double variance = static_cast<double>(of.number);
    for (std::size_t i = 0; i < cols; ++i) {
      variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(cols);
    }
    const double y = (x[col] - mean) / std::sqrt(variance) * in(of, 1)[col];
    return centred ? y + in(of, 2)[col] : y;
  }

  // A pixel of the map in row `image` of the first input; 0 outside of it.
  double pixel(const Operator& of, std::size_t image, std::int64_t line, std::int64_t column,
               std::size_t channel) const {
    const MapShape map = *shape(of, 0).map;
    if (line < 0 || column < 0 || line >= map.height || column >= map.width) return 0;
    const std::size_t at =
        static_cast<std::size_t>(line) * map.width + static_cast<std::size_t>(column);
    return in(of, 0)[image * map.elements() + at * map.channels + channel];
  }

  // Line, column and channel of element `col` of a row of the output.
  struct Place {
    std::int64_t line;
    std::int64_t column;
    std::size_t channel;
  };
  Place place(const Operator& of, std::size_t col) const {
    const MapShape map = *contents_.tensors[of.outputs[0]].shape.map;
    return {static_cast<std::int64_t>(col / map.channels / map.width),
            static_cast<std::int64_t>(col / map.channels % map.width), col % map.channels};
  }

  double convolve(const Operator& of, std::size_t image, std::size_t col) const {
    const Windows& windows = of.windows;
    const Place to = place(of, col);
    const std::size_t channels = shape(of, 0).map->channels;
    const double* weight = in(of, 1).data() + to.channel * shape(of, 1).cols;
    double sum = of.inputs.size() > 2 ? in(of, 2)[to.channel] : 0;
    for (std::int64_t u = 0; u < windows.height; ++u) {
      for (std::int64_t v = 0; v < windows.width; ++v) {
        for (std::size_t c = 0; c < channels; ++c) {
          sum += *weight++ * pixel(of, image, to.line * windows.stride + u - windows.padding,
                                   to.column * windows.stride + v - windows.padding, c);
        }
      }
    }
    return sum;
  }

  double pool(const Operator& of, std::size_t image, std::size_t col) const {
    const std::int64_t window = of.windows.height;
    const Place to = place(of, col);
    double largest = -HUGE_VAL;
    double sum = 0;
    for (std::int64_t u = 0; u < window; ++u) {
      for (std::int64_t v = 0; v < window; ++v) {
        const double x = pixel(of, image, to.line * window + u, to.column * window + v, to.channel);
        largest = std::max(largest, x);
        sum += x;
      }
    }
    if (of.operation == Operation::kMaxPool) return largest;
    return sum / static_cast<double>(window * window);
  }

  double entropy(const Operator& of, const std::vector<std::uint32_t>& labels) const {
    const std::size_t cols = shape(of, 0).cols;
    double sum = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      const double* logits = in(of, 0).data() + row * cols;
      double exponentials = 0;
      for (std::size_t i = 0; i < cols; ++i) exponentials += std::exp(logits[i]);
      sum += std::log(exponentials) - logits[labels[row]];
    }
    return sum / static_cast<double>(labels.size());
  }

  const Contents& contents_;
  std::vector<Values> values_;
};

}  // namespace

double reference_loss(const Network& network, const Parameters& parameters,
                      const std::vector<float>& x, const std::vector<std::uint32_t>& labels) {
  Graph graph;
  const auto rows = static_cast<std::uint32_t>(labels.size());
  const Tensor input = graph.input("x", {.rows = rows, .cols = network.inputs()});
  graph.softmax_cross_entropy(network.forward(graph, input), graph.labels("labels", rows));
  return Interpreter(graph.contents(), parameters).loss(x, input.id(), labels);
}

Parameters reference_gradients(const Network& network, Parameters parameters,
                               const std::vector<float>& x,
                               const std::vector<std::uint32_t>& labels) {
  // The error of a central difference is O(step^2) + O(2^-53 / step): least near 2^-17.
  constexpr double kStep = 0x1p-17;
  Parameters gradients;
  for (auto& [name, values] : parameters) {
    for (double& value : values) {
      const double kept = value;
      value = kept + kStep;
      const double above = reference_loss(network, parameters, x, labels);
      value = kept - kStep;
      const double below = reference_loss(network, parameters, x, labels);
      value = kept;
      gradients[name].push_back((above - below) / (2 * kStep));
    }
  }
  return gradients;
}

}  // namespace weft::test
