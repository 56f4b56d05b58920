// SPDX-License-Identifier: Apache-2.0
// Devices xrt:N and opencl:N on emulated cards: what goes wrong, and a great many of everything.
// Run by `weft xrt --config small -- xrt_device_test`; WEFT_DEVICE is xrt or opencl.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "tests/xrt/processes.h"
#include "weft/weft.h"

namespace weft {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using test::children_of;
using test::simulator_of;

std::string uri(const std::string& rest = "0") {
  const char* scheme = std::getenv("WEFT_DEVICE");
  return std::string(scheme == nullptr ? "xrt" : scheme) + ":" + rest;
}

Error refused(const std::string& device_uri) {
  const auto device = Device::open(device_uri);
  EXPECT_FALSE(device) << device_uri;
  return device ? Error{} : device.error();
}

// Cards of this process do one thing wrong while this lives; see fake_card.py. It has no janitor:
// what XRT unpacks goes to a folder of its own.
class FakeCard {
 public:
  explicit FakeCard(const char* wrong) {
    std::string pattern = (fs::temp_directory_path() / "weft-fake-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    ::setenv("SDACCEL_EM_RUN_DIR", folder_.c_str(), 1);
    ::setenv("WEFT_XRT_CARD", WEFT_FAKE_CARD_PROGRAM, 1);
    ::setenv("WEFT_FAKE_CARD", wrong, 1);
  }
  ~FakeCard() {
    ::unsetenv("WEFT_XRT_CARD");
    ::unsetenv("WEFT_FAKE_CARD");
    ::unsetenv("SDACCEL_EM_RUN_DIR");
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

 private:
  fs::path folder_;
};

Program load_of_64_bytes() {
  ProgramBuilder builder("load");
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding = builder.bind("from", 64, Rights::kRead);
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 16;
  builder.append(load);
  return std::move(builder).finalise().value();
}

Result<Event> submit_load(Device& device, const Buffer& from) {
  return device.queue().submit(
      {.steps = {{.program = load_of_64_bytes(), .bindings = {from.view()}, .scalars = {}}}});
}

std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{}));
}

TEST(XrtDevice, ThatDoesNotExistIsNotFound) {
  const Error error = refused(uri("99"));
  EXPECT_EQ(error.code, Code::kNotFound) << error.message();
  EXPECT_NE(error.advice, "");
}

TEST(XrtDevice, OfAnotherSpecificationIsRefused) {
  const FakeCard card("spec");
  const Error error = refused(uri());
  EXPECT_EQ(error.code, Code::kUnsupported) << error.message();
  EXPECT_NE(error.what.find("was built from spec"), std::string::npos) << error.message();
}

TEST(XrtDevice, ThatIsNoWeftCardIsRefused) {
  const FakeCard card("magic");
  const Error error = refused(uri());
  EXPECT_EQ(error.code, Code::kDeviceLost) << error.message();
  EXPECT_NE(error.what.find("does not answer as a Weft card"), std::string::npos);
}

TEST(XrtDevice, ThatNeverEndsALaunchTimesOutAndCloses) {
  const FakeCard card("silent");
  auto device = Device::open(uri());
  ASSERT_TRUE(device) << device.error().message();
  auto from = device->allocate(64);
  ASSERT_TRUE(from);
  auto event = submit_load(*device, *from);
  ASSERT_TRUE(event) << event.error().message();
  for (int i = 0; i < 2; ++i) {
    const auto begin = Clock::now();
    const auto ended = event->wait(std::chrono::milliseconds(300));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Code::kTimeout) << ended.error().message();
    EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(300));
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
  }
  const auto begin = Clock::now();
  device->close();
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(event->wait().error().code, Code::kDeviceLost);
  // XRT would wait for that launch for ever.
  const Error again = refused(uri());
  EXPECT_EQ(again.code, Code::kDeviceLost) << again.message();
  EXPECT_NE(again.what.find("never ended"), std::string::npos) << again.message();
}

TEST(XrtDevice, ThatWritesNoRecordIsLost) {
  const FakeCard card("error");
  auto device = Device::open(uri());
  ASSERT_TRUE(device) << device.error().message();
  auto from = device->allocate(64);
  ASSERT_TRUE(from);
  auto event = submit_load(*device, *from);
  ASSERT_TRUE(event);
  const auto ended = event->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kDeviceLost) << ended.error().message();
}

TEST(XrtDevice, WhoseSimulatorIsKilledSaysSoAndOpensAgain) {
  {
    auto device = Device::open(uri());
    ASSERT_TRUE(device) << device.error().message();
    auto from = device->allocate(64);
    ASSERT_TRUE(from);
    ASSERT_TRUE(submit_load(*device, *from).value().wait());
    const pid_t process = simulator_of(::getpid(), 1);
    ASSERT_GT(process, 0);
    ::kill(process, SIGKILL);
    for (int i = 0; i < 3; ++i) {
      const auto ended = submit_load(*device, *from).value().wait(std::chrono::seconds(20));
      ASSERT_FALSE(ended);
      EXPECT_EQ(ended.error().code, Code::kDeviceLost) << ended.error().message();
      EXPECT_TRUE(ended.error().what.starts_with("card_lost")) << ended.error().message();
    }
    std::byte byte{};
    EXPECT_TRUE(from->read(std::span(&byte, 1)));
  }
  auto device = Device::open(uri());
  ASSERT_TRUE(device) << device.error().message();
  auto from = device->allocate(64);
  ASSERT_TRUE(from);
  EXPECT_TRUE(submit_load(*device, *from).value().wait());
}

TEST(XrtDevice, RefusesAnXclbinWithoutItsKernel) {
  std::ifstream file(std::getenv("WEFT_XCLBIN"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GT(bytes.size(), 496u);
  for (const std::string_view known : {"name=\"weft\"", "weft:weft_1"}) {
    const auto at = bytes.find(known);
    ASSERT_NE(at, std::string::npos) << known;
    bytes[at + known.find("weft")] = 'l';
  }
  std::string pattern = (fs::temp_directory_path() / "weft-xrt-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path folder = pattern;
  std::ofstream(folder / "left.xclbin", std::ios::binary) << bytes;
  const Error error = refused(uri("0?xclbin=" + (folder / "left.xclbin").string()));
  EXPECT_EQ(error.code, Code::kUnsupported) << error.message();
  EXPECT_NE(error.what.find("no kernel `weft`"), std::string::npos) << error.message();
  fs::remove_all(folder);
}

TEST(XrtDevice, RefusesWhatDoesNotFitItsMemory) {
  const Error error = refused(uri("0?memory=16384"));  // the card has 8 GiB
  EXPECT_EQ(error.code, Code::kOutOfMemory) << error.message();
  EXPECT_NE(error.advice.find("memory="), std::string::npos) << error.message();
  auto device = Device::open(uri("0?memory=8"));
  ASSERT_TRUE(device) << device.error().message();
  const auto buffer = device->allocate(std::size_t{9} << 20);
  ASSERT_FALSE(buffer);
  EXPECT_EQ(buffer.error().code, Code::kOutOfMemory);
}

TEST(XrtDevice, KeepsTenThousandBuffersApart) {
  constexpr std::size_t kBuffers = 10000;
  auto device = Device::open(uri());
  ASSERT_TRUE(device) << device.error().message();
  std::vector<Buffer> buffers;
  for (std::uint32_t i = 0; i < kBuffers; ++i) {
    auto buffer = device->allocate(100);
    ASSERT_TRUE(buffer) << buffer.error().message();
    ASSERT_TRUE(buffer->write(std::as_bytes(std::span(&i, 1)), i % 97));
    buffers.push_back(std::move(*buffer));
  }
  for (std::uint32_t i = 0; i < kBuffers; ++i) {
    std::uint32_t value = 0;
    ASSERT_TRUE(buffers[i].read(std::as_writable_bytes(std::span(&value, 1)), i % 97));
    ASSERT_EQ(value, i);
  }
}

// Nothing of an opened device is left but what XRT itself keeps.
TEST(XrtDevice, OpensAndClosesAThousandTimes) {
  std::size_t files = 0;
  for (int i = 0; i < 1000; ++i) {
    auto device = Device::open(uri("0?memory=1"));
    ASSERT_TRUE(device) << "open " << i << ": " << device.error().message();
    device->close();
    if (i == 1) files = open_files();
  }
  EXPECT_LE(open_files(), files + 2);
  EXPECT_EQ(children_of(::getpid()).size(), 0u);
}

// Launches and copies of two devices, in turns; the second goes on when the first is closed.
void expect_both_work(const std::string& one_uri, const std::string& other_uri) {
  auto first = Device::open(one_uri);
  ASSERT_TRUE(first) << first.error().message();
  auto second = Device::open(other_uri);
  ASSERT_TRUE(second) << second.error().message();
  for (int i = 0; i < 3; ++i) {
    auto here = first->allocate(64);
    auto there = second->allocate(64);
    ASSERT_TRUE(here && there);
    ASSERT_TRUE(here->fill(std::byte{1}));
    ASSERT_TRUE(there->fill(std::byte{2}));
    auto one = submit_load(*first, *here);
    auto two = submit_load(*second, *there);
    ASSERT_TRUE(one && two);
    EXPECT_TRUE(two->wait());
    EXPECT_TRUE(one->wait());
    std::byte byte{};
    ASSERT_TRUE(here->read(std::span(&byte, 1)));
    EXPECT_EQ(byte, std::byte{1});
  }
  first->close();
  auto there = second->allocate(64);
  ASSERT_TRUE(there);
  EXPECT_TRUE(submit_load(*second, *there).value().wait());
}

// Two devices are two arenas and one engine.
TEST(XrtDevice, RunsBesideItself) {
  expect_both_work(uri("0?memory=16"), uri("0?memory=16"));
}

TEST(XrtDevice, OfTheOtherLibraryOnTheSameCardIsRefused) {
  const std::string other = uri().starts_with("xrt") ? "opencl:0" : "xrt:0";
  auto device = Device::open(uri());
  ASSERT_TRUE(device) << device.error().message();
  const Error error = refused(other);
  EXPECT_EQ(error.code, Code::kUnsupported) << error.message();
  EXPECT_NE(error.what.find("the same card"), std::string::npos) << error.message();
}

TEST(XrtDevice, RunsBesideAnotherOfTheSameProcess) {
  expect_both_work(uri("0"), uri("1"));
}

}  // namespace
}  // namespace weft
