// SPDX-License-Identifier: Apache-2.0
// Embedding: rows as they are in the table, and the gradient exactly in the order that the contract
// gives, close to the real sum, and in agreement with differences.
#include <random>

#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::EmbeddingShape;

std::vector<EmbeddingShape> shapes() {
  if (slow()) return {{1, 1, 1}, {37, 65, 20}, {300, 9, 64}, {3, 5, 1100}};
  return {{1, 1, 1},    {1, 7, 16},    {17, 3, 15},     {256, 65, 64},
          {3, 5, 5000}, {5000, 11, 3}, {700, 130, 200}, {40, 1000, 33}};
}

std::vector<std::int32_t> tokens_of(const EmbeddingShape& shape, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int32_t> tokens(shape.tokens);
  for (auto& token : tokens) token = static_cast<std::int32_t>(random() % shape.vocabulary);
  tokens.back() = static_cast<std::int32_t>(shape.vocabulary - 1);
  return tokens;
}

std::string text(const EmbeddingShape& shape) {
  return std::to_string(shape.tokens) + " of " + std::to_string(shape.vocabulary) + " x " +
         std::to_string(shape.width);
}

std::vector<float> gradient_of(const EmbeddingShape& shape, const std::vector<std::int32_t>& tokens,
                               const std::vector<float>& dy) {
  return on_all_devices([&](Card& card) {
    Buffer& picks = card.put(tokens);
    Buffer& from = card.put(dy);
    Buffer& to = card.room(std::uint64_t{shape.vocabulary} * shape.width);
    card.run(kernels::embedding_gradient(card.info(), shape),
             {.tokens = picks.view(), .dy = from.view(), .dtable = to.view()});
    return Outputs{card.get(to)};
  })[0];
}

TEST(Embedding, PicksRows) {
  for (const EmbeddingShape& shape : shapes()) {
    const auto table = normal(std::size_t{shape.vocabulary} * shape.width, 31);
    const auto tokens = tokens_of(shape, 32);
    const Outputs outputs = on_all_devices([&](Card& card) {
      Buffer& picks = card.put(tokens);
      Buffer& from = card.put(table);
      Buffer& to = card.room(std::uint64_t{shape.tokens} * shape.width);
      card.run(kernels::embedding(card.info(), shape),
               {.tokens = picks.view(), .table = from.view(), .y = to.view()});
      return Outputs{card.get(to)};
    });
    std::vector<float> want;
    for (const auto token : tokens) {
      const auto first = table.begin() + std::ptrdiff_t{token} * shape.width;
      want.insert(want.end(), first, first + shape.width);
    }
    EXPECT_EQ(outputs[0], want) << text(shape);
  }
}

TEST(EmbeddingGradient, FoldsTheRowsOfATokenInAscendingOrder) {
  for (const EmbeddingShape& shape : shapes()) {
    const auto tokens = tokens_of(shape, 33);
    const auto dy = normal(std::size_t{shape.tokens} * shape.width, 34);
    const auto got = gradient_of(shape, tokens, dy);
    const std::size_t size = std::size_t{shape.vocabulary} * shape.width;
    std::vector<float> want(size);
    std::vector<double> sum(size);
    std::vector<double> bound(size);
    std::vector<double> terms(shape.vocabulary);
    for (const auto token : tokens) ++terms[static_cast<std::size_t>(token)];
    for (std::size_t r = 0; r < shape.tokens; ++r) {
      const auto token = static_cast<std::size_t>(tokens[r]);
      for (std::size_t c = 0; c < shape.width; ++c) {
        const float each = dy[r * shape.width + c];
        want[token * shape.width + c] += each;
        sum[token * shape.width + c] += each;
        bound[token * shape.width + c] += gamma(terms[token]) * std::abs(each);
      }
    }
    EXPECT_EQ(got, want) << text(shape);
    expect_close(got, sum, bound, "embedding gradient");
  }
}

// Other rows do not touch a sum, whatever they hold; tokens beyond the vocabulary touch none.
TEST(EmbeddingGradient, TakesNothingFromOtherRows) {
  const EmbeddingShape shape{.tokens = 6, .vocabulary = 3, .width = 2};
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto got = gradient_of(shape, {0, 2, -1, 3, 0, 1 << 24},
                               {1, 2, infinity, nan, 5, 5, 7, 7, 10, 20, nan, nan});
  EXPECT_EQ(std::vector(got.begin(), got.begin() + 5),
            (std::vector<float>{11, 22, 0, 0, infinity}));
  EXPECT_TRUE(std::isnan(got[5]));
}

// Of f = sum of weight * table[tokens], by central differences of f in the table.
TEST(EmbeddingGradient, AgreesWithDifferences) {
  const EmbeddingShape shape{.tokens = 9, .vocabulary = 4, .width = 5};
  const auto tokens = tokens_of(shape, 35);
  const auto weight = normal(45, 36);
  const auto f = [&](const std::vector<double>& table) {
    double total = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const auto row = static_cast<std::size_t>(tokens[i / shape.width]);
      const double y = table[row * shape.width + i % shape.width];
      total += weight[i] * y;
    }
    return total;
  };
  const auto got = widen(gradient_of(shape, tokens, weight));
  expect_gradient(f, widen(normal(20, 37)), got, "embedding");
}

TEST(Embedding, RefusesWhatItCannot) {
  const DeviceInfo device = Device::open("fast:").value().info();
  for (const EmbeddingShape& none : {EmbeddingShape{0, 1, 1}, {1, 0, 1}, {1, 1, 0}}) {
    EXPECT_EQ(kernels::embedding(device, none).error().code, Code::kInvalidArgument);
    EXPECT_EQ(kernels::embedding_gradient(device, none).error().code, Code::kInvalidArgument);
  }
  EXPECT_EQ(kernels::embedding_gradient(device, {1, (1u << 24) + 1, 1}).error().code,
            Code::kUnsupported);
}

}  // namespace
}  // namespace weft::test
