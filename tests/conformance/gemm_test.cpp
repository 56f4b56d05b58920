// SPDX-License-Identifier: Apache-2.0
// gemm of any shape against its definition, computed here element by element.
#include "weft/gemm.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"
#include "hls/functions/quantise.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

using spec::LoadFormat;

std::uint32_t element_bytes(LoadFormat format) {
  return format == LoadFormat::kFp32 ? 4 : format == LoadFormat::kBf16 ? 2 : 1;
}

std::uint32_t output_bytes(const GemmShape& shape) {
  return shape.output == GemmOutput::kBf16 ? 2 : shape.output == GemmOutput::kInt8 ? 1 : 4;
}

// A matrix as its blocks: what quantisation leaves of it.
struct Blocks {
  std::vector<std::int8_t> mantissas;  // rows x depth
  std::vector<std::uint8_t> scales;    // rows x blocks
};

struct Matrix {
  std::vector<std::byte> bytes;  // as bound
  Blocks blocks;
};

Matrix make_matrix(Dice& dice, LoadFormat format, std::uint32_t rows, std::uint32_t depth,
                   std::uint32_t stride) {
  Matrix out;
  const std::size_t blocks = (depth + 31) / 32;
  out.blocks.mantissas.resize(std::size_t{rows} * depth);
  out.blocks.scales.resize(rows * blocks);
  if (format == LoadFormat::kInt8) {
    out.bytes = random_bytes(dice, std::size_t{rows} * stride);
    for (std::size_t r = 0; r < rows; ++r) {
      std::memcpy(&out.blocks.mantissas[r * depth], &out.bytes[r * stride], depth);
    }
    return out;
  }
  std::vector<std::uint32_t> values(std::size_t{rows} * depth);
  for (auto& value : values) {
    // Moderate numbers, so that most results are neither NaN nor zero.
    const float number = static_cast<float>(static_cast<std::int32_t>(dice.bits())) * 0x1p-30f;
    value = dice.one_in(400) ? random_fp32(dice) : std::bit_cast<std::uint32_t>(number);
    if (format == LoadFormat::kBf16) value &= 0xffff0000u;
  }
  if (format == LoadFormat::kMxint8) {
    std::vector<float> numbers(values.size());
    std::memcpy(numbers.data(), values.data(), values.size() * 4);
    out.bytes = *pack_mxint8(numbers, rows, depth);
  } else {
    out.bytes = random_bytes(dice, std::size_t{rows} * stride);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t k = 0; k < depth; ++k) {
        const std::uint32_t value = values[r * depth + k];
        const std::uint32_t half = value >> 16;
        std::byte* to = &out.bytes[r * stride + k * element_bytes(format)];
        if (format == LoadFormat::kFp32) {
          std::memcpy(to, &value, 4);
        } else {
          std::memcpy(to, &half, 2);
        }
      }
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t end = std::min<std::size_t>(depth, (block + 1) * 32);
      std::uint32_t amax = 0;
      for (std::size_t k = block * 32; k < end; ++k) {
        amax = std::max(amax, values[r * depth + k] & 0x7fffffffu);
      }
      const std::uint8_t scale = hls::block_exponent(amax);
      out.blocks.scales[r * blocks + block] = scale;
      for (std::size_t k = block * 32; k < end; ++k) {
        out.blocks.mantissas[r * depth + k] = hls::quantise(values[r * depth + k], scale);
      }
    }
  }
  return out;
}

std::uint32_t product(const GemmShape& shape, const Blocks& a, const Blocks& b, std::size_t m,
                      std::size_t n, std::uint32_t start) {
  const std::size_t blocks = (shape.k + 31) / 32;
  std::uint32_t acc = start;
  for (std::size_t block = 0; block < blocks; ++block) {
    int sum = 0;
    for (std::size_t k = block * 32; k < std::min<std::size_t>(shape.k, (block + 1) * 32); ++k) {
      sum += a.mantissas[m * shape.k + k] * b.mantissas[n * shape.k + k];
    }
    const std::uint8_t b_scale = b.scales[n * blocks + block];
    acc = hls::block_accumulate(shape.arithmetic == spec::Arithmetic::kMxint8,
                                hls::SignedBits<21>(sum), a.scales[m * blocks + block],
                                hls::Bits<19>(b_scale == 255 ? 0x3fe00u : b_scale << 10), acc);
  }
  return acc;
}

std::uint32_t epilogue(const GemmShape& shape, std::uint32_t acc, float scale) {
  if (shape.output == GemmOutput::kAccumulator && shape.arithmetic == spec::Arithmetic::kInt8) {
    return acc;
  }
  std::uint32_t x = shape.arithmetic == spec::Arithmetic::kInt8 ? hls::int32_to_fp32(acc) : acc;
  if (shape.scale) x = hls::fp32_fma(x, std::bit_cast<std::uint32_t>(scale), 0x80000000u);
  if (shape.relu) x = hls::fp32_compare(1, x, 0);
  if (shape.output == GemmOutput::kBf16) return hls::fp32_to_bf16(x);
  return shape.output == GemmOutput::kInt8 ? hls::fp32_to_int8(x) : x;
}

void check(Dice& dice, GemmShape shape, std::uint32_t padding) {
  const auto strided = [&](LoadFormat format) {
    return (shape.k + padding) * element_bytes(format);
  };
  if (padding > 0) {
    if (shape.a_format != LoadFormat::kMxint8) shape.a_row_stride = strided(shape.a_format);
    if (shape.b_format != LoadFormat::kMxint8) shape.b_row_stride = strided(shape.b_format);
    shape.c_row_stride = (shape.n + padding) * output_bytes(shape);
  }
  SCOPED_TRACE(testing::Message() << shape.m << "x" << shape.n << "x" << shape.k << " "
                                  << spec::name(shape.a_format) << " " << spec::name(shape.b_format)
                                  << " output " << int(shape.output) << " bias " << shape.bias
                                  << " relu " << shape.relu << " scale " << shape.scale
                                  << " padding " << padding);
  const auto kernel = gemm(device().info(), shape);
  ASSERT_TRUE(kernel) << kernel.error().message();

  const Matrix a = make_matrix(dice, shape.a_format, shape.m, shape.k, strided(shape.a_format));
  const Matrix b = make_matrix(dice, shape.b_format, shape.n, shape.k, strided(shape.b_format));
  std::vector<std::byte> bias(shape.n * 4);
  for (std::size_t n = 0; n < shape.n; ++n) {
    const float number = static_cast<float>(static_cast<std::int32_t>(dice.bits())) * 0x1p-29f;
    const std::uint32_t value = shape.arithmetic == spec::Arithmetic::kInt8
                                    ? static_cast<std::uint32_t>(dice.bits())
                                    : std::bit_cast<std::uint32_t>(number);
    std::memcpy(&bias[n * 4], &value, 4);
  }
  const std::uint32_t size = output_bytes(shape);
  const std::size_t stride = (shape.n + padding) * size;
  std::vector<std::byte> expected = random_bytes(dice, shape.m * stride);
  std::vector<std::byte> actual = expected;

  const auto upload = [&](const std::vector<std::byte>& bytes) {
    auto buffer = device().allocate(bytes.size());
    EXPECT_TRUE(buffer && buffer->write(bytes));
    return std::move(*buffer);
  };
  Buffer a_buffer = upload(a.bytes);
  Buffer b_buffer = upload(b.bytes);
  Buffer c_buffer = upload(actual);
  Buffer bias_buffer = upload(bias);
  GemmArguments arguments{.a = a_buffer.view(), .b = b_buffer.view(), .c = c_buffer.view()};
  if (shape.bias) arguments.bias = bias_buffer.view();
  if (shape.scale) arguments.scale = 0.0078125f * 1.7f;
  const auto steps = kernel->steps(arguments);
  ASSERT_TRUE(steps) << steps.error().message();
  const auto report = device().queue().run(Launch{.steps = *steps});
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_TRUE(c_buffer.read(actual));

  for (std::size_t m = 0; m < shape.m; ++m) {
    for (std::size_t n = 0; n < shape.n; ++n) {
      std::uint32_t start = 0;
      if (shape.bias) std::memcpy(&start, &bias[n * 4], 4);
      const std::uint32_t value =
          epilogue(shape, product(shape, a.blocks, b.blocks, m, n, start), arguments.scale);
      std::memcpy(&expected[m * stride + n * size], &value, size);
    }
  }
  EXPECT_TRUE(equal_bytes(expected, actual));
}

TEST(Gemm, OfRandomShapesFormatsAndEpilogues) {
  Dice dice(seed());
  const std::vector<LoadFormat> sources{LoadFormat::kMxint8, LoadFormat::kFp32, LoadFormat::kBf16};
  for (std::size_t i = 0; i < cases(160); ++i) {
    GemmShape shape;
    shape.m = static_cast<std::uint32_t>(dice.between(1, 70));
    shape.n = static_cast<std::uint32_t>(dice.between(1, 70));
    shape.k = static_cast<std::uint32_t>(dice.between(1, 70));
    const bool integers = dice.one_in(3);
    shape.arithmetic = integers ? spec::Arithmetic::kInt8 : spec::Arithmetic::kMxint8;
    shape.a_format = integers ? LoadFormat::kInt8 : dice.pick(sources);
    shape.b_format = integers ? LoadFormat::kInt8 : dice.pick(sources);
    shape.output = static_cast<GemmOutput>(dice.between(0, 3));
    shape.bias = dice.one_in(2);
    if (!integers || shape.output != GemmOutput::kAccumulator) {
      shape.relu = dice.one_in(2);
      shape.scale = dice.one_in(2);
    }
    check(dice, shape, dice.one_in(2) ? 0 : static_cast<std::uint32_t>(dice.between(1, 9)));
    ASSERT_FALSE(testing::Test::HasFailure()) << "case " << i;
  }
}

TEST(Gemm, OfOneRowColumnOrIndex) {
  Dice dice(seed());
  check(dice, {.m = 1, .n = 200, .k = 130}, 0);
  check(dice, {.m = 200, .n = 1, .k = 130, .bias = true}, 0);
  check(dice, {.m = 90, .n = 90, .k = 1}, 0);
  check(dice, {.m = 1, .n = 1, .k = 1}, 0);
}

TEST(Gemm, OfSeveralPanelsOfK) {
  Dice dice(seed());
  check(dice, {.m = 20, .n = 36, .k = 1100, .bias = true, .relu = true}, 0);
  check(dice,
        {.m = 17, .n = 40, .k = 2111, .a_format = LoadFormat::kBf16, .b_format = LoadFormat::kFp32},
        3);
  check(dice,
        {.m = 19,
         .n = 23,
         .k = 4200,
         .arithmetic = spec::Arithmetic::kInt8,
         .a_format = LoadFormat::kInt8,
         .b_format = LoadFormat::kInt8,
         .bias = true},
        1);
}

TEST(Gemm, LargerThanTheScratchpads) {
  Dice dice(seed());
  check(dice, {.m = 300, .n = 70, .k = 600}, 0);
  check(dice, {.m = 40, .n = 500, .k = 300, .b_format = LoadFormat::kFp32, .bias = true}, 0);
}

}  // namespace
}  // namespace weft::test
