// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/compare.h"

#include <gtest/gtest.h>

#include "tests/bundle/sample.h"

namespace weft::bundle {
namespace {

void expect_mentions(const std::optional<std::string>& text,
                     const std::vector<std::string>& parts) {
  ASSERT_TRUE(text.has_value());
  for (const std::string& part : parts) {
    EXPECT_NE(text->find(part), std::string::npos) << *text << "\n  lacks: " << part;
  }
}

TEST(Compare, EqualBundlesHaveNoDifference) {
  EXPECT_EQ(first_difference(test::sample_bundle(), test::sample_bundle()), std::nullopt);
}

TEST(Compare, NamesTheFirstDifferingInputElement) {
  expect_mentions(
      first_difference(test::sample_bundle(1.0f), test::sample_bundle(1.5f)),
      {"launch 0", "input 'a'", "row 7, column 3", "1 (0x3f800000) against 1.5", "fp32"});
}

TEST(Compare, NamesTheFirstDifferingOutputElement) {
  const Bundle x = test::sample_bundle();
  Bundle y = x;
  Range& range = y.launches[0].outputs.back();
  range.bytes[4 * (16 * 5 + 9) + 2] ^= std::byte{1};
  expect_mentions(first_difference(x, y), {"output", "row 5, column 9", "word32"});
}

TEST(Compare, OutputsOfAFaultedLaunchAreNotCompared) {
  Bundle x = test::sample_bundle();
  x.launches[0].error = "a fault";
  Bundle y = x;
  y.launches[0].outputs.back().bytes[0] ^= std::byte{1};
  EXPECT_EQ(first_difference(x, y), std::nullopt);
  y.launches[0].error = "another fault";
  expect_mentions(first_difference(x, y), {"outcome: a fault against another fault"});
}

TEST(Compare, NamesADifferingCommandAndScalar) {
  const Bundle x = test::sample_bundle();
  Bundle y = x;
  y.launches[0].steps[1].scalars[3] = 7;
  expect_mentions(first_difference(x, y), {"step 1 'scale'", "scalar 3", "0x00000007"});
  spec::Vector vector = spec::unpack_vector(y.launches[0].steps[1].image.commands[1]);
  vector.value0 = 0x40400000u;
  y.launches[0].steps[1].image.commands[1] = spec::pack(vector);
  expect_mentions(first_difference(x, y), {"step 1 'scale'", "command 1", "0f2", "0f3"});
}

TEST(Compare, NamesScaleAndMantissaOfPackedOperands) {
  const auto packed_run = [](std::size_t byte) {
    return test::record("fast:", [byte](Device& device) {
      const GemmKernel kernel = test::must(gemm(device.info(), {.m = 1, .n = 18, .k = 100}));
      auto a = test::must(pack_mxint8(std::vector<float>(100, 1.0f), 1, 100));
      auto b = test::must(pack_mxint8(std::vector<float>(1800, 1.0f), 18, 100));
      if (byte != 0) b[byte] ^= std::byte{3};
      const Buffer a_memory = test::must(device.allocate(a.size()));
      Buffer b_memory = test::must(device.allocate(b.size()));
      Buffer a_writable = test::must(device.allocate(a.size()));
      test::must(a_writable.write(a));
      test::must(b_memory.write(b));
      const Buffer c = test::must(device.allocate(kernel.c_bytes()));
      test::must(device.queue().run(
          {.steps = test::must(
               kernel.steps({.a = a_writable.view(), .b = b_memory.view(), .c = c.view()}))}));
    });
  };
  const Bundle plain = packed_run(0);
  // 16 rows of two chunks: a header of 64 bytes, then 32 chunks; a second panel of 2 rows.
  expect_mentions(first_difference(plain, packed_run(2 * 5 + 1)),
                  {"input 'b'", "scale of row 2, block 3"});
  expect_mentions(first_difference(plain, packed_run(64 + 64 * 7 + 20)),
                  {"input 'b'", "mantissa of row 3, column 84"});
  expect_mentions(first_difference(plain, packed_run(64 * 33 + 64 + 64 * 2 + 1)),
                  {"input 'b'", "mantissa of row 17, column 1"});
}

// Four groups of two rows, 256 bytes apart; between them lies what nobody reads.
TEST(Compare, NamesGroupRowAndColumnOfGroupedRows) {
  const auto run = [](float changed) {
    return test::record("fast:", [changed](Device& device) {
      ProgramBuilder builder("grouped");
      const auto from = builder.bind("from", 1024, Rights::kRead);
      const auto to = builder.bind("to", 1024, Rights::kWrite);
      builder.append(spec::Load{.target = spec::Target::kV,
                                .binding = from,
                                .format = spec::LoadFormat::kFp32,
                                .rows = 2,
                                .cols = 16,
                                .row_stride = 64,
                                .dst_pitch = 1,
                                .extra_groups = 3,
                                .group_stride = 256});
      builder.append(spec::Store{.after_load = 1,
                                 .format = spec::StoreFormat::kWord32,
                                 .binding = to,
                                 .rows = 2,
                                 .cols = 16,
                                 .row_stride = 64,
                                 .src_pitch = 1,
                                 .extra_groups = 3,
                                 .group_stride = 256});
      std::vector<float> values(256, 1.0f);
      values[2 * 64 + 16 + 5] = changed;
      const Buffer x = test::upload(device, values);
      const Buffer y = test::must(device.allocate(1024));
      test::must(
          device.queue().run({.steps = {{.program = test::must(std::move(builder).finalise()),
                                         .bindings = {x.view(), y.view()}}}}));
    });
  };
  const Bundle plain = run(1);
  expect_mentions(first_difference(plain, run(2)), {"input 'from'", "group 2, row 1, column 5"});
  Bundle other = plain;
  Range& last = other.launches[0].outputs.back();  // group 3, both rows
  last.bytes[64 + 4 * 7] ^= std::byte{1};
  expect_mentions(first_difference(plain, other), {"output 'to'", "group 3, row 1, column 7"});
}

TEST(Compare, SaysWhenLaunchesAreMissing) {
  const Bundle x = test::sample_bundle();
  Bundle y = x;
  y.launches.push_back(x.launches[0]);
  expect_mentions(first_difference(x, y), {"1 launches against 2"});
}

}  // namespace
}  // namespace weft::bundle
