// SPDX-License-Identifier: Apache-2.0
// Several engines of one emulated card, each a device of this process. Run by
// `weft xrt --xclbin FILE -- xrt_engines_test` with an xclbin of two; WEFT_DEVICE is xrt or opencl.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/graph/small_training.h"
#include "tests/xrt/processes.h"
#include "weft/spread.h"

namespace weft::test {
namespace {

constexpr std::uint32_t kRows = 30;

std::string engine(unsigned number) {
  const char* scheme = std::getenv("WEFT_DEVICE");
  return std::string(scheme == nullptr ? "xrt" : scheme) +
         ":0?memory=16&engine=" + std::to_string(number);
}

Device open(unsigned number) {
  auto device = Device::open(engine(number));
  EXPECT_TRUE(device) << device.error().message();
  return std::move(*device);
}

class Engines : public testing::Test {
 protected:
  void SetUp() override {
    auto device = Device::open("fast:");
    weights = Trainer::create(*device, layers, {.batch = 30})->state().value().tensors;
    expected = Inference::create(*device, layers, weights)->run(rows.x).value().values;
  }

  // What the network answers on this device; the error if it does not.
  Result<std::vector<float>> logits_on(Device& device) const {
    auto inference = Inference::create(device, layers, weights);
    if (!inference) return tl::unexpected(inference.error());
    auto logits = inference->run(rows.x);
    if (!logits) return tl::unexpected(logits.error());
    return std::move(logits->values);
  }

  void expect_right(Device& device) const {
    const auto logits = logits_on(device);
    ASSERT_TRUE(logits) << logits.error().message();
    EXPECT_EQ(*logits, expected);
  }

  const Sequential layers = network();
  const Samples rows = samples(kRows, 79);
  std::map<std::string, HostTensor> weights;
  std::vector<float> expected;
};

TEST_F(Engines, ShareTheRowsOfANetwork) {
  std::vector<Device> devices;
  for (const unsigned number : {1, 2}) devices.push_back(open(number));
  auto spread = SpreadInference::create(devices, layers, weights);
  ASSERT_TRUE(spread) << spread.error().message();
  for (const std::uint32_t batch : {0u, 1u}) {
    const auto logits = spread->run(rows.x, batch);
    ASSERT_TRUE(logits) << logits.error().message();
    EXPECT_EQ(logits->values, expected) << "batch " << batch;
  }
}

// One copies megabytes while the other runs launches.
TEST_F(Engines, WorkAtTheSameTimeInMemoriesOfTheirOwn) {
  Device first = open(1);
  Device second = open(2);
  auto buffer = first.allocate(std::size_t{4} << 20);
  ASSERT_TRUE(buffer);
  std::atomic<bool> over = false;
  std::thread other([&] {
    for (int i = 0; i < 3; ++i) expect_right(second);
    over = true;
  });
  std::vector<std::byte> sent(buffer->size_bytes());
  std::vector<std::byte> back(sent.size());
  int rounds = 0;
  for (; !over || rounds < 2; ++rounds) {
    std::fill(sent.begin(), sent.end(), std::byte(rounds));
    if (!buffer->write(sent) || !buffer->read(back) || back != sent) break;
  }
  other.join();
  EXPECT_EQ(back, sent) << "round " << rounds;
  EXPECT_GE(rounds, 2);
  expect_right(first);
}

TEST_F(Engines, OpenAndCloseInAnyOrder) {
  Device first = open(1);
  {
    Device second = open(2);
    first.close();
    expect_right(second);
    Device again = open(1);
    expect_right(again);
    expect_right(second);
  }
  // The card is gone with its last engine, and comes anew with the next.
  EXPECT_EQ(simulator_of(::getpid(), 1), 0);
  Device anew = open(2);
  expect_right(anew);
}

TEST_F(Engines, OpenAndCloseInThreads) {
  std::vector<std::thread> threads;
  for (const unsigned number : {1, 2}) {
    threads.emplace_back([this, number] {
      for (int i = 0; i < 5; ++i) {
        Device device = open(number);
        expect_right(device);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Engines, GoOnWhenTheSimulatorOfAnotherIsKilled) {
  {
    Device first = open(1);
    Device second = open(2);
    expect_right(second);
    const pid_t process = simulator_of(::getpid(), 2);
    ASSERT_GT(process, 0);
    ::kill(process, SIGKILL);
    const auto lost = logits_on(second);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, Code::kDeviceLost) << lost.error().message();
    EXPECT_TRUE(lost.error().what.starts_with("card_lost")) << lost.error().message();
    expect_right(first);

    // A spread over both ends with the error of that one.
    std::vector<Device> devices;
    devices.push_back(std::move(first));
    devices.push_back(std::move(second));
    auto spread = SpreadInference::create(devices, layers, weights);
    ASSERT_TRUE(spread) << spread.error().message();
    const auto logits = spread->run(rows.x);
    ASSERT_FALSE(logits);
    EXPECT_TRUE(logits.error().what.starts_with("device 2 of 2, `" + engine(2) + "`: card_lost"))
        << logits.error().message();
  }
  Device anew = open(2);
  expect_right(anew);
}

TEST_F(Engines, OfAnotherXclbinAreRefusedWhileTheCardIsOpen) {
  Device first = open(1);
  std::string pattern = (std::filesystem::temp_directory_path() / "weft-xrt-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path other = std::filesystem::path(pattern) / "other.xclbin";
  std::filesystem::copy_file(std::getenv("WEFT_XCLBIN"), other);
  const auto device = Device::open(engine(2) + "&xclbin=" + other.string());
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, Code::kUnsupported) << device.error().message();
  EXPECT_NE(device.error().what.find("open on the card"), std::string::npos);
  expect_right(first);
  first.close();
  EXPECT_TRUE(Device::open(engine(2) + "&xclbin=" + other.string()));
  std::filesystem::remove_all(pattern);
}

TEST_F(Engines, ThatAreNotThereAreNotFound) {
  const auto device = Device::open(engine(3));
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, Code::kNotFound);
  EXPECT_NE(device.error().what.find("has 2 engines"), std::string::npos)
      << device.error().message();
}

}  // namespace
}  // namespace weft::test
