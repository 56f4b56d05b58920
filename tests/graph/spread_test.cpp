// SPDX-License-Identifier: Apache-2.0
// SpreadInference: the logits of one device, however many there are, and errors that name one.
#include "weft/spread.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "tests/graph/small_training.h"

namespace weft::test {
namespace {

constexpr std::uint32_t kRows = 50;

std::vector<Device> open_all(const std::vector<std::string>& uris) {
  std::vector<Device> devices;
  for (const std::string& uri : uris) devices.push_back(Device::open(uri).value());
  return devices;
}

class Spread : public testing::Test {
 protected:
  void SetUp() override {
    auto device = Device::open("fast:");
    auto trainer = Trainer::create(*device, layers, {.batch = 30});
    ASSERT_TRUE(trainer.has_value()) << trainer.error().message();
    weights = trainer->state().value().tensors;
    auto alone = Inference::create(*device, layers, weights);
    ASSERT_TRUE(alone.has_value());
    const auto logits = alone->run(rows.x);
    ASSERT_TRUE(logits.has_value());
    expected = logits->values;
  }

  SpreadInference over(std::vector<Device>& devices) const {
    auto spread = SpreadInference::create(devices, layers, weights);
    EXPECT_TRUE(spread.has_value()) << spread.error().message();
    return std::move(*spread);
  }

  const Sequential layers = network();
  const Samples rows = samples(kRows, 78);
  std::map<std::string, HostTensor> weights;
  std::vector<float> expected;
};

TEST_F(Spread, HasTheLogitsOfOneDeviceInTheirOrder) {
  for (const std::size_t count : {1u, 2u, 3u}) {
    std::vector<std::string> uris(count, "fast:");
    uris.back() = "fast:?config=small";
    std::vector<Device> devices = open_all(uris);
    SpreadInference spread = over(devices);
    for (const std::uint32_t batch : {0u, 1u, 7u, 1000u}) {
      const auto logits = spread.run(rows.x, batch);
      ASSERT_TRUE(logits.has_value()) << logits.error().message();
      EXPECT_EQ(logits->values, expected) << count << " devices, batch " << batch;
    }
  }
}

// The operators of all batches together are those of all rows at once.
TEST_F(Spread, AddsUpWhatTheOperatorsCost) {
  std::vector<Device> devices = open_all({"fast:", "fast:"});
  const auto operators = over(devices).run(rows.x, 9).value().operators;
  ASSERT_FALSE(operators.empty());
  EXPECT_EQ(operators[0].m, kRows);
  EXPECT_EQ(operators[0].k, kInputs);
  EXPECT_FALSE(operators[0].cycles.has_value());
}

TEST_F(Spread, GivesEveryDeviceWork) {
  std::vector<Device> devices = open_all({"fast:", "fast:", "fast:"});
  SpreadInference spread = over(devices);
  // A closed device fails once it gets work, so each in turn shows that it would have got some.
  for (std::size_t closed = 0; closed < devices.size(); ++closed) {
    std::vector<Device> some = open_all({"fast:", "fast:", "fast:"});
    SpreadInference broken = over(some);
    some[closed].close();
    const auto logits = broken.run(rows.x);
    ASSERT_FALSE(logits.has_value());
    EXPECT_EQ(logits.error().code, Code::kDeviceLost) << logits.error().message();
    const std::string name = "device " + std::to_string(closed + 1) + " of 3, `fast:`";
    EXPECT_TRUE(logits.error().what.starts_with(name)) << logits.error().message();
  }
  std::vector<std::size_t> done;
  const auto logits = spread.run(rows.x, 0, [&](std::size_t count) { done.push_back(count); });
  ASSERT_TRUE(logits.has_value());
  ASSERT_EQ(done.size(), 3u);  // 17, 17 and 16 rows
  EXPECT_EQ(done.back(), kRows);
}

TEST_F(Spread, EndsWithTheErrorOfADeviceThatFailsMidway) {
  std::vector<Device> devices = open_all({"fast:", "fast:?config=small"});
  SpreadInference spread = over(devices);
  std::size_t last = 0;
  const auto logits = spread.run(rows.x, 1, [&](std::size_t count) {
    last = count;
    for (Device& device : devices) device.close();
  });
  ASSERT_FALSE(logits.has_value());
  EXPECT_EQ(logits.error().code, Code::kDeviceLost) << logits.error().message();
  EXPECT_TRUE(logits.error().what.starts_with("device ")) << logits.error().message();
  EXPECT_LT(last, kRows);
}

TEST_F(Spread, RefusesWhatInferenceRefuses) {
  std::vector<Device> devices = open_all({"fast:", "fast:"});
  SpreadInference spread = over(devices);
  for (const std::size_t values : {0u, kInputs - 1, kInputs + 1}) {
    const auto logits = spread.run(std::vector<float>(values));
    ASSERT_FALSE(logits.has_value()) << values;
    EXPECT_EQ(logits.error().code, Code::kInvalidArgument);
  }
  const auto nowhere = SpreadInference::create({}, layers, weights);
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().code, Code::kInvalidArgument);
  weights.erase(weights.begin());
  EXPECT_FALSE(SpreadInference::create(devices, layers, weights).has_value());
}

// Fewer rows than devices: the others stay idle.
TEST_F(Spread, TakesFewerRowsThanDevices) {
  std::vector<Device> devices = open_all({"fast:", "fast:", "fast:"});
  const auto logits = over(devices).run(std::span(rows.x).first(kInputs));
  ASSERT_TRUE(logits.has_value()) << logits.error().message();
  EXPECT_EQ(logits->values, std::vector<float>(expected.begin(), expected.begin() + kOutputs));
}

}  // namespace
}  // namespace weft::test
