// SPDX-License-Identifier: Apache-2.0
// Runs kernels on several devices, holds their bytes against each other, and results against
// references in double precision.
//
// Devices: `fast:` in both configurations; WEFT_DEVICE names another, which takes the place of the
// second. Tests ask slow() for smaller sizes.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "weft/weft.h"

namespace weft::test {

// Half an ulp of FP32, relative: the error of one rounding.
inline constexpr double kU = 0x1p-24;
// What lies below the smallest normal number is flushed.
inline constexpr double kTiny = 0x1p-126;

// Relative error of a sum of `terms` numbers in FP32 against the sum of their magnitudes, in any
// order of at most `terms` additions each (Higham, Accuracy and Stability of Numerical Algorithms,
// 2nd edition, 4.2).
inline double gamma(double terms) {
  return terms * kU / (1 - terms * kU);
}
// Additions an element of a row goes through: its lane, and the tree of the lanes.
inline double row_additions(double cols) {
  return std::ceil(cols / 16) + 4;
}

// The device that WEFT_DEVICE names.
[[nodiscard]] std::string other_device();
[[nodiscard]] bool slow();

class Card {
 public:
  explicit Card(const std::string& uri) : device_(Device::open(uri).value()) {}

  [[nodiscard]] const DeviceInfo& info() const { return device_.info(); }

  template <class T>
  [[nodiscard]] Buffer& put(const std::vector<T>& values) {
    return keep(std::as_bytes(std::span(values)));
  }
  // Memory for a result, full of NaN.
  [[nodiscard]] Buffer& room(std::uint64_t elements) {
    return put(std::vector<std::uint32_t>(elements, 0xffffffffu));
  }

  template <class Arguments>
  void run(const Result<kernels::Kernel<Arguments>>& kernel, const Arguments& arguments) {
    ASSERT_TRUE(kernel) << kernel.error().message();
    run(kernel->steps(arguments));
  }
  void run(std::vector<Step> steps);

  [[nodiscard]] std::vector<float> get(const Buffer& buffer) const;

 private:
  Buffer& keep(std::span<const std::byte> bytes);

  Device device_;
  std::deque<Buffer> buffers_;
};

using Outputs = std::vector<std::vector<float>>;

// The outputs of `body` on the first device; those of the others must have the same bits.
[[nodiscard]] Outputs on_all_devices(const std::function<Outputs(Card&)>& body);

// Numbers of a normal distribution, the same for the same seed on every host.
[[nodiscard]] std::vector<float> normal(std::size_t count, std::uint64_t seed, float scale = 1);

// |got - want| <= bound for each element.
void expect_close(std::span<const float> got, std::span<const double> want,
                  std::span<const double> bound, const std::string& what);

// Central differences of f agree with its derivative at the points.
void expect_derivative(const std::function<double(double)>& f,
                       const std::function<double(double)>& derivative,
                       std::span<const float> points);

// Central differences of a scalar function of many variables agree with its gradient.
void expect_gradient(const std::function<double(const std::vector<double>&)>& f,
                     const std::vector<double>& at, std::span<const double> gradient,
                     const std::string& what);

[[nodiscard]] std::vector<double> widen(std::span<const float> values);

}  // namespace weft::test
