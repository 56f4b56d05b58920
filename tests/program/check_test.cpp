// SPDX-License-Identifier: Apache-2.0
// Every rule of the check of one command, broken once, and the order of the rules.
#include "runtime/program/check.h"

#include <gtest/gtest.h>

#include "runtime/program/footprint.h"
#include "tests/conformance/field_rules.h"
#include "tests/conformance/random.h"
#include "tests/conformance/random_data.h"
#include "tests/program/sample.h"

namespace weft::test {
namespace {

constexpr std::string_view kBindings =
    ".binding r read 8192\n.binding w write 8192\n.binding rw read+write 8192\n";

spec::Fault check(const CommandBytes& command, const spec::Config& config = spec::kConfigs[0]) {
  const std::array<spec::Binding, 3> bindings{
      {{.size = 8192, .rights = 1}, {.size = 8192, .rights = 2}, {.size = 8192, .rights = 3}}};
  return check_command(command, {1, 2, 3, 4}, bindings, config);
}

spec::Fault check(std::string_view line, const spec::Config& config = spec::kConfigs[0]) {
  return check(assembled(std::string(kBindings) + std::string(line)).commands.at(0), config);
}

struct Case {
  const char* line;
  spec::Fault fault;
};

class EachLine : public testing::Test {
 protected:
  static void expect(std::initializer_list<Case> cases) {
    for (const auto& test : cases) EXPECT_EQ(name(check(test.line)), name(test.fault)) << test.line;
  }
};

using enum spec::Fault;

TEST_F(EachLine, OfLoadsRaisesItsFault) {
  expect({
      {"load target=a format=int8 rows=16 cols=64 offset=3 row_stride=7", kNone},
      {"load target=a format=int8 rows=0 cols=64", kBadField},
      {"load target=a format=int8 rows=1 cols=0", kBadField},
      {"load target=3 format=int8 rows=1 cols=1", kBadField},
      {"load target=a format=4 rows=1 cols=1", kBadField},
      {"load target=v format=int8 rows=1 cols=1", kBadField},
      {"load target=v format=mxint8 rows=1 cols=1", kBadField},
      {"load target=v format=fp32 rows=1 cols=1", kNone},
      {"load target=v format=bf16 rows=1 cols=1 offset=2", kNone},
      {"load target=a format=fp32 rows=1 cols=1 offset=2", kBadField},
      {"load target=a format=fp32 rows=1 cols=1 row_stride=6", kBadField},
      {"load target=a format=bf16 rows=1 cols=1 offset=1", kBadField},
      {"load target=a format=bf16 rows=1 cols=1 row_stride=1", kBadField},
      {"load target=a format=mxint8 rows=1 cols=1 offset=64", kNone},
      {"load target=a format=mxint8 rows=1 cols=1 offset=32", kBadField},
      {"load target=a format=mxint8 rows=1 cols=1 row_stride=64", kBadField},
      {"load target=b format=int8 rows=17 cols=64", kBadField},
      {"load target=b format=int8 rows=17 cols=65 dst_pitch=1", kBadField},
      {"load target=b format=int8 rows=17 cols=65 dst_pitch=2", kNone},
      {"load target=v format=fp32 rows=2 cols=17 dst_pitch=1", kBadField},
      {"load target=v format=fp32 rows=2 cols=17 dst_pitch=2", kNone},
      {"load target=a format=int8 rows=2 cols=1 row_stride=1 extra_groups=3 group_stride=2730",
       kNone},
      {"load target=a format=int8 rows=2 cols=1 row_stride=1 extra_groups=3 group_stride=2731",
       kBindingRange},
      {"load target=v format=fp32 rows=2 cols=16 dst_pitch=1 dst=8184 extra_groups=3", kNone},
      {"load target=v format=fp32 rows=2 cols=16 dst_pitch=1 dst=8185 extra_groups=3",
       kScratchRange},
      {"load target=a format=fp32 transpose=yes rows=13107 cols=1 extra_groups=4", kScratchRange},
      {"load target=a format=int8 rows=1 cols=1 after=load:2", kBadAfter},
      {"load target=a format=int8 rows=1 cols=1 after=load:1,matmul:2,vector:3,store:4", kNone},
      {"load target=a format=int8 rows=1 cols=1 after=store:5", kBadAfter},
      {"load target=a format=int8 rows=1 cols=1 binding=3", kBadBinding},
      {"load target=a format=int8 rows=1 cols=1 binding=w", kNoRights},
      {"load target=a format=int8 rows=1 cols=1 offset=8191", kNone},
      {"load target=a format=int8 rows=1 cols=1 offset=8192", kBindingRange},
      {"load target=a format=int8 rows=2 cols=1 offset=8190 row_stride=2", kBindingRange},
      {"load target=a format=int8 rows=1 cols=1 offset=0xffffffffffffffff", kBindingRange},
      {"load target=a format=mxint8 rows=16 cols=64 offset=7104", kNone},
      {"load target=a format=mxint8 rows=16 cols=64 offset=7168", kBindingRange},
      {"load target=a format=int8 rows=1 cols=64 dst=127", kNone},
      {"load target=a format=int8 rows=1 cols=65 dst=127", kScratchRange},
      {"load target=a format=int8 rows=1 cols=64 dst=128", kScratchRange},
      {"load target=b format=int8 rows=33 cols=64 dst=1 dst_pitch=127", kNone},
      {"load target=b format=int8 rows=33 cols=64 dst=2 dst_pitch=127", kScratchRange},
      {"load target=a format=fp32 transpose=yes rows=64 cols=33 dst=1 dst_pitch=63", kNone},
      {"load target=a format=fp32 transpose=yes rows=65 cols=33 dst=1 dst_pitch=63", kScratchRange},
      {"load target=a format=fp32 source=v rows=2 cols=16 src=8190 src_pitch=1", kNone},
      {"load target=a format=fp32 source=v rows=2 cols=17 src=8190 src_pitch=1", kScratchRange},
      {"load target=v format=fp32 rows=1 cols=16 dst=8191", kNone},
      {"load target=v format=fp32 rows=1 cols=17 dst=8191", kScratchRange},
  });
}

TEST_F(EachLine, OfMatmulsRaisesItsFault) {
  expect({
      {"matmul arithmetic=int8 m=16 n=16 k=64 dst_pitch=1", kNone},
      {"matmul arithmetic=int8 m=0 n=16 k=64", kBadField},
      {"matmul arithmetic=int8 m=1 n=0 k=64", kBadField},
      {"matmul arithmetic=int8 m=1 n=1 k=0", kBadField},
      {"matmul arithmetic=2 m=1 n=1 k=1", kBadField},
      {"matmul preload=2 m=1 n=1 k=1", kBadField},
      {"matmul m=1 n=1 k=1 initial=1", kBadField},
      {"matmul m=1 n=1 k=1 initial_pitch=1", kBadField},
      {"matmul preload=v m=1 n=1 k=1 initial=1 initial_pitch=1", kNone},
      {"matmul m=2 n=17 k=1 dst_pitch=1", kBadField},
      {"matmul m=2 n=17 k=1 dst_pitch=2", kNone},
      {"matmul m=1 n=1 k=1 after=matmul:3", kBadAfter},
      {"matmul m=1 n=1 k=64 a=127", kNone},
      {"matmul m=1 n=1 k=65 a=127", kScratchRange},
      {"matmul m=17 n=1 k=1 a=127 a_pitch=1 dst_pitch=1", kScratchRange},
      {"matmul m=1 n=17 k=1 b=255 b_pitch=1", kScratchRange},
      {"matmul m=1 n=17 k=1 b=254 b_pitch=1", kNone},
      {"matmul m=1 n=17 k=1 dst=8191", kScratchRange},
      {"matmul m=2 n=1 k=1 dst=8000 dst_pitch=192", kScratchRange},
      {"matmul preload=v m=1 n=17 k=1 initial=8191", kScratchRange},
  });
}

TEST_F(EachLine, OfVectorsRaisesItsFault) {
  expect({
      {"vector rows=1 cols=1", kNone},
      {"vector rows=0 cols=1", kBadField},
      {"vector rows=2 cols=17 dst_pitch=1", kBadField},
      {"vector rows=1 cols=1 after=vector:4", kBadAfter},
      {"vector rows=1 cols=17 src=8191", kScratchRange},
      {"vector rows=1 cols=17 dst=8191", kScratchRange},
      {"vector rows=1 cols=17 addend=second second=8191", kScratchRange},
      {"vector rows=1 cols=17 addend=column column=8191", kScratchRange},
      {"vector rows=3 cols=1 addend=column column=8191 dst_pitch=1", kNone},
      {"vector rows=17 cols=1 addend=row row=8190 dst_pitch=1", kNone},
      {"vector rows=17 cols=1 addend=row row=8191 dst_pitch=1", kScratchRange},
      {"vector rows=16 cols=99 reduce=sum reduce_dst=8191 convert_out=discard", kNone},
      {"vector rows=17 cols=99 reduce=sum reduce_dst=8191 convert_out=discard", kScratchRange},
      {"vector rows=99 cols=16 reduce=max reduce_axis=column reduce_dst=8191"
       " convert_out=discard",
       kNone},
      {"vector rows=99 cols=17 reduce=max reduce_axis=column reduce_dst=8191"
       " convert_out=discard",
       kScratchRange},
      {"vector rows=2 cols=16 src=8191 reduce=sum convert_out=discard", kNone},
      {"vector rows=2 cols=16 src=8191 src_pitch=1 reduce=sum convert_out=discard", kScratchRange},
  });
}

TEST_F(EachLine, OfStoresRaisesItsFault) {
  expect({
      {"store format=word32 binding=w rows=1 cols=1", kNone},
      {"store format=word32 binding=rw rows=1 cols=1", kNone},
      {"store format=3 binding=w rows=1 cols=1", kBadField},
      {"store format=word32 binding=w rows=1 cols=1 offset=2", kBadField},
      {"store format=word32 binding=w rows=1 cols=1 row_stride=2", kBadField},
      {"store format=bf16 binding=w rows=1 cols=1 offset=1", kBadField},
      {"store format=int8 binding=w rows=1 cols=1 offset=1", kNone},
      {"store format=bf16 binding=w rows=2 cols=3 row_stride=4", kBadField},
      {"store format=bf16 binding=w rows=2 cols=3 row_stride=6", kNone},
      {"store format=bf16 binding=w rows=1 cols=1 extra_groups=9 group_stride=910", kNone},
      {"store format=bf16 binding=w rows=1 cols=1 extra_groups=9 group_stride=912", kBindingRange},
      {"store format=int8 binding=w rows=1 cols=1 src=8190 src_pitch=1 extra_groups=1"
       " group_stride=1",
       kNone},
      {"store format=int8 binding=w rows=1 cols=1 src=8190 src_pitch=1 extra_groups=2"
       " group_stride=1",
       kScratchRange},
      {"store format=word32 binding=w rows=1 cols=1 after=store:5", kBadAfter},
      {"store format=word32 binding=9 rows=1 cols=1", kBadBinding},
      {"store format=word32 binding=r rows=1 cols=1", kNoRights},
      {"store format=word32 binding=w rows=1 cols=2 offset=8184", kNone},
      {"store format=word32 binding=w rows=1 cols=2 offset=8188", kBindingRange},
      {"store format=word32 binding=w rows=1 cols=17 src=8191", kScratchRange},
      {"store format=word32 binding=w rows=2 cols=1 row_stride=4 src=8191", kNone},
      {"store format=word32 binding=w rows=2 cols=1 row_stride=4 src=8191 src_pitch=1",
       kScratchRange},
  });
}

// Where every row is the same, only the number of rows says no.
TEST(CheckCommand, MoreThan65535RowsInAllAreOutOfRange) {
  const std::string store = "store format=int8 binding=w cols=1 group_stride=1 ";
  EXPECT_EQ(check(store + "rows=1 extra_groups=8191"), kNone);
  const std::array<spec::Binding, 2> all{
      {{.size = 1u << 20, .rights = 1}, {.size = 1u << 20, .rights = 2}}};
  const auto fault = [&](const std::string& line) {
    return check_command(assembled(std::string(kBindings) + line).commands.at(0), {}, all,
                         spec::kConfigs[0]);
  };
  EXPECT_EQ(fault(store + "rows=1 extra_groups=65534"), kNone);
  EXPECT_EQ(fault(store + "rows=1 extra_groups=65535"), kScratchRange);
  EXPECT_EQ(fault(store + "rows=5 row_stride=1 extra_groups=13106"), kNone);
  EXPECT_EQ(fault(store + "rows=4 row_stride=1 extra_groups=16383"), kScratchRange);
  EXPECT_EQ(fault(store + "rows=65535 row_stride=1 extra_groups=65535"), kScratchRange);
  const std::string load = "load target=a transpose=yes format=fp32 cols=1 ";
  EXPECT_EQ(fault(load + "rows=256 extra_groups=255"), kScratchRange);
  EXPECT_EQ(fault(load + "rows=65535 extra_groups=65535"), kScratchRange);
}

TEST(CheckCommand, TellsFieldsThatAgreeFromThoseThatDoNot) {
  const spec::Binding all{.size = 65536, .rights = 3};
  const std::array<spec::Binding, 3> bindings{all, all, all};
  for (const auto& rule : kFieldRules) {
    const auto image = assembled(std::string(kFieldBindings) + rule.line);
    for (const auto& config : spec::kConfigs) {
      const auto fault = check_command(image.commands.at(0), {}, bindings, config);
      EXPECT_EQ(name(fault), name(rule.ok ? kNone : kBadField)) << rule.line;
    }
  }
}

TEST(CheckCommand, LoadsFromVNeedNoBinding) {
  const auto image = assembled("load target=a format=fp32 source=v rows=1 cols=16 src=8191");
  EXPECT_EQ(check_command(image.commands.at(0), {}, {}, spec::kConfigs[0]), kNone);
}

TEST(CheckCommand, SmallerConfigurationsHaveSmallerScratchpads) {
  const auto& small = spec::kConfigs[1];
  EXPECT_EQ(check("load target=a format=int8 rows=1 cols=64 dst=15", small), kNone);
  EXPECT_EQ(check("load target=a format=int8 rows=1 cols=64 dst=16", small), kScratchRange);
  EXPECT_EQ(check("vector rows=1 cols=1 src=1023", small), kNone);
  EXPECT_EQ(check("vector rows=1 cols=1 src=1024", small), kScratchRange);
}

TEST(CheckCommand, UnknownOpcodesAreNamedFirst) {
  for (int opcode = 0; opcode < 256; ++opcode) {
    CommandBytes command;
    command.fill(std::byte{0xff});
    command[0] = static_cast<std::byte>(opcode);
    EXPECT_EQ(check(command), opcode >= 1 && opcode <= 4 ? kBadField : kBadOpcode);
  }
}

TEST(CheckCommand, EveryReservedByteMustBeZero) {
  const auto image = assembled(kSample);
  for (const auto& good : image.commands) {
    for (std::size_t at = 1; at < good.size(); ++at) {
      auto command = good;
      command[at] = std::byte{1};
      // Bytes a field names do not matter here.
      const auto probe = disassemble_command(command, image);
      if (probe.starts_with("raw")) EXPECT_EQ(check(command), kBadField) << at;
    }
  }
}

TEST(CheckCommand, FaultsComeInTheOrderOfTheList) {
  // Each line breaks all rules from its fault on.
  EXPECT_EQ(check("load target=v format=int8 rows=1 cols=1 after=load:2 binding=9"), kBadField);
  EXPECT_EQ(check("load target=a rows=1 cols=1 after=load:2 binding=9 dst=999"), kBadAfter);
  EXPECT_EQ(check("load target=a rows=1 cols=1 binding=9 dst=999"), kBadBinding);
  EXPECT_EQ(check("load target=a rows=1 cols=1 binding=w offset=9000 dst=999"), kNoRights);
  EXPECT_EQ(check("load target=a rows=1 cols=1 offset=9000 dst=999"), kBindingRange);
  EXPECT_EQ(check("store binding=w rows=1 cols=1 offset=9000 src=9999"), kBindingRange);
  EXPECT_EQ(check("load target=a rows=1 cols=1 dst=999"), kScratchRange);
}

TEST(CheckCommand, RandomBytesAreSafe) {
  Dice dice(9);
  for (int i = 0; i < 50000; ++i) {
    CommandBytes command{};
    for (auto& byte : command) byte = static_cast<std::byte>(dice.bits());
    command[0] = static_cast<std::byte>(dice.between(0, 5));
    EXPECT_NE(check(command), kNone);
    // Fields without reserved bytes: legal ones turn up.
    for (std::size_t at = 36; at < 64; ++at) command[at] = std::byte{0};
    (void)check(command);
  }
}

}  // namespace
}  // namespace weft::test
