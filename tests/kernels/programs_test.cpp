// SPDX-License-Identifier: Apache-2.0
// Kernels before they run: what is refused and how, what programs need, what is cached.
#include "tests/kernels/support.h"

namespace weft::test {
namespace {

using kernels::Shape;

DeviceInfo info(const char* uri) {
  return Device::open(uri).value().info();
}

template <class Arguments>
Error refused(const Result<kernels::Kernel<Arguments>>& kernel) {
  EXPECT_FALSE(kernel);
  return kernel ? Error{} : kernel.error();
}

TEST(KernelPrograms, AreCachedByConfigurationAndShape) {
  const DeviceInfo device = info("fast:");
  const auto first = kernels::softmax(device, {8, 100}).value();
  const auto again = kernels::softmax(device, {8, 100}).value();
  const auto small = kernels::softmax(info("fast:?config=small"), {8, 100}).value();
  ASSERT_EQ(first.programs().size(), 1u);
  EXPECT_TRUE(first.programs()[0].verified());
  EXPECT_EQ(first.programs()[0].contents(), again.programs()[0].contents());
  EXPECT_NE(first.programs()[0].contents(), small.programs()[0].contents());
}

TEST(KernelPrograms, RefuseNothing) {
  const DeviceInfo device = info("fast:");
  EXPECT_EQ(refused(kernels::add(device, 0)).code, Code::kInvalidArgument);
  EXPECT_EQ(refused(kernels::mean(device, 0)).code, Code::kInvalidArgument);
  EXPECT_EQ(refused(kernels::softmax(device, {3, 0})).code, Code::kInvalidArgument);
  EXPECT_EQ(refused(kernels::layer_norm(device, {0, 3})).code, Code::kInvalidArgument);
}

TEST(KernelPrograms, NameTheLongestRowWhenOneIsTooLong) {
  const DeviceInfo device = info("fast:?config=small");
  const Error error = refused(kernels::softmax_cross_entropy(device, {4, 60000}));
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_NE(error.what.find("60000"), std::string::npos);
  // V holds 1024 words: index, logits and hits, and a word for each of five numbers per row.
  EXPECT_EQ(error.advice, "rows of up to 5424 elements do");
  EXPECT_TRUE(kernels::softmax_cross_entropy(device, {4, 5424}));
  EXPECT_FALSE(kernels::softmax_cross_entropy(device, {4, 5425}));
  EXPECT_TRUE(kernels::row_sum(device, {4, 16368}));
  EXPECT_FALSE(kernels::row_sum(device, {4, 16369}));
  EXPECT_TRUE(kernels::softmax(device, {4, 16352}));
  EXPECT_FALSE(kernels::softmax(device, {4, 16353}));
  EXPECT_TRUE(kernels::softmax_gradient(device, {4, 8176}));
  EXPECT_FALSE(kernels::softmax_gradient(device, {4, 8177}));
  // 12 rows in two turns of three tiles with a header, gamma, and four numbers per row.
  EXPECT_TRUE(kernels::layer_norm_gradient(device, {4, 1248}));
  EXPECT_EQ(refused(kernels::layer_norm_gradient(device, {4, 1249})).code, Code::kUnsupported);
  EXPECT_EQ(refused(kernels::layer_norm(device, {4, 4097})).code, Code::kUnsupported);
}

TEST(KernelPrograms, HoldLongerRowsWhereVIsLarger) {
  const DeviceInfo device = info("fast:");
  EXPECT_TRUE(kernels::softmax(device, {2, 65535}));
  EXPECT_FALSE(kernels::softmax(device, {2, 65536}));
  EXPECT_TRUE(kernels::softmax_gradient(device, {2, 65520}));
  EXPECT_FALSE(kernels::softmax_gradient(device, {2, 65521}));
  EXPECT_TRUE(kernels::softmax_cross_entropy(device, {2, 43664}));
  EXPECT_FALSE(kernels::softmax_cross_entropy(device, {2, 43665}));
}

TEST(KernelPrograms, AreSeveralWhenOneWouldBeTooLong) {
  const DeviceInfo device = info("fast:?config=small");
  const auto long_sum = kernels::column_sum(device, {4000000, 64}).value();
  EXPECT_GT(long_sum.programs().size(), 1u);
  for (const Program& program : long_sum.programs()) {
    EXPECT_LE(program.command_count(), spec::kMaxCommands);
    EXPECT_TRUE(program.verified());
  }
}

TEST(KernelPrograms, FitTheConfigurationTheyWereMadeFor) {
  for (const char* uri : {"fast:", "fast:?config=small"}) {
    const DeviceInfo device = info(uri);
    const Shape shape{100, 700};
    const auto softmax = kernels::softmax_cross_entropy(device, shape);
    const auto norm = kernels::layer_norm_gradient(device, shape);
    const auto adamw = kernels::adamw(device, 100000);
    for (const Program& program :
         {softmax->programs()[0], norm->programs()[0], adamw->programs()[0]}) {
      EXPECT_LE(program.needs().v_bytes, device.config.v_bytes);
      EXPECT_EQ(program.needs().a_bytes, 0u);
    }
  }
}

}  // namespace
}  // namespace weft::test
