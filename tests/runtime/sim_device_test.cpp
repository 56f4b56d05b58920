// SPDX-License-Identifier: Apache-2.0
// The simulated card as a device: time, waveforms, and memory that fails. Runs on small.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "weft/weft.h"

namespace weft {
namespace {

struct Outcome {
  Result<LaunchReport> report;
  std::vector<std::byte> output;
};

// A gemm on the device with this URI, data from a fixed rule.
Outcome run_gemm(Device& device) {
  const GemmKernel kernel = gemm(device.info(), {.m = 24,
                                                 .n = 40,
                                                 .k = 96,
                                                 .a_format = spec::LoadFormat::kFp32,
                                                 .b_format = spec::LoadFormat::kFp32})
                                .value();
  const auto filled = [&](std::size_t bytes) {
    std::vector<float> values(bytes / 4);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 37) - 18.0f;
    Buffer buffer = device.allocate(bytes).value();
    EXPECT_TRUE(buffer.write(std::as_bytes(std::span(values))));
    return buffer;
  };
  Buffer a = filled(kernel.a_bytes());
  Buffer b = filled(kernel.b_bytes());
  Buffer c = device.allocate(kernel.c_bytes()).value();
  EXPECT_TRUE(c.fill(std::byte{0}));
  Outcome run{.report = device.queue().run(Launch{
                  .steps = kernel.steps({.a = a.view(), .b = b.view(), .c = c.view()}).value()}),
              .output = std::vector<std::byte>(kernel.c_bytes())};
  EXPECT_TRUE(c.read(run.output));
  return run;
}

Outcome run_on(std::string_view uri) {
  auto device = Device::open(uri);
  EXPECT_TRUE(device) << device.error().message();
  return run_gemm(*device);
}

TEST(SimDevice, GivesTheBytesOfFastWhateverTheMemory) {
  const Outcome fast = run_on("fast:?config=small");
  const Outcome sim = run_on("sim:?config=small");
  const Outcome slow = run_on("sim:?config=small&latency=333&bandwidth=3");
  const Outcome reordered = run_on("sim:?config=small&reorder=99");
  ASSERT_TRUE(fast.report && sim.report && slow.report && reordered.report);
  EXPECT_EQ(fast.output, sim.output);
  EXPECT_EQ(fast.output, slow.output);
  EXPECT_EQ(fast.output, reordered.output);
  EXPECT_EQ(fast.report->retired, sim.report->retired);
  EXPECT_GT(*slow.report->cycles, *sim.report->cycles);
}

TEST(SimDevice, TakesTheSameTimeEveryTime) {
  EXPECT_EQ(run_on("sim:?config=small").report->cycles, run_on("sim:?config=small").report->cycles);
}

TEST(SimDevice, WritesAWaveform) {
  const auto path = std::filesystem::temp_directory_path() / "weft_sim_device_test.fst";
  std::filesystem::remove(path);
  const Outcome run =
      run_on("sim:?config=small&trace_begin=100&trace_end=400&trace=" + path.string());
  EXPECT_TRUE(run.report) << run.report.error().message();
  EXPECT_GT(std::filesystem::file_size(path), 0u);
  std::filesystem::remove(path);
}

// Where the arena of a simulated card starts, and an offset in it that belongs to the first buffer:
// launch records come before.
constexpr std::uint64_t kInFirstBuffer = 4096;

TEST(SimDevice, NamesAMemoryErrorAndItsAddress) {
  Device device =
      Device::open("sim:?config=small&error_address=" + std::to_string(kInFirstBuffer)).value();
  const Outcome outcome = run_gemm(device);
  ASSERT_FALSE(outcome.report);
  EXPECT_EQ(outcome.report.error().code, Code::kFault);
  const std::string& what = outcome.report.error().what;
  EXPECT_TRUE(what.starts_with("read_error")) << what;
  EXPECT_NE(what.find("unit load, address 0x40000"), std::string::npos) << what;
  EXPECT_NE(what.find(": load target="), std::string::npos) << what;
}

TEST(SimDevice, EndsALaunchWhoseMemoryStopsAnswering) {
  Device device = Device::open("sim:?config=small&hang_after=700").value();
  const Outcome outcome = run_gemm(device);
  ASSERT_FALSE(outcome.report);
  EXPECT_EQ(outcome.report.error().code, Code::kDeviceLost) << outcome.report.error().message();
  EXPECT_NE(outcome.report.error().what.find("stalled"), std::string::npos)
      << outcome.report.error().what;
}

}  // namespace
}  // namespace weft
