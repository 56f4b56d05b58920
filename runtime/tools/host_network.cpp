// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/host_network.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace weft::tools {
namespace {

double apply(Activation kind, double x) {
  switch (kind) {
    case Activation::kRelu:
      return x < 0 ? 0 : x;
    case Activation::kGelu:
      return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
  }
  return x;
}

// Rows of values that pass through the layers. All rows are maps; those of a matrix are one pixel,
// so that a linear layer is a convolution.
class Rows {
 public:
  Rows(const SavedNetwork& network, std::span<const float> x)
      : weights_(network.weights),
        values_(x.begin(), x.end()),
        rows_(x.size() / network.architecture.inputs()),
        shape_{network.architecture.rows, network.architecture.cols,
               network.architecture.channels} {}

  void operator()(const Linear& layer) {
    (*this)(Flatten{});
    convolve({.filters = layer.outputs, .kernel = 1, .bias = layer.bias});
  }
  void operator()(const Conv2d& layer) { convolve(layer); }
  void operator()(Activation kind) {
    for (double& value : values_) value = apply(kind, value);
  }
  void operator()(const LayerNorm& layer) { normalise(layer.epsilon, /*centred=*/true); }
  void operator()(const RmsNorm& layer) { normalise(layer.epsilon, /*centred=*/false); }
  void operator()(const MaxPool& layer) {
    pool(layer.window, [](double x, double y) { return std::max(x, y); });
  }
  void operator()(const AveragePool& layer) {
    pool(layer.window, [](double x, double y) { return x + y; });
    const double pixels = static_cast<double>(layer.window) * layer.window;
    for (double& value : values_) value /= pixels;
  }
  void operator()(Flatten) { shape_ = {1, 1, static_cast<std::uint32_t>(shape_.elements())}; }

  [[nodiscard]] std::vector<float> values() const { return {values_.begin(), values_.end()}; }

 private:
  [[nodiscard]] const std::vector<float>& parameter(const char* name) const {
    return weights_.at("layer" + std::to_string(number_) + "." + name).values;
  }

  void convolve(const Conv2d& layer) {
    const MapShape y{
        .height = (shape_.height + 2 * layer.padding - layer.kernel) / layer.stride + 1,
        .width = (shape_.width + 2 * layer.padding - layer.kernel) / layer.stride + 1,
        .channels = layer.filters};
    // Filters side by side, so that the sums of all grow together.
    const std::vector<float>& given = parameter("weight");
    const std::size_t window = given.size() / layer.filters;
    std::vector<double> weight(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      weight[i % window * layer.filters + i / window] = given[i];
    }
    std::vector<double> next(rows_ * y.elements());
    if (layer.bias) {
      for (std::size_t i = 0; i < next.size(); ++i) next[i] = parameter("bias")[i % layer.filters];
    }
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::uint32_t line = 0; line < y.height; ++line) {
        for (std::uint32_t column = 0; column < y.width; ++column) {
          const std::size_t pixel = (row * y.height + line) * y.width + column;
          add_window(layer, row, std::int64_t{line} * layer.stride - layer.padding,
                     std::int64_t{column} * layer.stride - layer.padding, weight,
                     std::span(next).subspan(pixel * layer.filters, layer.filters));
        }
      }
    }
    values_ = std::move(next);
    shape_ = y;
    ++number_;
  }

  // Adds the products of the window that begins at (line, column) of the map of `row`.
  void add_window(const Conv2d& layer, std::size_t row, std::int64_t line, std::int64_t column,
                  std::span<const double> weight, std::span<double> sums) const {
    for (std::int64_t u = 0; u < layer.kernel; ++u) {
      if (line + u < 0 || line + u >= shape_.height) continue;
      for (std::int64_t v = 0; v < layer.kernel; ++v) {
        if (column + v < 0 || column + v >= shape_.width) continue;
        const std::size_t x = at(row, line + u, column + v);
        const auto first = static_cast<std::size_t>(u * layer.kernel + v) * shape_.channels;
        for (std::size_t c = 0; c < shape_.channels; ++c) {
          const auto of_each = weight.subspan((first + c) * sums.size(), sums.size());
          for (std::size_t f = 0; f < sums.size(); ++f) sums[f] += values_[x + c] * of_each[f];
        }
      }
    }
  }

  template <class Join>
  void pool(std::uint32_t window, Join join) {
    const MapShape y{shape_.height / window, shape_.width / window, shape_.channels};
    std::vector<double> next;
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::int64_t line = 0; line < y.height; ++line) {
        for (std::int64_t column = 0; column < y.width; ++column) {
          for (std::size_t c = 0; c < y.channels; ++c) {
            double joined = values_[at(row, line * window, column * window) + c];
            for (std::int64_t i = 1; i < std::int64_t{window} * window; ++i) {
              const std::size_t pixel =
                  at(row, line * window + i / window, column * window + i % window);
              joined = join(joined, values_[pixel + c]);
            }
            next.push_back(joined);
          }
        }
      }
    }
    values_ = std::move(next);
    shape_ = y;
  }

  void normalise(float epsilon, bool centred) {
    const std::size_t width = shape_.elements();
    const auto n = static_cast<double>(width);
    for (std::size_t row = 0; row < rows_; ++row) {
      const auto values = std::span(values_).subspan(row * width, width);
      double mean = 0;
      for (const double value : values) mean += centred ? value / n : 0;
      double square = 0;
      for (const double value : values) square += (value - mean) * (value - mean) / n;
      const double factor = 1 / std::sqrt(square + static_cast<double>(epsilon));
      for (std::size_t i = 0; i < width; ++i) {
        values[i] = (values[i] - mean) * factor * parameter("gain")[i];
        if (centred) values[i] += parameter("shift")[i];
      }
    }
    ++number_;
  }

  // Index of the first channel of a pixel.
  [[nodiscard]] std::size_t at(std::size_t row, std::int64_t line, std::int64_t column) const {
    return ((row * shape_.height + static_cast<std::size_t>(line)) * shape_.width +
            static_cast<std::size_t>(column)) *
           shape_.channels;
  }

  const std::map<std::string, HostTensor>& weights_;
  std::vector<double> values_;
  std::size_t rows_;
  MapShape shape_;
  std::size_t number_ = 0;  // of the next layer that has parameters
};

}  // namespace

std::vector<float> run_on_host(const SavedNetwork& network, std::span<const float> x) {
  Rows rows(network, x);
  for (const Layer& layer : network.architecture.layers) std::visit(rows, layer);
  return rows.values();
}

}  // namespace weft::tools
