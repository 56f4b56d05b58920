// SPDX-License-Identifier: Apache-2.0
// A small legal program for the tests to bend, and how to bend it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "runtime/program/asm.h"

namespace weft::test {

inline constexpr std::string_view kSample =
    ".binding x read 4096\n"
    ".binding w read 8192\n"
    ".binding y write 2048\n"
    ".scalar slope\n"
    "load target=a binding=x format=fp32 rows=16 cols=64 row_stride=256 dst_pitch=1  ; 0\n"
    "load target=b binding=w format=fp32 rows=32 cols=64 row_stride=256 dst_pitch=1  ; 1\n"
    "matmul arithmetic=mxint8 m=16 n=32 k=64 a_pitch=1 b_pitch=1 dst_pitch=2 after=load:2  ; 2\n"
    "vector multiplicand=value0 rows=16 cols=32 src_pitch=2 dst_pitch=2"
    " value0_scalar=slope after=matmul:1  ; 3\n"
    "store format=word32 binding=y rows=16 cols=32 row_stride=128 src_pitch=2 after=vector:1  ; "
    "4\n";

inline ProgramImage assembled(std::string_view text) {
  auto image = assemble(text);
  EXPECT_TRUE(image) << image.error().message();
  return image.value_or(ProgramImage{});
}

// `text` with the only occurrence of `from` replaced.
inline std::string edit(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const auto at = result.find(from);
  EXPECT_NE(at, result.npos) << from;
  EXPECT_EQ(result.find(from, at + 1), result.npos) << from << " appears twice";
  return result.replace(at, from.size(), to);
}

}  // namespace weft::test
