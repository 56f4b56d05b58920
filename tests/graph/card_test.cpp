// SPDX-License-Identifier: Apache-2.0
// Steps on the device WEFT_DEVICE names are those of the fast model, bit for bit.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/graph/small_training.h"

namespace weft {
namespace {

using namespace test;

TEST(Card, StepsEqualTheFastModels) {
  const char* named = std::getenv("WEFT_DEVICE");
  const std::string uri = named != nullptr ? named : "fast:?config=small";
  for (const Optimizer& optimizer : {Optimizer(Sgd{}), Optimizer(Adamw{})}) {
    expect_equal(train_on(uri, {.optimizer = optimizer}),
                 train_on("fast:", {.optimizer = optimizer}));
  }
  expect_equal(train_on(uri, {.micro_batches = 3}), train_on("fast:", {.micro_batches = 3}));
}

}  // namespace
}  // namespace weft
