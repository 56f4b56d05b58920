// SPDX-License-Identifier: Apache-2.0
#include "weft/pack.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace weft {
namespace {

TEST(Pack, CountsWholeChunksAndHeaders) {
  EXPECT_EQ(packed_panel_bytes(16, 64), 64u * (16 + 1));
  EXPECT_EQ(packed_panel_bytes(16, 128), 64u * (32 + 1));
  EXPECT_EQ(packed_panel_bytes(16, 129), 64u * (48 + 2));
  EXPECT_EQ(packed_panel_bytes(1, 1), 64u * 2);
  EXPECT_EQ(packed_bytes(17, 64), 64u * (17 + 1 + 1));
}

TEST(Pack, CutsDeepMatricesIntoEqualTensors) {
  EXPECT_EQ(packed_tensor_depth(512), 512u);
  EXPECT_EQ(packed_tensor_depth(33), 33u);
  EXPECT_EQ(packed_tensor_depth(640), 320u);
  EXPECT_EQ(packed_tensor_depth(1025), 384u);
  EXPECT_EQ(packed_bytes(16, 640), 2 * packed_panel_bytes(16, 320));
  EXPECT_EQ(packed_bytes(20, 1025),
            2 * packed_tensor_bytes(20, 384) + packed_tensor_bytes(20, 257));
}

TEST(Pack, PutsScalesBeforeTheirChunks) {
  std::vector<float> values(2 * 70, 0.0f);
  values[0] = 1.0f;          // row 0, block 0: 64 * 2^-6
  values[70 + 33] = -2.0f;   // row 1, block 1
  values[70 + 69] = 127.5f;  // row 1, block 2, rounds to 128: the next scale
  const auto packed = pack_mxint8(values, 2, 70);
  ASSERT_TRUE(packed);
  ASSERT_EQ(packed->size(), 64u * 5);
  const auto byte = [&](std::size_t at) { return std::to_integer<int>((*packed)[at]); };
  EXPECT_EQ(byte(0), 121);          // row 0, chunk 0, block 0
  EXPECT_EQ(byte(1), 1);            // all zeros
  EXPECT_EQ(byte(2 * 2 + 1), 122);  // row 1 is chunk 2
  EXPECT_EQ(byte(2 * 3), 128);
  EXPECT_EQ(byte(2 * 3 + 1), 127);  // no such block
  EXPECT_EQ(byte(64), 64);
  EXPECT_EQ(byte(64 * 3 + 33), 256 - 64);
  EXPECT_EQ(byte(64 * 4 + 5), 64);
}

TEST(Pack, UnpacksToWithinHalfAStep) {
  std::vector<float> values(37 * 700);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(static_cast<float>(i)) * std::exp2(static_cast<float>(i % 91) - 45.0f);
  }
  const auto unpacked = unpack_mxint8(*pack_mxint8(values, 37, 700), 37, 700);
  ASSERT_TRUE(unpacked);
  for (std::size_t row = 0; row < 37; ++row) {
    for (std::size_t block = 0; block < 700; block += 32) {
      float most = 0;
      const std::size_t end = std::min<std::size_t>(700, block + 32);
      for (std::size_t k = block; k < end; ++k)
        most = std::max(most, std::abs(values[row * 700 + k]));
      for (std::size_t k = block; k < end; ++k) {
        EXPECT_LE(std::abs(values[row * 700 + k] - (*unpacked)[row * 700 + k]), most / 127.0f);
      }
    }
  }
}

TEST(Pack, MakesABlockWithNanOrInfinityNan) {
  std::vector<float> values(64, 1.0f);
  values[5] = std::numeric_limits<float>::infinity();
  const auto unpacked = unpack_mxint8(*pack_mxint8(values, 1, 64), 1, 64);
  ASSERT_TRUE(unpacked);
  EXPECT_TRUE(std::isnan((*unpacked)[0]));
  EXPECT_TRUE(std::isnan((*unpacked)[31]));
  EXPECT_EQ((*unpacked)[32], 1.0f);
}

TEST(Pack, RefusesShapesThatMakeNoSense) {
  const std::vector<float> values(10);
  EXPECT_EQ(pack_mxint8(values, 0, 5).error().code, Code::kInvalidArgument);
  EXPECT_EQ(pack_mxint8(values, 2, 6).error().code, Code::kInvalidArgument);
  EXPECT_EQ(pack_mxint8(values, 2, 4, 3).error().code, Code::kInvalidArgument);
  EXPECT_EQ(unpack_mxint8({}, 1, 1).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(pack_mxint8(values, 2, 4, 6));
}

}  // namespace
}  // namespace weft
