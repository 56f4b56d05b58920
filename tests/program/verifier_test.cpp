// SPDX-License-Identifier: Apache-2.0
// Legal programs pass; programs broken by hand are refused for the right reason.
#include "runtime/program/verifier.h"

#include <gtest/gtest.h>

#include <chrono>

#include "runtime/program/asm.h"
#include "tests/program/sample.h"

namespace weft::test {
namespace {

Result<void> verdict(std::string_view text) {
  return verify(assembled(text), spec::kConfigs[0]);
}

void expect_accepted(std::string_view text) {
  const auto result = verdict(text);
  EXPECT_TRUE(result) << text << result.error().message();
}

void expect_refused(std::string_view text, std::string_view what, std::string_view advice = "") {
  const auto result = verdict(text);
  ASSERT_FALSE(result) << text;
  EXPECT_EQ(result.error().code, Code::kVerification);
  EXPECT_NE(result.error().what.find(what), std::string::npos) << result.error().message();
  EXPECT_NE(result.error().advice.find(advice), std::string::npos) << result.error().message();
}

constexpr std::string_view kTwoLoads =
    ".binding x read 65536\n.binding y write 65536\n.binding z read+write 65536\n"
    "load target=v binding=x format=fp32 rows=4 cols=20 row_stride=80 dst=0 dst_pitch=2\n"
    "load target=v binding=x format=fp32 rows=4 cols=20 row_stride=80 dst=100 dst_pitch=2\n";

std::string with(std::string_view lines) {
  return std::string(kTwoLoads) + std::string(lines);
}

TEST(Verifier, AcceptsTheSample) {
  expect_accepted(kSample);
}

TEST(Verifier, OrderIsInheritedFromWhatIsWaitedFor) {
  // The store waits for the vector alone; the vector waited for the matmul.
  expect_accepted(
      with("vector rows=4 cols=20 src_pitch=2 dst=50 dst_pitch=2 after=load:2\n"
           "load target=v binding=x format=fp32 rows=4 cols=20 dst=100 dst_pitch=2 "
           "after=vector:1\n"));
  // Units retire in order: waiting for the second load covers the first.
  expect_accepted(with("store binding=y rows=4 cols=20 row_stride=80 src_pitch=2 after=load:2\n"));
}

TEST(Verifier, SeesThatInterleavedRowsAreApart) {
  expect_accepted(
      with("load target=v binding=x format=fp32 rows=4 cols=16 dst=200 dst_pitch=4\n"
           "load target=v binding=x format=fp32 rows=4 cols=16 dst=202 dst_pitch=4\n"));
  expect_accepted(
      with("store binding=y rows=4 cols=20 row_stride=160 src_pitch=2 after=load:1\n"
           "store binding=y rows=4 cols=20 row_stride=160 offset=80 src_pitch=2 after=load:1\n"));
}

TEST(Verifier, RefusesStoresWhoseGroupsOverlap) {
  const std::string store =
      "store binding=y rows=2 cols=20 src_pitch=2 after=load:1 extra_groups=1 ";
  expect_accepted(with(store + "row_stride=80 group_stride=160\n"));
  expect_accepted(with(store + "row_stride=160 group_stride=80\n"));
  expect_refused(with(store + "row_stride=80 group_stride=156\n"),
                 "its groups of rows overlap in memory", "group_stride");
  expect_refused(with(store + "row_stride=160 group_stride=84\n"), "groups of rows overlap");
  expect_refused(with(store + "row_stride=80\n"), "groups of rows overlap");
  expect_refused(with("store binding=y rows=1 cols=20 src_pitch=2 after=load:1 extra_groups=3 "
                      "group_stride=76\n"),
                 "groups of rows overlap");
}

TEST(Verifier, SeesThatGroupsOfOtherCommandsAreApart) {
  const std::string store =
      "store binding=y rows=2 cols=20 row_stride=400 src_pitch=2 after=load:1 "
      "extra_groups=1 group_stride=160 ";
  expect_accepted(with(store + "\n" + store + "offset=80\n"));
  expect_refused(with(store + "\n" + store + "offset=84\n"), "without waiting for");
}

TEST(Verifier, AllowsResultsInPlace) {
  expect_accepted(with("vector rows=4 cols=20 src_pitch=2 dst_pitch=2 after=load:1\n"));
  expect_accepted(
      with("vector addend=second rows=4 cols=20 src_pitch=2 second=100 second_pitch=2 "
           "dst=100 dst_pitch=2 after=load:2\n"));
  // One row: the pitch says nothing.
  expect_accepted(with("vector rows=1 cols=20 src_pitch=2 after=load:1\n"));
}

TEST(Verifier, LetsPartsBeRewrittenOnceTheyWereRead) {
  expect_accepted(
      with("store binding=y rows=4 cols=20 row_stride=80 src_pitch=2 after=load:1\n"
           "load target=v binding=x format=fp32 rows=1 cols=5 after=store:1\n"
           "vector rows=4 cols=20 src_pitch=2 dst=300 dst_pitch=2 after=load:3\n"));
}

TEST(Verifier, NamesBothCommandsOfARaceAndWhatToAdd) {
  const auto result = verdict(edit(kSample, " after=load:2", " after=load:1"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what,
            "command 2 (matmul arithmetic=mxint8 m=16 n=32 k=64 a_pitch=1 b_pitch=1 dst_pitch=2 "
            "after=load:1) reads B mantissas of cell 0 row 0 block 0 without waiting for command 1 "
            "(load target=b binding=w format=fp32 rows=32 cols=64 row_stride=256 dst_pitch=1), "
            "which writes it");
  EXPECT_EQ(result.error().advice, "add after=load:2 to command 2");
}

TEST(Verifier, RefusesReadsThatDoNotWaitForTheWrite) {
  expect_refused(edit(kSample, " after=vector:1", ""), "reads V word 0 element 0",
                 "add after=vector:1 to command 4");
  expect_refused(edit(kSample, " after=vector:1", " after=matmul:1"),
                 "without waiting for command 3", "add after=vector:1 to command 4");
  expect_refused(edit(kSample, " after=matmul:1", " after=load:2"), "without waiting for command 2",
                 "add after=matmul:1 to command 3");
}

TEST(Verifier, RefusesWritesThatDoNotWaitForReadersOrWriters) {
  const std::string sample(kSample);
  expect_refused(sample + "load target=a binding=x format=int8 rows=1 cols=32\n",
                 "writes A mantissas of cell 0 row 0 block 0 without waiting for command 0",
                 "add after=load:1 to command 5");
  expect_refused(sample + "load target=a binding=x format=int8 rows=1 cols=32 after=load:2\n",
                 "which reads it", "add after=matmul:1 to command 5");
  expect_refused(sample + "load target=v binding=x format=fp32 rows=1 cols=16 after=vector:1\n",
                 "which reads it", "add after=store:1 to command 5");
  expect_refused(with("load target=v binding=x format=fp32 rows=1 cols=5 dst=1\n"),
                 "command 2 (load", "add after=load:1 to command 2");
}

TEST(Verifier, RefusesReadsOfScratchNobodyWrote) {
  expect_refused(edit(kSample, "k=64", "k=65"), "A mantissas of cell 1 row 0 block 0", "");
  expect_refused(edit(kSample, "m=16", "m=17"), "which no earlier command wrote", "write it first");
  expect_refused(edit(kSample, "n=32 k=64 a_pitch=1 b_pitch=1 dst_pitch=2",
                      "n=33 k=64 a_pitch=1 b_pitch=1 dst_pitch=3"),
                 "B mantissas of cell 2 row 0 block 0", "write it first");
  auto int8 = edit(kSample, "binding=w format=fp32", "binding=w format=int8");
  expect_refused(int8, "reads B scales of cell 0 row 0 block 0, which no earlier command wrote");
  expect_refused(with("vector rows=4 cols=21 src_pitch=2 dst=300 dst_pitch=2 after=load:2\n"),
                 "V word 1 element 4, which no earlier");
  expect_refused(with("store binding=y rows=5 cols=20 row_stride=80 src_pitch=2 after=load:2\n"),
                 "V word 8 element 0");
}

TEST(Verifier, RefusesResultsThatOverlapAnOperandOutOfPlace) {
  expect_refused(with("vector rows=4 cols=20 src_pitch=2 dst=2 dst_pitch=2 after=load:2\n"),
                 "its result overlaps the operand that starts at V word 0", "own words");
  expect_refused(with("vector rows=2 cols=16 src_pitch=2 dst_pitch=1 after=load:2\n"), "overlaps");
  expect_refused(with("vector rows=4 cols=16 dst_pitch=1 after=load:2\n"), "overlaps");
  expect_refused(with("vector addend=column rows=4 cols=20 src=0 src_pitch=2 column=100 dst=100 "
                      "dst_pitch=2 after=load:2\n"),
                 "overlaps the operand that starts at V word 100");
  expect_refused(edit(kSample, "k=64", "k=64 preload=v initial=0 initial_pitch=1"), "no earlier");
}

TEST(Verifier, RefusesReductionsThatOverlapWhatElseTheCommandTouches) {
  const std::string sum = "vector rows=4 cols=20 src_pitch=2 reduce=sum after=load:2 ";
  expect_accepted(with(sum + "convert_out=discard reduce_dst=8\n"));
  expect_accepted(with(sum + "dst_pitch=2 reduce_dst=8\n"));
  // Between the rows of the source: their last words hold 4 elements, the vector takes 4.
  expect_refused(with(sum + "convert_out=discard reduce_dst=7\n"),
                 "its reduction overlaps the operand that starts at V word 0", "own words");
  expect_refused(with(sum + "convert_out=discard\n"), "its reduction overlaps the operand");
  expect_refused(with(sum + "dst=50 dst_pitch=2 reduce_dst=57\n"),
                 "its reduction overlaps the result that starts at V word 50", "own words");
  const std::string by_column =
      "vector addend=second rows=4 cols=20 src_pitch=2 second=100 second_pitch=2 reduce=max "
      "reduce_axis=column convert_out=discard after=load:2 ";
  expect_accepted(with(by_column + "reduce_dst=108\n"));
  expect_refused(with(by_column + "reduce_dst=99\n"), "operand that starts at V word 100");
}

TEST(Verifier, KnowsTheReachOfRowVectors) {
  const std::string command =
      "vector multiplicand=row rows=4 cols=16 src_pitch=2 dst=200 dst_pitch=1 after=load:2 row=";
  expect_accepted(with(command + "101\n"));  // its 4 elements are the tail of a row of 20
  expect_refused(with(command + "8\n"), "reads V word 8 element 0, which no earlier");
  expect_refused(with("vector multiplicand=row rows=2 cols=4 src_pitch=2 row=100 dst=100 "
                      "dst_pitch=1 after=load:2\n"),
                 "its result overlaps the operand that starts at V word 100");
}

TEST(Verifier, OrdersLoadsFromVAfterWhatWroteIt) {
  const std::string load = "load target=a source=v format=fp32 rows=4 cols=20 src_pitch=2 ";
  expect_accepted(with(load + "after=load:1\n"));
  expect_refused(with(load + "\n"), "reads V word 0 element 0 without waiting for command 0",
                 "add after=load:1 to command 2");
  expect_refused(with(load + "src=1 after=load:1\n"), "which no earlier command wrote");
  expect_refused(with(load + "after=load:1\n"
                             "vector rows=4 cols=20 src_pitch=2 dst_pitch=2 after=load:2\n"),
                 "which reads it", "add after=load:3 to command 3");
}

TEST(Verifier, KnowsTheShapeOfTransposedOperands) {
  const std::string loads =
      ".binding x read 65536\n"
      "load target=a binding=x format=fp32 transpose=yes rows=70 cols=20 row_stride=80 "
      "dst_pitch=2\n"
      "load target=b binding=x format=fp32 rows=5 cols=70 row_stride=280\n"
      "matmul arithmetic=mxint8 a_pitch=2 n=5 dst_pitch=1 after=load:2 ";
  expect_accepted(loads + "m=20 k=70\n");
  expect_accepted(loads + "m=17 k=65\n");
  expect_refused(loads + "m=21 k=70\n", "A mantissas of cell 2 row 4 block 0");
  expect_refused(loads + "m=20 k=97\n", "A mantissas of cell 1 row 0 block 1");
}

TEST(Verifier, ReductionsAloneWriteNothingElse) {
  expect_refused(with("vector rows=4 cols=20 src_pitch=2 reduce=sum reduce_dst=50 "
                      "convert_out=discard after=load:2\n"
                      "vector rows=4 cols=4 src=50 dst=60 dst_pitch=1 src_pitch=1 "
                      "after=vector:1\n"),
                 "reads V word 51 element 0, which no earlier command wrote");
  expect_accepted(
      with("vector rows=4 cols=20 src_pitch=2 reduce=sum reduce_dst=50 "
           "convert_out=discard after=load:2\n"
           "vector rows=1 cols=4 src=50 dst=60 after=vector:1\n"));
}

TEST(Verifier, RefusesPreloadsThatOverlapTheResultOutOfPlace) {
  const std::string loads(
      ".binding x read 65536\n"
      "load target=a binding=x format=int8 rows=4 cols=64\n"
      "load target=b binding=x format=int8 rows=16 cols=64\n"
      "load target=v binding=x format=fp32 rows=4 cols=16 dst_pitch=1\n"
      "matmul arithmetic=int8 preload=v m=4 n=16 k=64 dst_pitch=1 after=load:3 ");
  expect_accepted(loads + "initial_pitch=1\n");
  expect_accepted(loads + "dst=4\n");
  expect_refused(loads + "initial_pitch=0\n", "its result overlaps");
  expect_refused(loads + "initial_pitch=1 dst=1\n", "its result overlaps");
}

TEST(Verifier, RefusesRacesInMemory) {
  expect_refused(with("store binding=y rows=1 cols=20 after=load:1\n"
                      "store binding=y format=int8 rows=1 cols=1 offset=79 after=load:1\n"),
                 "writes byte 79 of binding 'y' without waiting for command 2",
                 "add after=store:1");
  expect_accepted(
      with("store binding=y rows=1 cols=20 after=load:1\n"
           "store binding=y format=int8 rows=1 cols=1 offset=80 after=load:1\n"));
  expect_refused(with("store binding=z rows=1 cols=20 after=load:1\n"
                      "load target=v binding=z format=fp32 rows=1 cols=20 dst=400\n"),
                 "reads byte 0 of binding 'z'", "add after=store:1 to command 3");
  expect_refused(with("load target=v binding=z format=fp32 rows=1 cols=20 dst=400\n"
                      "store binding=z rows=1 cols=20 after=load:1\n"),
                 "which reads it", "add after=load:3 to command 3");
}

TEST(Verifier, RefusesWhatTheCardWouldFault) {
  expect_refused(edit(kSample, " after=vector:1", " after=vector:2"), "bad_after");
  expect_refused(edit(kSample, "binding=y rows", "binding=7 rows"), "bad_binding");
  expect_refused(edit(kSample, "binding=y rows", "binding=x rows"), "no_rights");
  expect_refused(edit(kSample, ".binding y write 2048", ".binding y write 2047"), "binding_range");
  expect_refused(edit(kSample, "n=32", "n=32 dst=8190"), "scratch_range");
  expect_refused(edit(kSample, "m=16", "m=0"), "bad_field");
  expect_refused(std::string(kSample) + "raw " + std::string(128, '0'), "bad_opcode");
  EXPECT_EQ(verify({}, spec::kConfigs[0]).error().code, Code::kInvalidArgument);
}

TEST(Verifier, JudgesForTheConfigurationItIsGiven) {
  EXPECT_TRUE(verify(assembled(kSample), spec::kConfigs[1]));
  const auto wide = assembled(
      ".binding x read 4096\nload target=a binding=x format=int8 rows=1 cols=64 dst=16\n");
  EXPECT_TRUE(verify(wide, spec::kConfigs[0]));
  EXPECT_FALSE(verify(wide, spec::kConfigs[1]));
}

// 64 x 64 tiles of a large product: two operand buffers and two result buffers in turn.
std::string tiled(int tiles) {
  std::string text = ".binding x read 1048576\n.binding y write 268435456\n";
  const auto line = [&](const std::string& more) { text += more + "\n"; };
  for (int i = 0; i < tiles; ++i) {
    const auto half = std::to_string(i % 2 * 16), words = std::to_string(i % 2 * 256);
    const auto wait = i < 2 ? "" : " after=matmul:" + std::to_string(i - 1);
    for (const auto* target : {"a", "b"}) {
      line("load binding=x format=fp32 rows=64 cols=64 row_stride=2048 dst_pitch=1 target=" +
           std::string(target) + " dst=" + half + wait);
    }
    line("matmul arithmetic=mxint8 m=64 n=64 k=64 a_pitch=1 b_pitch=1 dst_pitch=4 a=" + half +
         " b=" + half + " dst=" + words + " after=load:" + std::to_string(2 * i + 2) +
         (i < 2 ? "" : ",store:" + std::to_string(i - 1)));
    line("store binding=y rows=64 cols=64 row_stride=65536 src_pitch=4 offset=" +
         std::to_string(i % 256 * 256 + i / 256 * 64 * 65536) + " src=" + words +
         " after=matmul:" + std::to_string(i + 1));
  }
  return text;
}

TEST(Verifier, ProvesThousandsOfCommandsQuickly) {
  const auto image = assembled(tiled(2000));
  const auto start = std::chrono::steady_clock::now();
  const auto result = verify(image, spec::kConfigs[0]);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(result) << result.error().message();
  RecordProperty("seconds", std::to_string(seconds.count()));
  std::cout << image.commands.size() << " commands in " << seconds.count() << " s\n";
  EXPECT_LT(seconds.count(), 10) << "generous: sanitizers and busy machines";
}

}  // namespace
}  // namespace weft::test
