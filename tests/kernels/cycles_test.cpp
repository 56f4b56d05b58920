// SPDX-License-Identifier: Apache-2.0
// Kernels on the simulated card take about as long as they must: in the default configuration a
// cycle per word of memory moved, or per word of a pass, four where the pass has a function,
// whichever are more. What is on top: the launch, the first load, the last store, set-up of passes.
#include <algorithm>
#include <iostream>

#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using namespace kernels;
using kernels::Shape;

constexpr Shape kShape{256, 512};
constexpr std::uint32_t kCount = kShape.rows * kShape.cols;

class KernelCycles : public testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < 6; ++i) {
      tensors_.push_back(device().allocate(kCount * 4).value());
      ASSERT_TRUE(tensors_.back().write(std::as_bytes(std::span(values_))));
    }
  }

  static Device& device() {
    static Device opened = Device::open(other_device()).value();
    return opened;
  }
  static const DeviceInfo& info() { return device().info(); }
  BufferView tensor(std::size_t i) { return tensors_[i].view(); }

  // Words per word of the tensor.
  void expect_about(std::vector<Step> steps, double moved, double passes, const char* name) {
    const auto report = device().queue().run(Launch{.steps = std::move(steps)});
    ASSERT_TRUE(report) << report.error().message();
    const double words = kCount / 16.0;
    const double per_word = static_cast<double>(*report->cycles) / words;
    std::cout << name << ": " << per_word << " cycles per word\n";
    EXPECT_LT(per_word, std::max(moved, passes) * 1.25 + 0.3) << name;
    EXPECT_GE(per_word, std::max(moved, passes)) << name;
  }

 private:
  std::vector<float> values_ = std::vector<float>(kCount, 1.0f);
  std::vector<Buffer> tensors_;
};

TEST_F(KernelCycles, AreThoseOfMemoryOrOfThePasses) {
  expect_about(copy(info(), kCount)->steps({.x = tensor(0), .y = tensor(1)}), 2, 0, "copy");
  expect_about(
      activation(info(), Activation::kGelu, kCount)->steps({.x = tensor(0), .y = tensor(1)}), 2, 4,
      "gelu");
  expect_about(add(info(), kCount)->steps({.a = tensor(0), .b = tensor(1), .y = tensor(2)}), 3, 1,
               "add");
  expect_about(column_sum(info(), kShape)->steps({.x = tensor(0), .y = tensor(1)}), 1, 1,
               "column_sum");
  expect_about(softmax(info(), kShape)->steps({.x = tensor(0), .y = tensor(1)}), 2, 6, "softmax");
  expect_about(softmax_cross_entropy(info(), kShape)
                   ->steps({.logits = tensor(0),
                            .labels = tensor(1),
                            .loss = tensor(2),
                            .dlogits = tensor(3),
                            .predictions = tensor(4)}),
               2, 9, "softmax_cross_entropy");
  expect_about(layer_norm(info(), kShape)
                   ->steps({.x = tensor(0),
                            .gamma = tensor(1),
                            .beta = tensor(1),
                            .y = tensor(2),
                            .mean = tensor(3),
                            .sigma = tensor(4)}),
               2, 3, "layer_norm");
  expect_about(
      sgd_momentum(info(), kCount)->steps({.p = tensor(0), .v = tensor(1), .g = tensor(2)}), 5, 3,
      "sgd_momentum");
  expect_about(adamw(info(), kCount)
                   ->steps({.p = tensor(0), .m = tensor(1), .v = tensor(2), .g = tensor(3)}),
               7, 13, "adamw");
}

// Rows of a table come as fast as rows of a matrix. The gradient folds dy for each row of the
// table.
TEST_F(KernelCycles, OfEmbeddings) {
  Buffer tokens = device().allocate(kShape.rows * 4).value();
  const std::vector<std::int32_t> sevens(kShape.rows, 7);
  ASSERT_TRUE(tokens.write(std::as_bytes(std::span(sevens))));
  expect_about(embedding(info(), {.tokens = kShape.rows, .vocabulary = 256, .width = kShape.cols})
                   ->steps({.tokens = tokens.view(), .table = tensor(0), .y = tensor(1)}),
               2, 0, "embedding");
  expect_about(
      embedding_gradient(info(), {.tokens = kShape.rows, .vocabulary = 16, .width = kShape.cols})
          ->steps({.tokens = tokens.view(), .dy = tensor(0), .dtable = tensor(1)}),
      1, 16, "embedding_gradient");
}

}  // namespace
}  // namespace weft::test
