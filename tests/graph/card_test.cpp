// SPDX-License-Identifier: Apache-2.0
// Steps on the device WEFT_DEVICE names are those of the fast model, bit for bit.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "tests/graph/small_training.h"

namespace weft {
namespace {

using namespace test;

std::string device_uri() {
  const char* named = std::getenv("WEFT_DEVICE");
  return named != nullptr ? named : "fast:?config=small";
}

TEST(Card, StepsEqualTheFastModels) {
  const std::string uri = device_uri();
  for (const Optimizer& optimizer : {Optimizer(Sgd{}), Optimizer(Adamw{})}) {
    expect_equal(train_on(uri, {.optimizer = optimizer}),
                 train_on("fast:", {.optimizer = optimizer}));
  }
  expect_equal(train_on(uri, {.micro_batches = 3}), train_on("fast:", {.micro_batches = 3}));
}

TEST(Card, StepsOnFeatureMapsEqualTheFastModels) {
  const TrainerOptions options{.micro_batches = 2, .optimizer = Sgd{}};
  const Trained found = train_on(device_uri(), options, 2, nullptr, maps_network());
  expect_equal(found, train_on("fast:", options, 2, nullptr, maps_network()));
  EXPECT_TRUE(std::isfinite(found.losses.at(1)));
}

}  // namespace
}  // namespace weft
