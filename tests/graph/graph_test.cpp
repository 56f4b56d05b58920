// SPDX-License-Identifier: Apache-2.0
#include "weft/graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/graph/contents.h"
#include "weft/network.h"

namespace weft {
namespace {

using graph::Operation;

std::size_t count(const Graph& graph, Operation operation) {
  const auto& all = graph.contents().operators;
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const auto& each) { return each.operation == operation; }));
}

Loss loss_of(Graph& graph, Tensor logits) {
  return graph.softmax_cross_entropy(logits, graph.labels("labels", logits.shape().rows));
}

TEST(Graph, NamesWhatDoesNotFit) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 3});
  const Tensor weight = graph.parameter("w", {.rows = 5, .cols = 2}, {});
  EXPECT_TRUE(graph.linear(x, weight).empty());
  ASSERT_TRUE(graph.error().has_value());
  EXPECT_EQ(graph.error()->code, Code::kInvalidArgument);
  EXPECT_NE(graph.error()->what.find("4 x 3"), std::string::npos);
  // The first error stays.
  graph.add(x, weight);
  EXPECT_NE(graph.error()->what.find("linear"), std::string::npos);
}

TEST(Graph, RefusesEmptyTensorsAndLabelsOfAnotherLength) {
  Graph empty;
  empty.input("x", {.rows = 0, .cols = 3});
  EXPECT_TRUE(empty.error().has_value());

  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 3});
  graph.softmax_cross_entropy(x, graph.labels("labels", 5));
  EXPECT_TRUE(graph.error().has_value());

  Graph floats;
  const Tensor y = floats.input("y", {.rows = 4, .cols = 3});
  floats.softmax_cross_entropy(y, floats.input("labels", {.rows = 1, .cols = 4}));
  EXPECT_TRUE(floats.error().has_value());
}

TEST(Graph, AParameterIsOneWhateverIsBuiltFromIt) {
  Graph graph;
  const Tensor w = graph.parameter("w", {.rows = 3, .cols = 3}, {});
  EXPECT_EQ(graph.parameter("w", {.rows = 3, .cols = 3}, {}).id(), w.id());
  EXPECT_FALSE(graph.error().has_value());
  graph.parameter("w", {.rows = 3, .cols = 4}, {});
  EXPECT_TRUE(graph.error().has_value());
}

TEST(Graph, BackwardMakesNoGradientOfTheInput) {
  Graph graph;
  const Sequential network(8, {Linear{6}, Activation::kRelu, Linear{4}});
  const Tensor x = graph.input("x", {.rows = 5, .cols = 8});
  graph.backward(loss_of(graph, network.forward(graph, x)));
  ASSERT_FALSE(graph.error().has_value());
  EXPECT_EQ(count(graph, Operation::kLinearWeight), 2u);
  EXPECT_EQ(count(graph, Operation::kLinearBias), 2u);
  EXPECT_EQ(count(graph, Operation::kLinearInput), 1u);
  EXPECT_EQ(count(graph, Operation::kActivationGradient), 1u);
  for (const graph::Parameter& parameter : graph.contents().parameters) {
    const Shape shape = graph.contents().tensors[parameter.tensor].shape;
    const auto gradient = graph.gradient({parameter.tensor, shape});
    ASSERT_TRUE(gradient.has_value()) << parameter.name;
    EXPECT_EQ(gradient->shape(), shape);
  }
}

TEST(Graph, UsesOfATensorAddUp) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 4});
  const Tensor w = graph.parameter("w", {.rows = 4, .cols = 4}, {});
  const Tensor once = graph.linear(x, w);
  graph.backward(loss_of(graph, graph.add(graph.linear(once, w), once)));
  ASSERT_FALSE(graph.error().has_value());
  EXPECT_EQ(count(graph, Operation::kLinearWeight), 2u);
  // Of w, and of `once`.
  EXPECT_EQ(count(graph, Operation::kAdd), 1u + 2u);
}

TEST(Graph, ParametersThatShareAGradientGetTheirOwn) {
  Graph graph;
  const Tensor p = graph.parameter("p", {.rows = 4, .cols = 4}, {});
  const Tensor q = graph.parameter("q", {.rows = 4, .cols = 4}, {});
  graph.backward(loss_of(graph, graph.add(p, q)));
  EXPECT_NE(graph.gradient(p)->id(), graph.gradient(q)->id());
}

TEST(Graph, AParameterTheLossDoesNotDependOnHasNoGradient) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 4});
  const Tensor w = graph.parameter("w", {.rows = 4, .cols = 4}, {});
  const Tensor idle = graph.parameter("idle", {.rows = 4, .cols = 4}, {});
  graph.backward(loss_of(graph, graph.linear(x, w)));
  EXPECT_FALSE(graph.gradient(idle).has_value());
}

TEST(Graph, BackwardRunsOnce) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 4});
  const Loss loss =
      loss_of(graph, graph.linear(x, graph.parameter("w", {.rows = 4, .cols = 4}, {})));
  graph.backward(loss);
  EXPECT_FALSE(graph.error().has_value());
  graph.backward(loss);
  EXPECT_TRUE(graph.error().has_value());
}

TEST(Graph, DescribesItsOperators) {
  Graph graph;
  const Tensor x = graph.input("x", {.rows = 4, .cols = 8});
  graph.linear(x, graph.parameter("w", {.rows = 2, .cols = 8}, {}));
  ASSERT_EQ(graph.describe().size(), 1u);
  EXPECT_EQ(graph.describe()[0], "forward: linear0 [4 x 2] = linear(x [4 x 8], w [2 x 8])");
}

}  // namespace
}  // namespace weft
