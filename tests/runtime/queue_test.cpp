// SPDX-License-Identifier: Apache-2.0
// What a launch checks before anything starts.
#include "weft/queue.h"

#include <gtest/gtest.h>

#include "runtime/core/observer.h"
#include "weft/weft.h"

namespace weft {
namespace {

ProgramBuilder copy_builder() {
  ProgramBuilder builder("copy");
  const auto from = builder.bind("from", 128, Rights::kRead);
  const auto to = builder.bind("to", 128, Rights::kWrite);
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding = from;
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 32;
  builder.append(load);
  spec::Store store;
  store.after_load = 1;
  store.binding = to;
  store.rows = 1;
  store.cols = 32;
  builder.append(store);
  return builder;
}

class Queues : public testing::Test {
 protected:
  std::string refused(std::vector<BufferView> bindings) {
    const auto event = device_.queue().submit(Launch{.steps = {{copy_, std::move(bindings), {}}}});
    if (event) return "it was accepted";
    EXPECT_EQ(event.error().code, Code::kInvalidArgument);
    return event.error().what;
  }

  Device device_ = Device::open("fast:").value();
  Program copy_ = copy_builder().finalise().value();
  Buffer a_ = device_.allocate(256).value();
  Buffer b_ = device_.allocate(256).value();
};

TEST_F(Queues, RunACopy) {
  ASSERT_TRUE(a_.fill(std::byte{5}));
  const auto report = device_.queue().run(Launch{.steps = {{copy_, {a_.view(), b_.view()}, {}}}});
  ASSERT_TRUE(report) << report.error().message();
  std::vector<std::byte> bytes(128);
  ASSERT_TRUE(b_.read(bytes));
  EXPECT_EQ(bytes.back(), std::byte{5});
  EXPECT_FALSE(report->cycles);
  EXPECT_FALSE(report->counters);
}

TEST_F(Queues, CountBindings) {
  EXPECT_NE(refused({a_.view()}).find("1 bindings"), std::string::npos);
  EXPECT_NE(refused({a_.view(), b_.view(), b_.view()}).find("3 bindings"), std::string::npos);
}

TEST_F(Queues, CheckSizesAndPlaces) {
  EXPECT_NE(refused({a_.view(0, 127), b_.view()}).find("`from` has 127"), std::string::npos);
  EXPECT_NE(refused({a_.view(192, 128), b_.view()}).find("do not fit"), std::string::npos);
  EXPECT_NE(refused({a_.view(32, 128), b_.view()}).find("offset 32"), std::string::npos);
  EXPECT_NE(refused({a_.view(~0ull, 128), b_.view()}).find("do not fit"), std::string::npos);
}

TEST_F(Queues, RefuseOverlapOfWhatIsWritten) {
  EXPECT_NE(refused({a_.view(), a_.view()}).find("`from` and `to`"), std::string::npos);
  EXPECT_NE(refused({a_.view(0, 128), a_.view(64, 128)}).find("overlap"), std::string::npos);
  EXPECT_EQ(refused({a_.view(0, 128), a_.view(128, 128)}), "it was accepted");
}

TEST_F(Queues, RefuseBuffersOfAnotherDevice) {
  Device other = Device::open("fast:").value();
  Buffer foreign = other.allocate(256).value();
  EXPECT_NE(refused({a_.view(), foreign.view()}).find("another device"), std::string::npos);
}

TEST_F(Queues, RefuseEmptyLaunches) {
  EXPECT_EQ(device_.queue().submit({}).error().code, Code::kInvalidArgument);
}

TEST_F(Queues, RefuseProgramsThatNeedLargerScratchpads) {
  ProgramBuilder builder("wide");
  builder.bind("from", 64, Rights::kRead);
  spec::Load load;
  load.target = spec::Target::kV;
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 1;
  load.dst = 5000;
  builder.append(load);
  const Program wide = std::move(builder).finalise().value();
  EXPECT_EQ(wide.needs().v_bytes, 5001u * 64);
  Device small = Device::open("fast:?config=small").value();
  Buffer buffer = small.allocate(64).value();
  const auto refused = small.queue().submit(Launch{.steps = {{wide, {buffer.view()}, {}}}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("needs 320064 bytes of scratchpad V"), std::string::npos)
      << refused.error().what;
}

TEST_F(Queues, KeepBuffersOfALaunchAndForgetProgramsNobodyHolds) {
  for (int i = 0; i < 100; ++i) {
    const Program program = copy_builder().finalise().value();
    ASSERT_TRUE(device_.queue().run(Launch{.steps = {{program, {a_.view(), b_.view()}, {}}}}));
  }
  std::optional<Buffer> temporary = device_.allocate(256).value();
  Launch launch{.steps = {{copy_, {temporary->view(), b_.view()}, {}}}};
  temporary.reset();
  EXPECT_TRUE(device_.queue().run(launch));
}

TEST_F(Queues, AnswerThatTheDeviceWasClosed) {
  Queue queue = device_.queue();
  device_.close();
  const auto event = queue.submit(Launch{.steps = {{copy_, {a_.view(), b_.view()}, {}}}});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, Code::kDeviceLost);
}

class Watcher : public core::LaunchObserver {
 public:
  void observe(const core::ObservedLaunch& launch) override {
    ASSERT_EQ(launch.steps.size(), 1u);
    ASSERT_EQ(launch.steps[0].bindings.size(), 2u);
    const spec::Binding& target = launch.steps[0].bindings[1];
    std::vector<std::byte> bytes(target.size);
    ASSERT_TRUE(launch.read(target.offset, bytes));
    seen.push_back(bytes[0]);
    outcomes += launch.outcome != nullptr ? 1 : 0;
  }
  std::vector<std::byte> seen;
  int outcomes = 0;
};

TEST_F(Queues, ShowLaunchesToAnObserver) {
  const auto watcher = std::make_shared<Watcher>();
  core::set_launch_observer(watcher);
  ASSERT_TRUE(a_.fill(std::byte{8}));
  ASSERT_TRUE(b_.fill(std::byte{1}));
  const auto report = device_.queue().run(Launch{.steps = {{copy_, {a_.view(), b_.view()}, {}}}});
  core::set_launch_observer(nullptr);
  ASSERT_TRUE(report);
  EXPECT_EQ(watcher->seen, (std::vector<std::byte>{std::byte{1}, std::byte{8}}));
  EXPECT_EQ(watcher->outcomes, 1);
}

TEST(Programs, AreVerifiedUnlessToldOtherwise) {
  ProgramBuilder unordered("unordered");
  unordered.bind("from", 128, Rights::kRead);
  unordered.bind("to", 128, Rights::kWrite);
  spec::Store store;
  store.binding = 1;
  store.rows = 1;
  store.cols = 32;
  unordered.append(store);
  ProgramBuilder copy = unordered;
  const auto refused = std::move(unordered).finalise();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kVerification);
  EXPECT_TRUE(std::move(copy).finalise(Verify::kOff));
}

TEST(Programs, HaveCommandsAndFewBindings) {
  EXPECT_EQ(ProgramBuilder("empty").finalise().error().code, Code::kInvalidArgument);
  ProgramBuilder ragged("ragged");
  ragged.append_bytes(std::vector<std::byte>(65));
  EXPECT_EQ(std::move(ragged).finalise(Verify::kOff).error().code, Code::kInvalidArgument);
  ProgramBuilder crowded = copy_builder();
  for (int i = 0; i < 31; ++i) crowded.bind("b" + std::to_string(i), 64, Rights::kRead);
  EXPECT_EQ(std::move(crowded).finalise(Verify::kOff).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace weft
