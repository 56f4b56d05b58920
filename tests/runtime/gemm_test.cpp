// SPDX-License-Identifier: Apache-2.0
// gemm before it runs: shapes it refuses, programs it makes, what they need.
#include "weft/gemm.h"

#include <gtest/gtest.h>

#include "weft/weft.h"

namespace weft {
namespace {

using spec::LoadFormat;

DeviceInfo info(std::string_view uri) {
  return Device::open(uri).value().info();
}

std::string refused(const GemmShape& shape) {
  const auto kernel = gemm(info("fast:"), shape);
  if (kernel) return "it was accepted";
  EXPECT_EQ(kernel.error().code, Code::kInvalidArgument);
  return kernel.error().what;
}

TEST(GemmShapes, ThatMakeNoSenseAreRefused) {
  EXPECT_NE(refused({.m = 0, .n = 1, .k = 1}).find("0 x 1 x 1"), std::string::npos);
  EXPECT_NE(refused({.m = 1, .n = 1, .k = 1, .a_format = LoadFormat::kInt8}).find("A in int8"),
            std::string::npos);
  EXPECT_NE(refused({.m = 1, .n = 1, .k = 1, .arithmetic = spec::Arithmetic::kInt8}).find("A in"),
            std::string::npos);
  EXPECT_NE(refused({.m = 1, .n = 1, .k = 1, .a_row_stride = 64}).find("packed"),
            std::string::npos);
  EXPECT_NE(refused({.m = 2, .n = 4, .k = 4, .b_format = LoadFormat::kFp32, .b_row_stride = 12})
                .find("B: a row stride of 12"),
            std::string::npos);
  EXPECT_NE(refused({.m = 2, .n = 4, .k = 4, .c_row_stride = 17}).find("C: a row stride of 17"),
            std::string::npos);
  EXPECT_NE(refused({.m = 1,
                     .n = 1,
                     .k = 1,
                     .arithmetic = spec::Arithmetic::kInt8,
                     .a_format = LoadFormat::kInt8,
                     .b_format = LoadFormat::kInt8,
                     .relu = true})
                .find("int32"),
            std::string::npos);
  const auto strided = GemmLayout::kContractionStrided;
  EXPECT_NE(refused({.m = 1, .n = 1, .k = 1, .a_layout = strided}).find("transposed"),
            std::string::npos);
  EXPECT_NE(refused({.m = 4,
                     .n = 4,
                     .k = 2,
                     .b_format = LoadFormat::kFp32,
                     .b_row_stride = 12,
                     .b_layout = strided})
                .find("B: a row stride of 12"),
            std::string::npos);
  EXPECT_NE(
      refused({.m = 1, .n = 1, .k = 1, .rounding = spec::Rounding::kStochastic}).find("no operand"),
      std::string::npos);
  EXPECT_NE(refused({.m = 1, .n = 1, .k = 1, .a_format = LoadFormat::kFp32, .a_tensor = 3})
                .find("A is not rounded stochastically"),
            std::string::npos);
}

TEST(GemmPrograms, AreVerifiedAndCachedByShape) {
  const GemmShape shape{.m = 100, .n = 90, .k = 80, .bias = true};
  const auto first = gemm(info("fast:"), shape).value();
  const auto again = gemm(info("fast:"), shape).value();
  const auto small = gemm(info("fast:?config=small"), shape).value();
  ASSERT_EQ(first.programs().size(), 1u);
  EXPECT_TRUE(first.programs()[0].verified());
  EXPECT_EQ(first.programs()[0].contents(), again.programs()[0].contents());
  EXPECT_NE(first.programs()[0].contents(), small.programs()[0].contents());
  EXPECT_EQ(first.c_bytes(), 100u * 90 * 4);
  EXPECT_EQ(first.programs()[0].bindings()[3].size_bytes, 90u * 4);
}

TEST(GemmPrograms, FitTheConfigurationTheyWereMadeFor) {
  for (const char* uri : {"fast:", "fast:?config=small"}) {
    const DeviceInfo device = info(uri);
    for (const auto format : {LoadFormat::kMxint8, LoadFormat::kFp32}) {
      for (const std::uint32_t k : {1u, 64u, 500u, 3000u}) {
        const auto kernel =
            gemm(device, {.m = 130, .n = 75, .k = k, .a_format = format, .b_format = format});
        ASSERT_TRUE(kernel) << kernel.error().message();
        const ScratchpadNeeds needs = kernel->programs()[0].needs();
        EXPECT_LE(needs.a_bytes, device.config.a_bytes);
        EXPECT_LE(needs.b_bytes, device.config.b_bytes);
        EXPECT_LE(needs.v_bytes, device.config.v_bytes);
      }
    }
  }
}

TEST(GemmPrograms, NeedLittleForSmallShapes) {
  const auto kernel = gemm(info("fast:"), {.m = 1, .n = 10, .k = 64}).value();
  const ScratchpadNeeds needs = kernel.programs()[0].needs();
  EXPECT_EQ(needs.a_bytes, 1024u);
  EXPECT_EQ(needs.b_bytes, 1024u);
  EXPECT_EQ(needs.v_bytes, 64u);
}

TEST(GemmPrograms, AreSeveralWhenOneWouldBeTooLong) {
  const auto kernel = gemm(info("fast:?config=small"), {.m = 4096, .n = 2048, .k = 700}).value();
  EXPECT_GT(kernel.programs().size(), 1u);
  for (const Program& program : kernel.programs()) {
    EXPECT_LE(program.command_count(), spec::kMaxCommands);
    EXPECT_TRUE(program.verified());
  }
}

TEST(GemmKernels, NeedStridedOperandsAsTheyLieInMemory) {
  const GemmShape shape{.m = 10,
                        .n = 20,
                        .k = 30,
                        .a_format = LoadFormat::kFp32,
                        .b_format = LoadFormat::kBf16,
                        .b_row_stride = 64,
                        .a_layout = GemmLayout::kContractionStrided,
                        .b_layout = GemmLayout::kContractionStrided};
  const auto kernel = gemm(info("fast:"), shape).value();
  EXPECT_EQ(kernel.a_bytes(), 30u * 10 * 4);
  EXPECT_EQ(kernel.b_bytes(), 29u * 64 + 20 * 2);
}

// Whoever passes both finds the seed in front of the scale.
TEST(GemmKernels, TakeTheSeedAsFirstScalarAndTheScaleBehindIt) {
  Device device = Device::open("fast:").value();
  GemmShape shape{.m = 1,
                  .n = 1,
                  .k = 1,
                  .a_format = LoadFormat::kFp32,
                  .b_format = LoadFormat::kFp32,
                  .scale = true,
                  .rounding = spec::Rounding::kStochastic};
  Buffer buffer = device.allocate(4096).value();
  const BufferView view = buffer.view();
  const auto kernel = gemm(device.info(), shape).value();
  const auto steps =
      kernel.steps({.a = view, .b = view, .c = view, .scale = 2.0f, .seed = 77}).value();
  EXPECT_EQ(steps[0].scalars[0], 77u);
  EXPECT_EQ(steps[0].scalars[1], 0x40000000u);
}

TEST(GemmKernels, WantABiasExactlyWhenTheShapeHasOne) {
  Device device = Device::open("fast:").value();
  const auto kernel = gemm(device.info(), {.m = 1, .n = 1, .k = 1}).value();
  Buffer buffer = device.allocate(4096).value();
  const BufferView view = buffer.view();
  EXPECT_TRUE(kernel.steps({.a = view, .b = view, .c = view}));
  EXPECT_EQ(kernel.steps({.a = view, .b = view, .c = view, .bias = view}).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace weft
