// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/support.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numbers>
#include <random>

namespace weft::test {

std::string other_device() {
  const char* name = std::getenv("WEFT_DEVICE");
  return name == nullptr ? "fast:?config=small" : name;
}

bool slow() {
  return other_device().starts_with("sim");
}

Buffer& Card::keep(std::span<const std::byte> bytes) {
  buffers_.push_back(device_.allocate(bytes.size()).value());
  EXPECT_TRUE(buffers_.back().write(bytes));
  return buffers_.back();
}

void Card::run(std::vector<Step> steps) {
  const auto report = device_.queue().run(Launch{.steps = std::move(steps)});
  ASSERT_TRUE(report) << report.error().message();
}

std::vector<float> Card::get(const Buffer& buffer) const {
  std::vector<float> values(buffer.size_bytes() / 4);
  EXPECT_TRUE(buffer.read(std::as_writable_bytes(std::span(values))));
  return values;
}

Outputs on_all_devices(const std::function<Outputs(Card&)>& body) {
  Card first("fast:");
  const Outputs outputs = body(first);
  const std::string uri = other_device();
  Card second(uri);
  const Outputs others = body(second);
  EXPECT_EQ(outputs.size(), others.size());
  if (outputs.size() != others.size()) return outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_EQ(outputs[i].size(), others[i].size());
    for (std::size_t at = 0; at < std::min(outputs[i].size(), others[i].size()); ++at) {
      if (std::bit_cast<std::uint32_t>(outputs[i][at]) ==
          std::bit_cast<std::uint32_t>(others[i][at])) {
        continue;
      }
      ADD_FAILURE() << "output " << i << " element " << at << ": " << outputs[i][at]
                    << " on fast:, " << others[i][at] << " on " << uri;
      return outputs;
    }
  }
  return outputs;
}

std::vector<float> normal(std::size_t count, std::uint64_t seed, float scale) {
  std::mt19937_64 generator(seed);
  const auto uniform = [&] { return (static_cast<double>(generator() >> 11) + 0.5) * 0x1p-53; };
  std::vector<float> values(count);
  for (float& value : values) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    value = static_cast<float>(radius * std::cos(2 * std::numbers::pi * uniform())) * scale;
  }
  return values;
}

void expect_close(std::span<const float> got, std::span<const double> want,
                  std::span<const double> bound, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  ASSERT_EQ(got.size(), bound.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(double{got[i]} - want[i]);
    ASSERT_LE(error, bound[i]) << what << " element " << i << ": " << got[i] << ", not " << want[i];
  }
}

// The error of a central difference is h^2 f''' / 6 + u_double f / h; with h = 1e-5 and third
// derivatives of a few units both are below 1e-9.
void expect_derivative(const std::function<double(double)>& f,
                       const std::function<double(double)>& derivative,
                       std::span<const float> points) {
  constexpr double kStep = 1e-5;
  for (const float point : points) {
    const double x = point;
    const double slope = (f(x + kStep) - f(x - kStep)) / (2 * kStep);
    ASSERT_NEAR(slope, derivative(x), 1e-8 * (1 + std::abs(f(x)))) << "at " << x;
  }
}

void expect_gradient(const std::function<double(const std::vector<double>&)>& f,
                     const std::vector<double>& at, std::span<const double> gradient,
                     const std::string& what) {
  constexpr double kStep = 1e-5;
  const double size = std::abs(f(at));
  std::vector<double> moved = at;
  for (std::size_t i = 0; i < at.size(); ++i) {
    moved[i] = at[i] + kStep;
    const double above = f(moved);
    moved[i] = at[i] - kStep;
    const double below = f(moved);
    moved[i] = at[i];
    ASSERT_NEAR((above - below) / (2 * kStep), gradient[i], 1e-7 * (1 + size)) << what << " " << i;
  }
}

std::vector<double> widen(std::span<const float> values) {
  return {values.begin(), values.end()};
}

}  // namespace weft::test
