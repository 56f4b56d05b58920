// SPDX-License-Identifier: Apache-2.0
// The simulated card as a device: time, waveforms, and memory that fails. Runs on small.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "weft/weft.h"

namespace weft {
namespace {

struct Run {
  Result<LaunchReport> report;
  std::vector<std::byte> output;
};

// A gemm on the device with this URI, data from a fixed rule.
Run run_gemm(Device& device) {
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
  Run run{.report = device.queue().run(
              Launch{.steps = kernel.steps({.a = a.view(), .b = b.view(), .c = c.view()}).value()}),
          .output = std::vector<std::byte>(kernel.c_bytes())};
  EXPECT_TRUE(c.read(run.output));
  return run;
}

Run run_on(std::string_view uri) {
  auto device = Device::open(uri);
  EXPECT_TRUE(device) << device.error().message();
  return run_gemm(*device);
}

TEST(SimDevice, GivesTheBytesOfFastWhateverTheMemory) {
  const Run fast = run_on("fast:?config=small");
  const Run sim = run_on("sim:?config=small");
  const Run slow = run_on("sim:?config=small&latency=333&bandwidth=3");
  const Run reordered = run_on("sim:?config=small&reorder=99");
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
  const Run run = run_on("sim:?config=small&trace_begin=100&trace_end=400&trace=" + path.string());
  EXPECT_TRUE(run.report) << run.report.error().message();
  EXPECT_GT(std::filesystem::file_size(path), 0u);
  std::filesystem::remove(path);
}

TEST(SimDevice, NamesAMemoryErrorAndGoesOn) {
  // The first buffer lies where allocation starts after the launch records; a wide error region is
  // not needed because every run allocates alike.
  Device probe = Device::open("sim:?config=small").value();
  const Run good = run_gemm(probe);
  ASSERT_TRUE(good.report);
  bool named = false;
  for (const std::uint64_t address : {2048u, 4096u, 8192u, 12288u}) {
    Device device =
        Device::open("sim:?config=small&error_address=" + std::to_string(address)).value();
    const Run run = run_gemm(device);
    if (run.report) continue;
    EXPECT_EQ(run.report.error().code, Code::kFault) << run.report.error().message();
    const std::string& what = run.report.error().what;
    EXPECT_TRUE(what.starts_with("read_error") || what.starts_with("write_error")) << what;
    named = true;
    const Run again = run_gemm(device);
    EXPECT_FALSE(again.report);
  }
  EXPECT_TRUE(named);
}

TEST(SimDevice, EndsAndRecoversWhenMemoryStopsAnswering) {
  Device device = Device::open("sim:?config=small&hang_after=700").value();
  const Run run = run_gemm(device);
  ASSERT_FALSE(run.report);
  EXPECT_EQ(run.report.error().code, Code::kDeviceLost) << run.report.error().message();
  EXPECT_NE(run.report.error().what.find("stalled"), std::string::npos) << run.report.error().what;
}

}  // namespace
}  // namespace weft
