// SPDX-License-Identifier: Apache-2.0
// Graphs of feature maps: what does not fit, gradients, borders.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/graph/borders.h"
#include "runtime/graph/contents.h"
#include "weft/graph.h"
#include "weft/network.h"

namespace weft {
namespace {

using graph::Contents;
using graph::Operation;
using graph::Operator;

constexpr MapShape kMap{.height = 8, .width = 6, .channels = 3};

struct Recorded {
  Graph graph;
  Tensor x;

  Recorded() : x(graph.input("x", {.rows = 4, .cols = 144})) {}

  Tensor weight(std::uint32_t filters, std::uint32_t window) {
    return graph.parameter("w" + std::to_string(window), {.rows = filters, .cols = window}, {});
  }
  // The operators, with borders, of a network's gradients.
  Contents contents_of(const Sequential& network) {
    const Tensor logits = network.forward(graph, x);
    graph.backward(graph.softmax_cross_entropy(logits, graph.labels("labels", 4)));
    EXPECT_FALSE(graph.error().has_value()) << graph.error()->what;
    Contents contents = graph.contents();
    graph::assign_borders(contents);
    return contents;
  }
};

std::size_t count(const Contents& contents, Operation operation) {
  const auto& all = contents.operators;
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Operator& each) { return each.operation == operation; }));
}

std::uint32_t border_of(const Contents& contents, const std::string& name) {
  for (const graph::TensorEntry& each : contents.tensors) {
    if (each.name == name) return each.border;
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(Maps, HaveTheExtentsOfTheirWindows) {
  Recorded r;
  const Tensor x = r.graph.map(r.x, kMap);
  const Windows windows{.height = 3, .width = 5, .stride = 2, .padding = 1};
  const Tensor y = r.graph.conv2d(x, r.weight(10, 45), {}, windows);
  ASSERT_FALSE(r.graph.error().has_value()) << r.graph.error()->what;
  EXPECT_EQ(y.shape().map, (MapShape{.height = 4, .width = 2, .channels = 10}));
  EXPECT_EQ(r.graph.max_pool(x, 3).shape().map, (MapShape{.height = 2, .width = 2, .channels = 3}));
  EXPECT_EQ(r.graph.flatten(y).shape(), (Shape{.rows = 4, .cols = 80}));
}

TEST(Maps, NamesWhatDoesNotFit) {
  using Try = void (*)(Recorded&);
  const std::pair<const char*, Try> wrong[] = {
      {"maps of 8 x 6 x 4", [](Recorded& r) { r.graph.map(r.x, {8, 6, 4}); }},
      {"flatten of 4 x 144", [](Recorded& r) { r.graph.flatten(r.x); }},
      {"conv2d of x 4 x 144", [](Recorded& r) { r.graph.conv2d(r.x, r.weight(2, 9), {}, {}); }},
      {"weight 2 x 9",
       [](Recorded& r) { r.graph.conv2d(r.graph.map(r.x, kMap), r.weight(2, 9), {}, {}); }},
      {"windows of 9 x 3",
       [](Recorded& r) {
         r.graph.conv2d(r.graph.map(r.x, kMap), r.weight(2, 81), {}, {.height = 9});
       }},
      {"windows of 7 x 7", [](Recorded& r) { r.graph.max_pool(r.graph.map(r.x, kMap), 7); }},
      {"linear of x 4 maps of 8 x 6 x 3",
       [](Recorded& r) { r.graph.linear(r.graph.map(r.x, kMap), r.weight(2, 144)); }},
  };
  for (const auto& [says, attempt] : wrong) {
    Recorded r;
    attempt(r);
    ASSERT_TRUE(r.graph.error().has_value()) << says;
    EXPECT_NE(r.graph.error()->what.find(says), std::string::npos) << r.graph.error()->what;
  }
}

TEST(Borders, AreWhatReadersReach) {
  Recorded r;
  const Contents contents =
      r.contents_of(Sequential(kMap, {Conv2d{.filters = 4, .kernel = 5, .padding = 2}, MaxPool{},
                                      Conv2d{.filters = 5}, Flatten{}, Linear{3}}));
  EXPECT_EQ(border_of(contents, "map0"), 2u);
  EXPECT_EQ(border_of(contents, "conv1"), 0u);      // pooled
  EXPECT_EQ(border_of(contents, "max_pool2"), 0u);  // windows stay inside
  // The gradient of the second convolution, whose input gradient reaches two pixels out; that of
  // the first is read by its weight gradient only.
  EXPECT_EQ(border_of(contents, "d_conv3"), 2u);
  EXPECT_EQ(border_of(contents, "d_conv1"), 0u);
  // Into and out of maps with borders; the flattened map is read as it is.
  EXPECT_EQ(count(contents, Operation::kReborder), 2u);
}

TEST(Borders, OfSingleElementOperatorsAreEqual) {
  Recorded r;
  const Contents contents = r.contents_of(
      Sequential(kMap, {Conv2d{.filters = 4}, Activation::kTanh, Conv2d{.filters = 5, .padding = 1},
                        Activation::kGelu, Flatten{}, Linear{3}}));
  for (const Operator& each : contents.operators) {
    if (each.operation != Operation::kActivation &&
        each.operation != Operation::kActivationGradient) {
      continue;
    }
    for (const std::uint32_t input : each.inputs) {
      EXPECT_EQ(contents.tensors[input].border, contents.tensors[each.outputs[0]].border);
    }
  }
  // The second convolution's padding, through the tanh.
  EXPECT_EQ(border_of(contents, "conv1"), 1u);
  // Without padding, windows read the samples as they came.
  EXPECT_EQ(count(contents, Operation::kReborder), 2u);
}

TEST(Borders, NoMapIsMadeWhereAMatrixWillDo) {
  Recorded r;
  const Contents contents = r.contents_of(
      Sequential(kMap, {Conv2d{.filters = 4}, Activation::kRelu, MaxPool{}, Flatten{}, Linear{3}}));
  EXPECT_EQ(count(contents, Operation::kReborder), 0u);
}

}  // namespace
}  // namespace weft
