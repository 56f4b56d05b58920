// SPDX-License-Identifier: Apache-2.0
// Sums: exactly in the order that the contract gives, and close to the real sum.
#include <array>

#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::Shape;

std::vector<Shape> shapes() {
  if (slow()) return {{1, 1}, {37, 20}, {3, 1025}, {3000, 3}};
  return {{1, 1}, {1, 16}, {2, 15}, {37, 20}, {3, 5000}, {5000, 3}, {300, 700}, {7, 1025}};
}

// The order of a row: 16 lanes, then the tree.
float row_order(std::span<const float> row) {
  std::array<float, 16> lanes{};
  for (std::size_t c = 0; c < row.size(); ++c) lanes[c % 16] += row[c];
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

TEST(ColumnSum, FoldsRowsInAscendingOrderWhateverTheTiles) {
  for (const Shape shape : shapes()) {
    const auto x = normal(std::size_t{shape.rows} * shape.cols, 21);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& to = card.room(shape.cols);
      card.run(kernels::column_sum(card.info(), shape), {.x = from.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    std::vector<float> want(shape.cols);
    std::vector<double> sum(shape.cols);
    std::vector<double> bound(shape.cols);
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      for (std::uint32_t c = 0; c < shape.cols; ++c) {
        const float element = x[std::size_t{r} * shape.cols + c];
        want[c] += element;
        sum[c] += element;
        bound[c] += gamma(shape.rows) * std::abs(element);
      }
    }
    EXPECT_EQ(outputs[0], want) << shape.rows << " x " << shape.cols;
    expect_close(outputs[0], sum, bound, "column sum");
  }
}

// More tiles than one program has commands for: sums go from program to program through memory.
// Programs for a card with little V have small tiles, and run on any.
TEST(ColumnSum, GoesOnFromProgramToProgram) {
  const Shape shape{300000, 1};
  std::vector<float> x(shape.rows);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 1001) * 0.37f - 185;
  Card card("fast:");
  DeviceInfo little = card.info();
  little.config.v_bytes = 2048;
  Buffer& from = card.put(x);
  Buffer& to = card.room(1);
  const auto kernel = kernels::column_sum(little, shape);
  EXPECT_GT(kernel->programs().size(), 1u);
  card.run(kernel, {.x = from.view(), .y = to.view()});
  float want = 0;
  for (const float each : x) want += each;
  EXPECT_EQ(card.get(to)[0], want);
}

TEST(RowSum, FoldsSixteenLanesAndThenTheirTree) {
  for (const Shape shape : shapes()) {
    const auto x = normal(std::size_t{shape.rows} * shape.cols, 22);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& to = card.room(shape.rows);
      card.run(kernels::row_sum(card.info(), shape), {.x = from.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    for (std::uint32_t r = 0; r < shape.rows; ++r) {
      const auto row = std::span(x).subspan(std::size_t{r} * shape.cols, shape.cols);
      ASSERT_EQ(outputs[0][r], row_order(row)) << shape.rows << " x " << shape.cols;
    }
  }
}

TEST(Mean, IsTheSumOfOneLongRowDividedByItsLength) {
  const std::vector<std::size_t> counts =
      slow() ? std::vector<std::size_t>{1, 17, 5000}
             : std::vector<std::size_t>{1, 7, 15, 16, 17, 31, 32, 33, 255, 4096, 65537, 300001};
  for (const std::size_t count : counts) {
    auto x = normal(count, 23);
    for (float& each : x) each += 3;
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& to = card.room(1);
      card.run(kernels::mean(card.info(), count), {.x = from.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    ASSERT_EQ(outputs[0][0], row_order(x) / static_cast<float>(count)) << count;
    double sum = 0;
    double magnitudes = 0;
    for (const float each : x) {
      sum += each;
      magnitudes += std::abs(each);
    }
    const double n = static_cast<double>(count);
    EXPECT_NEAR(outputs[0][0], sum / n, (gamma(row_additions(n)) + kU) * magnitudes / n);
  }
}

TEST(AddColumn, AddsTheVectorToEveryRow) {
  for (const Shape shape : shapes()) {
    const auto x = normal(std::size_t{shape.rows} * shape.cols, 24);
    const auto column = normal(shape.cols, 25);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& from = card.put(x);
      Buffer& vector = card.put(column);
      Buffer& to = card.room(x.size());
      card.run(kernels::add_column(card.info(), shape),
               {.x = from.view(), .column = vector.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(outputs[0][i], x[i] + column[i % shape.cols]) << shape.rows << " x " << shape.cols;
    }
  }
}

}  // namespace
}  // namespace weft::test
