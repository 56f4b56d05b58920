// SPDX-License-Identifier: Apache-2.0
// Gradients of whole networks on the device against central differences of a reference in double
// precision.
//
// The difference has two sources. Products of the forward pass round both operands to MXINT8: an
// operand of uniform elements has a step of 1/64 to 1/127 of the largest and so an error of 0.4 to
// 0.8 % of its root mean square; three layers of two operands give about 2 %. A ReLU whose input
// lies within that error of 0 may count on one side only: 1 % of the units, which is up to 10 % of
// the norm of a gradient; the same goes for the pixel of a window that is its largest. Rounding of
// the backward products is unbiased, 2 % of a product; the mean over 32 seeds leaves 0.4 %. A wrong
// operator is off by far more.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/graph/random.h"
#include "tests/graph/reference.h"
#include "weft/trainer.h"

namespace weft {
namespace {

using namespace test;

constexpr std::uint32_t kRows = 24;
constexpr std::uint32_t kInputs = 20;
constexpr std::uint32_t kOutputs = 6;
constexpr double kSmooth = 0.04;
constexpr double kKinked = 0.12;

struct Samples {
  std::vector<float> x;
  std::vector<std::uint32_t> labels;
};

Samples samples() {
  Samples made;
  for (std::uint32_t i = 0; i < kRows * kInputs; ++i) {
    const auto bits = graph::draw(5, graph::Purpose::kInitial, 0, i);
    made.x.push_back(static_cast<float>(graph::uniform(bits)));
  }
  for (std::uint32_t i = 0; i < kRows; ++i) made.labels.push_back(i * 7 % kOutputs);
  return made;
}

// Mean over rounding seeds of the gradient on the device: with a rate of 1, without momentum, it is
// what a step takes from the weights.
Parameters device_gradients(Trainer& trainer, const TrainerState& start, const Samples& data) {
  constexpr int kSeeds = 32;
  Parameters gradients;
  for (int seed = 0; seed < kSeeds; ++seed) {
    TrainerState state = start;
    state.step = static_cast<std::uint64_t>(seed);
    EXPECT_TRUE(trainer.restore(state).has_value());
    const auto step = trainer.step(data.x, data.labels, 1.0f);
    EXPECT_TRUE(step.has_value()) << step.error().message();
    const auto after = trainer.state();
    for (const auto& [name, tensor] : after->tensors) {
      if (name.starts_with("optimizer.")) continue;
      auto& sum = gradients[name];
      sum.resize(tensor.values.size());
      for (std::size_t i = 0; i < sum.size(); ++i) {
        const double before = static_cast<double>(start.tensors.at(name).values[i]);
        sum[i] += (before - static_cast<double>(tensor.values[i])) / kSeeds;
      }
    }
  }
  return gradients;
}

double norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

void check(const Network& network, double tolerance) {
  auto device = Device::open("fast:");
  ASSERT_TRUE(device.has_value());
  auto trainer = Trainer::create(
      *device, network,
      {.batch = kRows, .seed = 3, .optimizer = Sgd{.momentum = 0, .weight_decay = 0}});
  ASSERT_TRUE(trainer.has_value()) << trainer.error().message();
  const Samples data = samples();
  const auto start = trainer->state();
  ASSERT_TRUE(start.has_value());
  Parameters weights;
  for (const auto& [name, tensor] : start->tensors) {
    if (!name.starts_with("optimizer.")) {
      weights[name].assign(tensor.values.begin(), tensor.values.end());
    }
  }
  const auto evaluation = trainer->evaluate(data.x, data.labels);
  ASSERT_TRUE(evaluation.has_value());
  EXPECT_NEAR(evaluation->loss, reference_loss(network, weights, data.x, data.labels), 0.02);

  const Parameters found = device_gradients(*trainer, *start, data);
  const Parameters expected = reference_gradients(network, weights, data.x, data.labels);
  for (const auto& [name, gradient] : expected) {
    std::vector<double> difference = found.at(name);
    for (std::size_t i = 0; i < gradient.size(); ++i) difference[i] -= gradient[i];
    EXPECT_GT(norm(gradient), 1e-3) << name;
    EXPECT_LT(norm(difference), tolerance * norm(gradient)) << name;
  }
}

TEST(Gradient, OfRelu) {
  check(Sequential(kInputs, {Linear{40}, Activation::kRelu, Linear{33}, Activation::kRelu,
                             Linear{kOutputs}}),
        kKinked);
}

TEST(Gradient, OfSmoothActivations) {
  for (const Activation kind :
       {Activation::kGelu, Activation::kSilu, Activation::kSigmoid, Activation::kTanh}) {
    SCOPED_TRACE(static_cast<int>(kind));
    check(Sequential(kInputs, {Linear{40}, kind, Linear{kOutputs}}), kSmooth);
  }
}

TEST(Gradient, OfNorms) {
  check(Sequential(kInputs, {Linear{40}, LayerNorm{}, Activation::kTanh, Linear{kOutputs}}),
        kSmooth);
  check(Sequential(kInputs, {Linear{40}, RmsNorm{}, Activation::kSilu, Linear{kOutputs}}), kSmooth);
}

constexpr MapShape kMaps{.height = 5, .width = 4, .channels = 1};  // kInputs elements

TEST(Gradient, OfSmoothConvolutions) {
  // Padded and not, so that borders are those of x and those of dy; pooling that leaves a line out.
  check(Sequential(kMaps, {Conv2d{.filters = 6, .padding = 1}, Activation::kTanh, AveragePool{},
                           Conv2d{.filters = 8, .kernel = 2}, Activation::kGelu, Flatten{},
                           Linear{kOutputs}}),
        kSmooth);
  check(Sequential(kMaps, {Conv2d{.filters = 6, .kernel = 2, .bias = false}, Activation::kSigmoid,
                           Conv2d{.filters = 5, .padding = 1}, Flatten{}, Linear{kOutputs}}),
        kSmooth);
}

TEST(Gradient, OfStridedConvolutions) {
  check(Sequential(kMaps, {Conv2d{.filters = 8, .stride = 2, .padding = 1}, Activation::kSilu,
                           Flatten{}, Linear{kOutputs}}),
        kSmooth);
  // Gradients pass through: windows of two lines that leave one out, and more stride than window.
  check(Sequential(kMaps,
                   {Conv2d{.filters = 6, .padding = 1}, Activation::kTanh,
                    Conv2d{.filters = 8, .kernel = 2, .stride = 2}, Flatten{}, Linear{kOutputs}}),
        kSmooth);
  check(Sequential(kMaps, {Conv2d{.filters = 6, .kernel = 1}, Activation::kGelu,
                           Conv2d{.filters = 7, .kernel = 2, .stride = 3, .padding = 1}, Flatten{},
                           Linear{kOutputs}}),
        kSmooth);
}

TEST(Gradient, OfConvolutionsWithReluAndMaxPool) {
  check(Sequential(kMaps, {Conv2d{.filters = 8, .padding = 1}, Activation::kRelu, MaxPool{},
                           Conv2d{.filters = 16, .padding = 1}, Activation::kRelu, Flatten{},
                           Linear{kOutputs}}),
        kKinked);
}

TEST(Gradient, OfBranchesOfMaps) {
  const FunctionNetwork network(kInputs, kOutputs, [](Graph& graph, Tensor x) {
    const Windows same{.height = 3, .width = 3, .padding = 1};
    const Tensor in = graph.parameter("in", {.rows = 4, .cols = 9}, {Initial::kHe});
    const Tensor shared = graph.parameter("shared", {.rows = 4, .cols = 36}, {Initial::kHe});
    const Tensor out = graph.parameter("out", {.rows = kOutputs, .cols = 80}, {Initial::kHe});
    const Tensor maps = graph.map(x, kMaps);
    const Tensor h = graph.activation(Activation::kTanh, graph.conv2d(maps, in, {}, same));
    const Tensor once =
        graph.add(h, graph.activation(Activation::kTanh, graph.conv2d(h, shared, {}, same)));
    const Tensor gate =
        graph.activation(Activation::kSigmoid, graph.conv2d(once, shared, {}, same));
    return graph.linear(graph.flatten(graph.multiply(once, gate)), out);
  });
  check(network, kSmooth);
}

TEST(Gradient, OfBranches) {
  const FunctionNetwork network(kInputs, kOutputs, [](Graph& graph, Tensor x) {
    const Tensor in = graph.parameter("in", {.rows = 32, .cols = kInputs}, {Initial::kHe});
    const Tensor shared = graph.parameter("shared", {.rows = 32, .cols = 32}, {Initial::kHe});
    const Tensor out = graph.parameter("out", {.rows = kOutputs, .cols = 32}, {Initial::kHe});
    const Tensor h = graph.activation(Activation::kTanh, graph.linear(x, in));
    // A residual, a gate, and one weight used twice.
    const Tensor once = graph.add(h, graph.activation(Activation::kTanh, graph.linear(h, shared)));
    const Tensor gate = graph.activation(Activation::kSigmoid, graph.linear(once, shared));
    return graph.linear(graph.multiply(once, gate), out);
  });
  check(network, kSmooth);
}

}  // namespace
}  // namespace weft
