// SPDX-License-Identifier: Apache-2.0
// Every fault by its name, with the command that raised it, and a device that works afterwards.
#include <gtest/gtest.h>

#include "runtime/program/asm.h"
#include "tests/conformance/field_rules.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

// A legal program of one load and one store, to be broken in command 1.
class Faults : public testing::Test {
 protected:
  Faults() {
    source_ = draft_.bind("source", std::vector<std::byte>(256), Rights::kRead);
    target_ = draft_.bind("target", std::vector<std::byte>(256), Rights::kWrite);
    spec::Load load;
    load.target = spec::Target::kV;
    load.binding = source_;
    load.format = spec::LoadFormat::kFp32;
    load.rows = 1;
    load.cols = 16;
    draft_.append(load);
    store_.after_load = 1;
    store_.binding = target_;
    store_.rows = 1;
    store_.cols = 16;
  }

  // Runs the program with this as command 1 and names the fault it must raise.
  void expect_fault(const CommandBytes& command, std::string_view fault) {
    draft_.image.commands.push_back(command);
    Memory memory = draft_.memory;
    const auto report = run(device(), draft_.image, {}, memory, Verify::kOff);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Code::kFault);
    EXPECT_TRUE(report.error().what.starts_with(fault)) << report.error().what;
    EXPECT_NE(report.error().what.find("step 0"), std::string::npos) << report.error().what;
    EXPECT_NE(report.error().what.find("command 1:"), std::string::npos) << report.error().what;
    EXPECT_FALSE(report.error().advice.empty());

    draft_.image.commands.back() = spec::pack(store_);
    const auto after = run(device(), draft_.image, {}, memory);
    EXPECT_TRUE(after) << after.error().message();
  }

  Draft draft_;
  spec::Store store_;
  std::uint8_t source_ = 0;
  std::uint8_t target_ = 0;
};

TEST_F(Faults, BadOpcode) {
  CommandBytes command = spec::pack(store_);
  command[0] = std::byte{9};
  expect_fault(command, "bad_opcode");
}

TEST_F(Faults, BadFieldForARangeAReservedByteAndAContradiction) {
  spec::Store none = store_;
  none.rows = 0;
  expect_fault(spec::pack(none), "bad_field");
}

TEST_F(Faults, BadFieldForAReservedByte) {
  CommandBytes command = spec::pack(store_);
  command[63] = std::byte{1};
  expect_fault(command, "bad_field");
}

TEST_F(Faults, BadFieldForRowsThatOverlap) {
  store_.rows = 2;
  store_.row_stride = 64;
  spec::Store overlapping = store_;
  overlapping.row_stride = 60;
  store_.rows = 1;
  store_.row_stride = 0;
  expect_fault(spec::pack(overlapping), "bad_field");
}

TEST_F(Faults, BadFieldForAMisalignedOffset) {
  spec::Store misaligned = store_;
  misaligned.offset = 2;
  expect_fault(spec::pack(misaligned), "bad_field");
}

TEST_F(Faults, BadAfter) {
  spec::Store early = store_;
  early.after_load = 2;
  expect_fault(spec::pack(early), "bad_after");
}

TEST_F(Faults, BadBinding) {
  spec::Store elsewhere = store_;
  elsewhere.binding = 2;
  expect_fault(spec::pack(elsewhere), "bad_binding");
}

TEST_F(Faults, NoRights) {
  spec::Store backwards = store_;
  backwards.binding = source_;
  expect_fault(spec::pack(backwards), "no_rights");
}

TEST_F(Faults, BindingRange) {
  spec::Store beyond = store_;
  beyond.offset = 196;
  expect_fault(spec::pack(beyond), "binding_range");
}

TEST_F(Faults, BindingRangeForAnAddressAboveTheArena) {
  spec::Store beyond = store_;
  beyond.offset = std::uint64_t{1} << 50;
  expect_fault(spec::pack(beyond), "binding_range");
}

TEST_F(Faults, ScratchRange) {
  spec::Store beyond = store_;
  beyond.src = static_cast<std::uint16_t>(device().info().config.v_bytes / spec::kWordBytes);
  expect_fault(spec::pack(beyond), "scratch_range");
}

// Every rule of check_command about fields that depend on each other, kept and broken. Indices of
// gathers that keep them are zeros of V.
TEST(FieldRules, AreThoseOfTheSpecification) {
  const auto zeros = assemble(std::string(kFieldBindings) +
                              "load target=v format=fp32 rows=64 cols=16 dst_pitch=1\n");
  Memory nothing(3, std::vector<std::byte>(65536));
  ASSERT_TRUE(zeros && run(device(), *zeros, {}, nothing));
  for (const FieldRule& rule : kFieldRules) {
    const auto image = assemble(std::string(kFieldBindings) + rule.line);
    ASSERT_TRUE(image) << rule.line << ": " << image.error().message();
    Memory memory(3, std::vector<std::byte>(65536));
    const auto report = run(device(), *image, {}, memory, Verify::kOff);
    if (rule.ok) {
      EXPECT_TRUE(report) << rule.line << ": " << report.error().message();
    } else {
      ASSERT_FALSE(report) << rule.line;
      EXPECT_TRUE(report.error().what.starts_with("bad_field")) << report.error().message();
    }
  }
}

// Commands before the one that faults have been executed, later ones and later steps have not.
TEST_F(Faults, StopTheLaunchWhereTheyAre) {
  draft_.memory[source_].assign(256, std::byte{7});
  spec::Store beyond = store_;
  beyond.offset = 252;
  spec::Store later = store_;
  later.offset = 128;
  draft_.append(store_).append(beyond).append(later);
  Memory memory = draft_.memory;
  const auto report = run(device(), draft_.image, {}, memory, Verify::kOff);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().what.find("command 2:"), std::string::npos) << report.error().what;
  EXPECT_EQ(memory[target_][0], std::byte{7});
  EXPECT_EQ(memory[target_][63], std::byte{7});
  EXPECT_EQ(memory[target_][64], std::byte{0});
  EXPECT_EQ(memory[target_][128], std::byte{0});
}

}  // namespace
}  // namespace weft::test
