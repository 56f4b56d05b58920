// SPDX-License-Identifier: Apache-2.0
// Convolution and its gradients in double precision, with bounds of what the card may differ by.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/kernels/maps.h"

namespace weft::test {

using kernels::ConvolutionShape;

inline Map x_map(const ConvolutionShape& s) {
  return {s.images, s.height, s.width, s.channels, s.x_border};
}
inline Map y_map(const ConvolutionShape& s) {
  return {s.images, s.output_height(), s.output_width(), s.filters, s.y_border};
}

// A sum of products as the card makes it: segments that begin a new block, in blocks of 32.
class Sum {
 public:
  explicit Sum(spec::Rounding rounding = spec::Rounding::kNearest)
      : steps_(rounding == spec::Rounding::kNearest ? 1 : 2) {}

  void start(double value) {
    want_ = value;
    magnitude_ = std::abs(value);
  }
  void add(double a, double b) {
    terms_.emplace_back(a, b);
    if (terms_.size() == 32) end_segment();
  }
  // Quantised to nearest an operand is off by half a step, at most the largest of its block / 127;
  // stochastically by a step.
  void end_segment() {
    if (terms_.empty()) return;
    double a_error = 0;
    double b_error = 0;
    for (const auto& [a, b] : terms_) {
      a_error = std::max(a_error, steps_ * std::abs(a) / 127);
      b_error = std::max(b_error, steps_ * std::abs(b) / 127);
    }
    for (const auto& [a, b] : terms_) {
      want_ += a * b;
      magnitude_ += 1.04 * std::abs(a * b);
      bound_ += std::abs(a) * b_error + std::abs(b) * a_error + a_error * b_error;
    }
    terms_.clear();
    ++blocks_;
  }
  [[nodiscard]] double want() const { return want_; }
  [[nodiscard]] double bound() const { return bound_ + gamma(blocks_) * magnitude_ + kTiny; }

 private:
  double steps_;
  std::vector<std::pair<double, double>> terms_;
  double want_ = 0;
  double magnitude_ = 0;
  double bound_ = 0;
  double blocks_ = 0;
};

struct Reference {
  std::vector<double> want;
  std::vector<double> bound;

  void push(Sum& sum) {
    sum.end_segment();
    want.push_back(sum.want());
    bound.push_back(sum.bound());
  }
};

// Index of a weight.
inline std::size_t weight(const ConvolutionShape& s, std::uint32_t f, std::uint32_t u,
                          std::uint32_t v, std::uint32_t c) {
  return ((std::size_t{f} * s.kernel_height + u) * s.kernel_width + v) * s.channels + c;
}

template <class T>
Reference forward(const ConvolutionShape& s, const std::vector<T>& x, const std::vector<T>& w,
                  const std::vector<T>& bias) {
  const Map in = x_map(s);
  Reference reference;
  for (std::uint32_t n = 0; n < s.images; ++n) {
    for (std::int64_t i = 0; i < s.output_height(); ++i) {
      for (std::int64_t j = 0; j < s.output_width(); ++j) {
        for (std::uint32_t f = 0; f < s.filters; ++f) {
          Sum sum(s.rounding);
          if (!bias.empty()) sum.start(bias[f]);
          for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
            for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
              for (std::uint32_t c = 0; c < s.channels; ++c) {
                sum.add(in.at(x, n, i * s.stride + u - s.padding, j * s.stride + v - s.padding, c),
                        w[weight(s, f, u, v, c)]);
              }
            }
            sum.end_segment();
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

template <class T>
Reference weight_gradient(const ConvolutionShape& s, const std::vector<T>& x,
                          const std::vector<T>& dy) {
  const Map in = x_map(s);
  const Map out = y_map(s);
  const std::uint32_t lines = std::max(1u, 512 / out.width);
  Reference reference;
  for (std::uint32_t f = 0; f < s.filters; ++f) {
    for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
      for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
        for (std::uint32_t c = 0; c < s.channels; ++c) {
          Sum sum(s.rounding);
          for (std::uint32_t n = 0; n < s.images; ++n) {
            for (std::int64_t i = 0; i < out.height; ++i) {
              if (i % lines == 0) sum.end_segment();
              for (std::int64_t j = 0; j < out.width; ++j) {
                if (out.width > 512 && j % 512 == 0) sum.end_segment();
                sum.add(out.at(dy, n, i, j, f),
                        in.at(x, n, i * s.stride + u - s.padding, j * s.stride + v - s.padding, c));
              }
            }
            sum.end_segment();
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

template <class T>
Reference input_gradient(const ConvolutionShape& s, const std::vector<T>& dy,
                         const std::vector<T>& w) {
  const Map out = y_map(s);
  Reference reference;
  for (std::uint32_t n = 0; n < s.images; ++n) {
    for (std::int64_t i = 0; i < s.height; ++i) {
      for (std::int64_t j = 0; j < s.width; ++j) {
        for (std::uint32_t c = 0; c < s.channels; ++c) {
          Sum sum(s.rounding);
          for (std::uint32_t u = 0; u < s.kernel_height; ++u) {
            for (std::uint32_t v = 0; v < s.kernel_width; ++v) {
              const std::int64_t line = i + s.padding - u;
              const std::int64_t column = j + s.padding - v;
              if (line % s.stride != 0 || column % s.stride != 0) continue;
              for (std::uint32_t f = 0; f < s.filters; ++f) {
                sum.add(out.at(dy, n, line / s.stride, column / s.stride, f),
                        w[weight(s, f, u, v, c)]);
              }
              sum.end_segment();
            }
          }
          reference.push(sum);
        }
      }
    }
  }
  return reference;
}

}  // namespace weft::test
