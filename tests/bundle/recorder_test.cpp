// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/recorder.h"

#include <gtest/gtest.h>

#include "runtime/bundle/compare.h"
#include "runtime/bundle/replay.h"
#include "tests/bundle/sample.h"

namespace weft::bundle {
namespace {

TEST(Recorder, KeepsExactlyWhatALaunchReadsAndWrites) {
  const Bundle bundle = test::sample_bundle();
  ASSERT_EQ(bundle.launches.size(), 1u);
  EXPECT_EQ(bundle.device, "fast:");
  const RecordedLaunch& launch = bundle.launches[0];
  ASSERT_EQ(launch.steps.size(), 2u);
  std::size_t inputs = 0;
  for (const Range& range : launch.inputs) inputs += range.bytes.size();
  std::size_t outputs = 0;
  for (const Range& range : launch.outputs) outputs += range.bytes.size();
  // A and B are read; C is written before the second step reads it; C and D are written.
  EXPECT_EQ(inputs, 4u * test::kDepth * (test::kRows + 16));
  EXPECT_EQ(outputs, 2u * 4 * test::kRows * 16);
}

TEST(Recorder, AReplayWritesTheRecordedBytesOnEveryConfiguration) {
  const Bundle bundle =
      test::record("fast:?config=small", [](Device& device) { test::run_sample(device); });
  for (const char* uri : {"fast:", "fast:?config=small"}) {
    Device device = test::must(Device::open(uri));
    const auto again = replay(device, bundle.launches[0]);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(again->outputs, bundle.launches[0].outputs) << uri;
  }
}

TEST(Recorder, KeepsAFaultAndWritesAtOnce) {
  const auto path = test::temporary_path("fault.weft");
  core::set_launch_observer(std::make_shared<Recorder>(path));
  Device device = test::must(Device::open("fast:"));
  ProgramBuilder builder("reaches too far");
  const auto to = builder.bind("to", 64, Rights::kWrite);
  builder.append(spec::Store{.binding = to, .rows = 2, .cols = 16, .row_stride = 64});
  const Program program = test::must(std::move(builder).finalise(Verify::kOff));
  const Buffer memory = test::must(device.allocate(64));
  const auto outcome =
      device.queue().run({.steps = {{.program = program, .bindings = {memory.view()}}}});
  ASSERT_FALSE(outcome.has_value());
  ASSERT_EQ(outcome.error().code, Code::kFault) << outcome.error().message();

  const auto bundle = test::must(parse_bundle(test::must(io::read_file(path)), "f"));
  core::set_launch_observer(nullptr);
  std::filesystem::remove(path);
  ASSERT_EQ(bundle.launches.size(), 1u);
  EXPECT_EQ(bundle.launches[0].error, outcome.error().what);
  EXPECT_FALSE(bundle.launches[0].steps[0].verified);
  const auto again = replay(device, bundle.launches[0]);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().what, outcome.error().what);
}

TEST(Recorder, NeverOverwritesAFile) {
  const auto path = test::temporary_path("taken.weft");
  test::must(io::write_file(path, std::vector<std::byte>(3)));
  core::set_launch_observer(std::make_shared<Recorder>(path));
  {
    Device device = test::must(Device::open("fast:"));
    test::run_sample(device);
  }
  core::set_launch_observer(nullptr);
  EXPECT_EQ(test::must(io::read_file(path)).size(), 3u);
  const auto beside = path.string() + "." + std::to_string(::getpid());
  EXPECT_TRUE(parse_bundle(test::must(io::read_file(beside)), "f").has_value());
  std::filesystem::remove(path);
  std::filesystem::remove(beside);
}

}  // namespace
}  // namespace weft::bundle
