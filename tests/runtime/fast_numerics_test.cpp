// SPDX-License-Identifier: Apache-2.0
// The vector loops of the functional model equal the functions of hls/ bit by bit, on whichever
// vector unit this host has.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/int32_to_int8.h"
#include "runtime/devices/fast/simd.h"
#include "tests/runtime/fast_numbers.h"

namespace weft::fast {
namespace {

using FastNumerics = FastTest;

TEST_F(FastNumerics, WidenEveryBf16) {
  std::vector<std::uint16_t> halves(65536 + 5);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  std::vector<std::uint32_t> wide(halves.size());
  widen_bf16(std::as_bytes(std::span(halves)).data(), wide.data(), wide.size());
  for (std::size_t i = 0; i < wide.size(); ++i) {
    ASSERT_EQ(wide[i], hls::bf16_to_fp32(halves[i])) << std::hex << i;
  }
}

TEST_F(FastNumerics, NarrowToBf16AndInt8) {
  const auto x = special_numbers(5, 1 << 18);
  std::vector<std::uint16_t> halves(x.size());
  std::vector<std::uint8_t> bytes(x.size());
  narrow_bf16(x.data(), std::as_writable_bytes(std::span(halves)).data(), x.size() - 3);
  narrow_int8(x.data(), std::as_writable_bytes(std::span(bytes)).data(), x.size() - 3);
  for (std::size_t i = 0; i < x.size() - 3; ++i) {
    ASSERT_EQ(halves[i], hls::fp32_to_bf16(x[i])) << std::hex << x[i];
    ASSERT_EQ(bytes[i], hls::int32_to_int8(x[i])) << std::hex << x[i];
  }
  EXPECT_EQ(halves.back(), 0);
}

// A block or a part of one: any sums, scales and start values, through the loops of matmul.
TEST_F(FastNumerics, BlockAccumulate) {
  test::Dice dice(11);
  APad a(1024);
  BPad b(1024);
  std::vector<std::uint32_t> v(64 * 16);
  for (int round = 0; round < 3000; ++round) {
    std::array<std::array<std::int8_t, 32>, 16> left;
    std::array<std::array<std::int8_t, 32>, 16> right;
    std::array<std::uint8_t, 16> left_scale;
    std::array<std::uint8_t, 16> right_scale;
    const int spread = static_cast<int>(dice.between(0, 127));
    const auto scale = [&] {
      return static_cast<std::uint8_t>(dice.one_in(8) ? dice.bits()
                                                      : 127 - spread + dice.between(0, 2) * spread);
    };
    for (std::size_t row = 0; row < 16; ++row) {
      for (std::size_t k = 0; k < 32; ++k) {
        left[row][k] = static_cast<std::int8_t>(dice.bits());
        right[row][k] = static_cast<std::int8_t>(dice.bits());
      }
      left_scale[row] = scale();
      right_scale[row] = scale();
      a.put_mantissas(0, 0, row, left[row].data());
      a.put_scale(0, 0, row, left_scale[row]);
      b.put_mantissas(0, 0, row, right[row].data());
      b.put_scale(0, 0, row, right_scale[row]);
    }
    for (auto& each : v) each = special_number(dice);
    const auto before = v;
    spec::Matmul command;
    command.arithmetic = static_cast<spec::Arithmetic>(round % 2);
    command.preload = spec::Preload::kV;
    command.m = static_cast<std::uint16_t>(dice.between(1, 16));
    command.n = static_cast<std::uint16_t>(dice.between(1, 16));
    command.k = static_cast<std::uint16_t>(dice.one_in(2) ? 32 : dice.between(1, 32));
    command.dst = 20;
    command.dst_pitch = 1;
    command.initial = 1;
    command.initial_pitch = 1;
    matmul(command, a, b, v.data());
    for (std::size_t m = 0; m < command.m; ++m) {
      for (std::size_t n = 0; n < command.n; ++n) {
        int sum = 0;
        for (std::size_t k = 0; k < command.k; ++k) sum += left[m][k] * right[n][k];
        const std::uint32_t cut = right_scale[n] == 255 ? 0x3fe00u : right_scale[n] << 10;
        const std::uint32_t expected =
            hls::block_accumulate(round % 2 == 1, hls::SignedBits<21>(sum), left_scale[m],
                                  hls::Bits<19>(cut), before[(1 + m) * 16 + n]);
        ASSERT_EQ(v[(20 + m) * 16 + n], expected)
            << sum << " " << int(left_scale[m]) << " " << int(right_scale[n]) << std::hex << " "
            << before[(1 + m) * 16 + n];
      }
    }
  }
}

}  // namespace
}  // namespace weft::fast
