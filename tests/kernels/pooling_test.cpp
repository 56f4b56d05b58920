// SPDX-License-Identifier: Apache-2.0
// Pooling and its gradients. The largest is exact; a mean has one rounding per addition and one of
// the division; gradients copy, or divide once.
#include <algorithm>
#include <limits>
#include <sstream>

#include "tests/kernels/maps.h"

namespace weft::test {
namespace {

using kernels::PoolShape;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<PoolShape> shapes() {
  const auto shape = [](std::uint32_t images, std::uint32_t height, std::uint32_t width,
                        std::uint32_t channels, std::uint32_t window, std::uint32_t border) {
    return PoolShape{.images = images,
                     .height = height,
                     .width = width,
                     .channels = channels,
                     .window = window,
                     .x_border = border,
                     .y_border = (border + 1) % 3,
                     .dx_border = (border + 2) % 3,
                     .dy_border = border / 2};
  };
  std::vector<PoolShape> shapes{shape(1, 1, 1, 1, 1, 0), shape(2, 4, 6, 3, 2, 0),
                                shape(2, 7, 9, 5, 2, 1), shape(1, 8, 11, 17, 3, 2)};
  if (slow()) return shapes;
  for (const PoolShape& more :
       {shape(3, 28, 28, 8, 2, 2), shape(2, 14, 14, 16, 2, 1), shape(2, 31, 30, 20, 3, 1),
        shape(1, 5, 900, 2, 2, 0), shape(2, 5, 4, 2100, 2, 1), shape(2, 6, 7, 33, 1, 2)}) {
    shapes.push_back(more);
  }
  return shapes;
}

Map input(const PoolShape& s, std::uint32_t border) {
  return {s.images, s.height, s.width, s.channels, border};
}
Map output(const PoolShape& s, std::uint32_t border) {
  return {s.images, s.output_height(), s.output_width(), s.channels, border};
}

std::string describe(const PoolShape& s) {
  std::ostringstream text;
  text << s.images << " images of " << s.height << " x " << s.width << " x " << s.channels
       << ", window " << s.window;
  return text.str();
}

// Numbers of which many are equal, so that windows have several largest.
std::vector<float> values(std::size_t count, std::uint64_t seed) {
  auto result = normal(count, seed);
  for (float& each : result) each = std::round(each * 2) / 2;
  return result;
}

// Calls visit(index of a pixel of y, indices of its window's pixels of x in row-major order).
template <class Visit>
void for_each_window(const PoolShape& s, Visit visit) {
  const Map in = input(s, 0);
  std::size_t at = 0;
  for (std::uint32_t n = 0; n < s.images; ++n) {
    for (std::uint32_t i = 0; i < s.output_height(); ++i) {
      for (std::uint32_t j = 0; j < s.output_width(); ++j) {
        for (std::uint32_t c = 0; c < s.channels; ++c) {
          std::vector<std::size_t> window;
          for (std::uint32_t u = 0; u < s.window; ++u) {
            for (std::uint32_t v = 0; v < s.window; ++v) {
              window.push_back(in.index(n, i * s.window + u, j * s.window + v, c));
            }
          }
          visit(at++, window);
        }
      }
    }
  }
}

template <class Make>
std::vector<float> pooled(const PoolShape& s, const std::vector<float>& x, Make make) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& y = output(s, s.y_border).room(card);
    card.run(make(card.info(), s),
             {.x = card.put(input(s, s.x_border).stored(x)).view(), .y = y.view()});
    return Outputs{card.get(y)};
  });
  return output(s, s.y_border).interior(outputs[0], describe(s));
}

std::vector<float> largest(const PoolShape& s, const std::vector<float>& x) {
  std::vector<float> y(output(s, 0).size());
  for_each_window(s, [&](std::size_t at, const std::vector<std::size_t>& window) {
    y[at] = x[window[0]];
    for (const std::size_t pixel : window) y[at] = std::max(y[at], x[pixel]);
  });
  return y;
}

std::vector<float> run_max_gradient(const PoolShape& s, const std::vector<float>& x,
                                    const std::vector<float>& y, const std::vector<float>& dy) {
  const Outputs outputs = on_all_devices([&](Card& card) {
    Buffer& dx = input(s, s.dx_border).room(card);
    card.run(kernels::max_pool_gradient(card.info(), s),
             {.x = card.put(input(s, s.x_border).stored(x)).view(),
              .y = card.put(output(s, s.y_border).stored(y)).view(),
              .dy = card.put(output(s, s.dy_border).stored(dy)).view(),
              .dx = dx.view()});
    return Outputs{card.get(dx)};
  });
  return input(s, s.dx_border).interior(outputs[0], describe(s));
}

TEST(MaxPool, IsTheLargestOfEachWindow) {
  for (const PoolShape& s : shapes()) {
    const auto x = values(input(s, 0).size(), 301);
    EXPECT_EQ(pooled(s, x, kernels::max_pool), largest(s, x)) << describe(s);
  }
}

TEST(MaxPoolGradient, GoesToTheFirstLargest) {
  for (const PoolShape& s : shapes()) {
    const auto x = values(input(s, 0).size(), 302);
    const auto dy = normal(output(s, 0).size(), 303);
    const auto y = largest(s, x);
    std::vector<float> want(x.size());
    for_each_window(s, [&](std::size_t at, const std::vector<std::size_t>& window) {
      const auto first = std::find_if(window.begin(), window.end(),
                                      [&](std::size_t pixel) { return x[pixel] == y[at]; });
      want[*first] = dy[at];
    });
    EXPECT_EQ(run_max_gradient(s, x, y, dy), want) << describe(s);
  }
}

// At points without ties.
TEST(MaxPoolGradient, IsThatOfTheReference) {
  const PoolShape s{.images = 1, .height = 5, .width = 6, .channels = 2, .window = 2};
  const auto x = normal(input(s, 0).size(), 304);
  const auto dy = normal(output(s, 0).size(), 305);
  const auto loss = [&](const std::vector<double>& at) {
    double sum = 0;
    for_each_window(s, [&](std::size_t pixel, const std::vector<std::size_t>& window) {
      double most = at[window[0]];
      for (const std::size_t each : window) most = std::max(most, at[each]);
      sum += most * dy[pixel];
    });
    return sum;
  };
  const auto dx = widen(run_max_gradient(s, x, largest(s, x), dy));
  expect_gradient(loss, widen(x), dx, "max pool");
}

TEST(MaxPool, OfNanIsNanAndSoIsItsGradient) {
  const PoolShape s{.images = 1, .height = 2, .width = 4, .channels = 1, .window = 2};
  const std::vector<float> x{1, kNan, 3, 3, 2, 0, 3, 1};
  const auto y = pooled(s, x, kernels::max_pool);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 3);
  const auto dx = run_max_gradient(s, x, y, {5, 6});
  for (const std::size_t pixel : {0, 1, 4, 5}) EXPECT_TRUE(std::isnan(dx[pixel])) << pixel;
  EXPECT_EQ(dx[2], 6);
  for (const std::size_t pixel : {3, 6, 7}) EXPECT_EQ(dx[pixel], 0) << pixel;
}

TEST(AveragePool, IsTheMeanOfEachWindow) {
  for (const PoolShape& s : shapes()) {
    const auto x = normal(input(s, 0).size(), 306);
    const auto y = pooled(s, x, kernels::average_pool);
    std::vector<double> want(y.size());
    std::vector<double> bound(y.size());
    const double pixels = double{1} * s.window * s.window;
    for_each_window(s, [&](std::size_t at, const std::vector<std::size_t>& window) {
      double magnitude = 0;
      for (const std::size_t pixel : window) {
        want[at] += x[pixel] / pixels;
        magnitude += std::abs(x[pixel]) / pixels;
      }
      bound[at] = gamma(pixels) * magnitude;
    });
    expect_close(y, want, bound, describe(s));
  }
}

TEST(AveragePoolGradient, GivesEachPixelItsShare) {
  for (const PoolShape& s : shapes()) {
    const auto dy = normal(output(s, 0).size(), 307);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& dx = input(s, s.dx_border).room(card);
      card.run(kernels::average_pool_gradient(card.info(), s),
               {.dy = card.put(output(s, s.dy_border).stored(dy)).view(), .dx = dx.view()});
      return Outputs{card.get(dx)};
    });
    std::vector<float> want(input(s, 0).size());
    const auto pixels = static_cast<float>(s.window * s.window);
    for_each_window(s, [&](std::size_t at, const std::vector<std::size_t>& window) {
      for (const std::size_t pixel : window) want[pixel] = dy[at] / pixels;
    });
    EXPECT_EQ(input(s, s.dx_border).interior(outputs[0], describe(s)), want) << describe(s);
  }
}

TEST(Pooling, RefusesWindowsThatDoNotFit) {
  Card card("fast:");
  PoolShape s{.images = 1, .height = 4, .width = 3, .channels = 1, .window = 4};
  const auto large = kernels::max_pool(card.info(), s);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::kInvalidArgument);
  EXPECT_NE(large.error().what.find("4 x 4 in a map of 4 x 3"), std::string::npos);
  s.window = 0;
  EXPECT_FALSE(kernels::average_pool(card.info(), s));
  s.window = 1;
  s.images = 0;
  EXPECT_FALSE(kernels::average_pool_gradient(card.info(), s));
  EXPECT_FALSE(kernels::max_pool_gradient(card.info(), s));
}

}  // namespace
}  // namespace weft::test
