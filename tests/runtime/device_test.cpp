// SPDX-License-Identifier: Apache-2.0
// What can be asked of a device before anything is launched, and how it refuses.
#include "weft/device.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <vector>

namespace weft {
namespace {

Device open(std::string_view uri) {
  auto device = Device::open(uri);
  EXPECT_TRUE(device) << device.error().message();
  return std::move(*device);
}

std::string why_not(std::string_view uri, Code code) {
  const auto device = Device::open(uri);
  if (device) return "it opened";
  EXPECT_EQ(device.error().code, code) << device.error().message();
  return device.error().message();
}

TEST(Devices, SayWhoTheyAre) {
  const Device device = open("fast:?config=small");
  EXPECT_EQ(device.info().config_name, "small");
  EXPECT_EQ(device.info().config.a_bytes, 16384u);
  EXPECT_EQ(device.info().spec_hash, spec::kSpecHash);
  EXPECT_EQ(device.info().uri, "fast:?config=small");
  EXPECT_EQ(open("fast:").info().config_name, "default");
  EXPECT_EQ(open("fast:?memory=3").info().memory_bytes, 3u << 20);
}

TEST(Devices, NameWhatIsWrongWithAUri) {
  EXPECT_NE(why_not("fpga", Code::kInvalidArgument).find("`fpga`"), std::string::npos);
  EXPECT_NE(why_not("", Code::kInvalidArgument).find("``"), std::string::npos);
  EXPECT_NE(why_not("pcie:0", Code::kInvalidArgument).find("pcie:"), std::string::npos);
  EXPECT_NE(why_not("fast:?speed=9", Code::kInvalidArgument).find("`speed`"), std::string::npos);
  EXPECT_NE(why_not("fast:?config=huge", Code::kInvalidArgument).find("default, small"),
            std::string::npos);
  EXPECT_NE(why_not("fast:?config", Code::kInvalidArgument).find("key=value"), std::string::npos);
  EXPECT_NE(why_not("fast:?memory=0", Code::kInvalidArgument).find("memory=0"), std::string::npos);
  EXPECT_NE(why_not("fast:?memory=1x", Code::kInvalidArgument).find("1x"), std::string::npos);
  EXPECT_NE(why_not("fast:?memory=2&memory=3", Code::kInvalidArgument).find("twice"),
            std::string::npos);
  EXPECT_NE(why_not("sim:?latency=-1", Code::kInvalidArgument).find("latency"), std::string::npos);
  EXPECT_NE(why_not("sim:?bandwidth=65", Code::kInvalidArgument).find("bandwidth"),
            std::string::npos);
  EXPECT_NE(why_not("sim:?trace_begin=5", Code::kInvalidArgument).find("trace="),
            std::string::npos);
}

TEST(Buffers, KeepWhatWasWritten) {
  Device device = open("fast:");
  auto buffer = device.allocate(100);
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer->size_bytes(), 100u);
  ASSERT_TRUE(buffer->fill(std::byte{9}));
  const std::vector<std::byte> part(10, std::byte{3});
  ASSERT_TRUE(buffer->write(part, 90));
  std::vector<std::byte> all(100);
  ASSERT_TRUE(buffer->read(all));
  EXPECT_EQ(all[89], std::byte{9});
  EXPECT_EQ(all[90], std::byte{3});
  EXPECT_EQ(all[99], std::byte{3});
}

TEST(Buffers, RefuseRangesOutsideThem) {
  Device device = open("fast:");
  auto buffer = device.allocate(100);
  std::vector<std::byte> bytes(11);
  EXPECT_EQ(buffer->write(bytes, 90).error().code, Code::kInvalidArgument);
  EXPECT_EQ(buffer->read(bytes, 101).error().code, Code::kInvalidArgument);
  EXPECT_EQ(buffer->read(bytes, ~std::size_t{0}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(device.allocate(0).error().code, Code::kInvalidArgument);
}

TEST(Buffers, SayHowMuchMemoryIsLeft) {
  Device device = open("fast:?memory=1");
  auto half = device.allocate(600000);
  ASSERT_TRUE(half);
  const auto more = device.allocate(600000);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::kOutOfMemory);
  EXPECT_NE(more.error().what.find("600000"), std::string::npos);
  {
    const Buffer gone = std::move(*half);
  }
  EXPECT_TRUE(device.allocate(600000));
}

TEST(Buffers, OutliveTheirDeviceHarmlessly) {
  std::optional<Buffer> buffer;
  std::optional<Queue> queue;
  {
    Device device = open("fast:");
    buffer = std::move(*device.allocate(64));
    queue = device.queue();
  }
  std::vector<std::byte> bytes(64);
  EXPECT_EQ(buffer->write(bytes).error().code, Code::kDeviceLost);
  EXPECT_EQ(buffer->read(bytes).error().code, Code::kDeviceLost);
  EXPECT_EQ(buffer->fill(std::byte{1}).error().code, Code::kDeviceLost);
}

TEST(Devices, AnswerNothingAfterTheyAreClosed) {
  Device device = open("fast:");
  device.close();
  device.close();
  EXPECT_EQ(device.allocate(64).error().code, Code::kDeviceLost);
}

}  // namespace
}  // namespace weft
