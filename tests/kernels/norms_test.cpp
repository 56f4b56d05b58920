// SPDX-License-Identifier: Apache-2.0
// Layer and RMS norm and their gradients. In the bounds, n is the error of a row's sum relative to
// its magnitudes, gamma(row_additions(cols)); a mean has that and 2u (1/cols is rounded, and the
// product with it).
#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::Shape;

constexpr double kSecondOrder = 1.001;
constexpr float kEpsilon = 1e-5f;

std::vector<Shape> shapes() {
  if (slow()) return {{1, 1}, {3, 20}, {100, 100}};
  return {{1, 1}, {3, 20}, {40, 64}, {100, 100}, {5, 1040}, {129, 768}};
}

// x with means and sizes that differ from row to row.
std::vector<float> rows(Shape shape, std::uint64_t seed) {
  auto x = normal(std::size_t{shape.rows} * shape.cols, seed);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto r = static_cast<float>(i / shape.cols % 5);
    x[i] = x[i] * (0.5f + r) + r - 1;
  }
  return x;
}

// Mean (0 for RMS norm) and sigma of a row.
struct Moments {
  double mean = 0;
  double sigma = 0;
  double mean_error = 0;   // absolute
  double sigma_error = 0;  // relative
};

Moments moments(std::span<const double> x, bool centred) {
  const auto n = static_cast<double>(x.size());
  const double sums = gamma(row_additions(n));
  Moments result;
  if (centred) {
    double magnitudes = 0;
    for (const double each : x) {
      result.mean += each / n;
      magnitudes += std::abs(each) / n;
    }
    result.mean_error = sums * magnitudes + 2 * kU * std::abs(result.mean);
  }
  double squares = 0;
  double magnitudes = 0;
  for (const double each : x) {
    squares += (each - result.mean) * (each - result.mean) / n;
    magnitudes += std::abs(each - result.mean) / n;
  }
  const double variance = squares + double{kEpsilon};
  result.sigma = std::sqrt(variance);
  // A difference d = x - mean rounds (u d) and all are off by the error e of the mean: the squares
  // by 2u d^2 and, as the d of a row sum up to nothing but their roundings, by e^2 + 2 e u |d|.
  // The sum of squares adds its additions, 1/cols and its product 3u with the last sum; the root
  // halves that and rounds.
  const double e = result.mean_error;
  const double off = (centred ? 2 * kU * squares + e * e + 2 * e * kU * magnitudes : 0) +
                     sums * squares + 3 * kU * variance;
  result.sigma_error = off / variance / 2 + kU;
  return result;
}

// Of (x - mean) * (1 / sigma).
double normalised_error(double h, const Moments& m, bool centred) {
  const double off = m.mean_error / m.sigma + std::abs(h) * (m.sigma_error + 2 * kU);
  return centred ? off + std::abs(h) * kU : off;
}

void expect_norm(bool centred) {
  for (const Shape shape : shapes()) {
    const auto x = rows(shape, 71);
    const auto gamma = normal(shape.cols, 72);
    const auto beta = normal(shape.cols, 73);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& scale = card.put(gamma);
      Buffer& shift = card.put(beta);
      Buffer& to = card.room(x.size());
      Buffer& mean = card.room(shape.rows);
      Buffer& sigma = card.room(shape.rows);
      if (centred) {
        card.run(kernels::layer_norm(card.info(), shape), {.x = from.view(),
                                                           .gamma = scale.view(),
                                                           .beta = shift.view(),
                                                           .y = to.view(),
                                                           .mean = mean.view(),
                                                           .sigma = sigma.view(),
                                                           .epsilon = kEpsilon});
      } else {
        card.run(kernels::rms_norm(card.info(), shape), {.x = from.view(),
                                                         .gamma = scale.view(),
                                                         .y = to.view(),
                                                         .sigma = sigma.view(),
                                                         .epsilon = kEpsilon});
      }
      return Outputs{card.get(to), card.get(sigma), card.get(mean)};
    });
    const auto wide = widen(x);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const std::size_t first = std::size_t{r} * shape.cols;
      const Moments m = moments(std::span(wide).subspan(first, shape.cols), centred);
      ASSERT_NEAR(outputs[1][r], m.sigma, kSecondOrder * m.sigma * m.sigma_error);
      if (centred) ASSERT_NEAR(outputs[2][r], m.mean, kSecondOrder * m.mean_error + kTiny);
      for (std::uint32_t c = 0; c < shape.cols; ++c) {
        const double h = (wide[first + c] - m.mean) / m.sigma;
        const double y = h * gamma[c] + (centred ? double{beta[c]} : 0);
        const double bound =
            std::abs(gamma[c]) * normalised_error(h, m, centred) + kU * std::abs(y);
        ASSERT_NEAR(outputs[0][first + c], y, kSecondOrder * bound + kTiny)
            << "row " << r << " column " << c << " of " << shape.rows << " x " << shape.cols;
      }
    }
  }
}

TEST(LayerNorm, IsWithinTheBoundOfItsPasses) {
  expect_norm(true);
}

TEST(RmsNorm, IsWithinTheBoundOfItsPasses) {
  expect_norm(false);
}

// The formula of the headers for one row: h, dx, and what a row adds to dgamma.
struct RowGradient {
  std::vector<double> h;
  std::vector<double> dx;
  std::vector<double> dx_bound;
};

RowGradient row_gradient(std::span<const double> x, std::span<const double> dy,
                         std::span<const double> gamma, double mean, double sigma, bool centred) {
  const auto n = static_cast<double>(x.size());
  // h is a product with a reciprocal, with the centring before it three roundings.
  const double h_error = (centred ? 3 : 2) * kU;
  const double sums = test::gamma(row_additions(n));
  RowGradient row;
  double a = 0;
  double b = 0;
  double a_magnitude = 0;
  double b_magnitude = 0;
  for (std::size_t c = 0; c < x.size(); ++c) {
    row.h.push_back((x[c] - mean) / sigma);
    const double g = dy[c] * gamma[c];
    if (centred) a += g / n;
    if (centred) a_magnitude += std::abs(g) / n;
    b += g * row.h[c] / n;
    b_magnitude += std::abs(g * row.h[c]) / n;
  }
  // g rounds; dy h and its product with gamma do, on top of h.
  const double a_error = (kU + sums) * a_magnitude + 2 * kU * std::abs(a);
  const double b_error = (h_error + 2 * kU + sums) * b_magnitude + 2 * kU * std::abs(b);
  for (std::size_t c = 0; c < x.size(); ++c) {
    const double g = dy[c] * gamma[c];
    const double centre = g - a;
    const double numerator = centre - row.h[c] * b;
    row.dx.push_back(numerator / sigma);
    const double error = kU * std::abs(g) + a_error + (centred ? kU * std::abs(centre) : 0) +
                         h_error * std::abs(row.h[c] * b) + std::abs(row.h[c]) * b_error +
                         kU * std::abs(numerator);
    row.dx_bound.push_back(kSecondOrder * (error / sigma + 2 * kU * std::abs(row.dx[c])) + kTiny);
  }
  return row;
}

void expect_norm_gradient(bool centred) {
  for (const Shape shape : shapes()) {
    const auto x = rows(shape, 74);
    const auto dy = normal(x.size(), 75);
    const auto gamma = normal(shape.cols, 76);
    const auto wide = widen(x);
    std::vector<float> means;
    std::vector<float> sigmas;
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const auto m =
          moments(std::span(wide).subspan(std::size_t{r} * shape.cols, shape.cols), centred);
      means.push_back(static_cast<float>(m.mean));
      sigmas.push_back(static_cast<float>(m.sigma));
    }
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& gradient = card.put(dy);
      Buffer& scale = card.put(gamma);
      Buffer& mean = card.put(means);
      Buffer& sigma = card.put(sigmas);
      Buffer& dx = card.room(x.size());
      Buffer& dgamma = card.room(shape.cols);
      Buffer& dbeta = card.room(shape.cols);
      if (centred) {
        card.run(kernels::layer_norm_gradient(card.info(), shape), {.x = from.view(),
                                                                    .dy = gradient.view(),
                                                                    .gamma = scale.view(),
                                                                    .mean = mean.view(),
                                                                    .sigma = sigma.view(),
                                                                    .dx = dx.view(),
                                                                    .dgamma = dgamma.view(),
                                                                    .dbeta = dbeta.view()});
      } else {
        card.run(kernels::rms_norm_gradient(card.info(), shape), {.x = from.view(),
                                                                  .dy = gradient.view(),
                                                                  .gamma = scale.view(),
                                                                  .sigma = sigma.view(),
                                                                  .dx = dx.view(),
                                                                  .dgamma = dgamma.view()});
      }
      return Outputs{card.get(dx), card.get(dgamma), card.get(dbeta)};
    });
    std::vector<double> dx;
    std::vector<double> dx_bound;
    std::vector<double> dgamma(shape.cols);
    std::vector<double> dgamma_bound(shape.cols, kTiny);
    std::vector<double> dbeta(shape.cols);
    std::vector<double> dbeta_bound(shape.cols, kTiny);
    const auto wide_dy = widen(dy);
    const auto wide_gamma = widen(gamma);
    const double folds = test::gamma(shape.rows);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const std::size_t first = std::size_t{r} * shape.cols;
      const auto row = row_gradient(std::span(wide).subspan(first, shape.cols),
                                    std::span(wide_dy).subspan(first, shape.cols), wide_gamma,
                                    means[r], sigmas[r], centred);
      dx.insert(dx.end(), row.dx.begin(), row.dx.end());
      dx_bound.insert(dx_bound.end(), row.dx_bound.begin(), row.dx_bound.end());
      for (std::uint32_t c = 0; c < shape.cols; ++c) {
        const double product = wide_dy[first + c] * row.h[c];
        dgamma[c] += product;
        dgamma_bound[c] += kSecondOrder * ((centred ? 4 : 3) * kU + folds) * std::abs(product);
        dbeta[c] += wide_dy[first + c];
        dbeta_bound[c] += folds * std::abs(wide_dy[first + c]);
      }
    }
    expect_close(outputs[0], dx, dx_bound, "dx");
    expect_close(outputs[1], dgamma, dgamma_bound, "dgamma");
    if (centred) expect_close(outputs[2], dbeta, dbeta_bound, "dbeta");
  }
}

TEST(LayerNormGradient, IsWithinTheBoundOfItsPasses) {
  expect_norm_gradient(true);
}

TEST(RmsNormGradient, IsWithinTheBoundOfItsPasses) {
  expect_norm_gradient(false);
}

TEST(NormGradients, AreGradients) {
  const auto x = widen(normal(11, 77));
  const auto dy = widen(normal(11, 78));
  const auto gamma = widen(normal(11, 79));
  for (const bool centred : {false, true}) {
    const auto f = [&](const std::vector<double>& at) {
      const Moments m = moments(at, centred);
      double sum = 0;
      for (std::size_t c = 0; c < at.size(); ++c) {
        sum += dy[c] * gamma[c] * (at[c] - m.mean) / m.sigma;
      }
      return sum;
    };
    const Moments m = moments(x, centred);
    expect_gradient(f, x, row_gradient(x, dy, gamma, m.mean, m.sigma, centred).dx, "norm");
  }
}

}  // namespace
}  // namespace weft::test
