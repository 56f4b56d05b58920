// SPDX-License-Identifier: Apache-2.0
// Launches: lists of programs, scalars, reports.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "tests/conformance/support.h"

namespace weft::test {
namespace {

// to[0..15] = from[0..15] * scalar 0.
Program scale_program() {
  ProgramBuilder builder("scale");
  const auto from = builder.bind("from", 64, Rights::kRead);
  const auto to = builder.bind("to", 64, Rights::kWrite);
  builder.scalar("factor");
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding = from;
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 16;
  builder.append(load);
  spec::Vector vector;
  vector.after_load = 1;
  vector.rows = 1;
  vector.cols = 16;
  vector.multiplicand = spec::Operand::kValue0;
  vector.value0_scalar = 1;
  builder.append(vector);
  spec::Store store;
  store.after_vector = 1;
  store.binding = to;
  store.rows = 1;
  store.cols = 16;
  builder.append(store);
  return std::move(builder).finalise().value();
}

Buffer ones() {
  std::vector<float> values(16, 1.0f);
  Buffer buffer = device().allocate(64).value();
  EXPECT_TRUE(buffer.write(std::as_bytes(std::span(values))));
  return buffer;
}

float first(const Buffer& buffer) {
  float value = 0;
  EXPECT_TRUE(buffer.read(std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

std::array<std::uint32_t, spec::kScalars> scalars(float value) {
  return {std::bit_cast<std::uint32_t>(value)};
}

TEST(Launches, RunTheirProgramsOneAfterAnother) {
  const Program program = scale_program();
  Buffer a = ones();
  Buffer b = ones();
  Launch launch;
  for (int i = 0; i < 5; ++i) {
    launch.steps.push_back({program, {a.view(), b.view()}, scalars(3.0f)});
    launch.steps.push_back({program, {b.view(), a.view()}, scalars(2.0f)});
  }
  const auto report = device().queue().run(launch);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(first(a), 6.0f * 6 * 6 * 6 * 6);
  EXPECT_EQ(report->retired, (std::array<std::uint32_t, 4>{10, 0, 10, 10}));
}

TEST(Launches, ReportCountersThatSumToTheCyclesOfTheCard) {
  const Program program = scale_program();
  Buffer a = ones();
  Buffer b = ones();
  const auto report =
      device().queue().run(Launch{.steps = {{program, {a.view(), b.view()}, scalars(1.0f)}}});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->counters.has_value(), report->cycles.has_value());
  if (!report->counters) return;
  std::array<std::uint64_t, spec::kNumUnits> sums{};
  for (std::size_t unit = 0; unit < sums.size(); ++unit) {
    for (const auto count : (*report->counters)[unit]) sums[unit] += count;
    EXPECT_EQ(sums[unit], sums[0]);
    EXPECT_LE(sums[unit], *report->cycles);
    EXPECT_GT(sums[unit], 0u);
  }
  EXPECT_GE(report->bytes_read, 64u);
  EXPECT_GE(report->bytes_written, 64u);
}

TEST(Launches, NameTheStepThatFaults) {
  ProgramBuilder builder("broken");
  spec::Store store;
  store.rows = 1;
  store.cols = 1;
  builder.append(store);
  const Program broken = std::move(builder).finalise(Verify::kOff).value();
  Buffer a = ones();
  Buffer b = ones();
  Launch launch;
  launch.steps.push_back({scale_program(), {a.view(), b.view()}, scalars(4.0f)});
  launch.steps.push_back({broken, {}, {}});
  const auto report = device().queue().run(launch);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::kFault);
  EXPECT_NE(report.error().what.find("step 1, program `broken`, command 0: store"),
            std::string::npos)
      << report.error().what;
  EXPECT_EQ(first(b), 4.0f);
}

TEST(Launches, WaitAnswersAgainAndAnEventMayBeDropped) {
  const Program program = scale_program();
  Buffer a = ones();
  Buffer b = ones();
  Queue queue = device().queue();
  const Launch launch{.steps = {{program, {a.view(), b.view()}, scalars(7.0f)}}};
  ASSERT_TRUE(queue.submit(launch));
  EXPECT_EQ(first(b), 7.0f);
  auto event = queue.submit(launch);
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->wait());
  EXPECT_TRUE(event->wait());
}

}  // namespace
}  // namespace weft::test
