// SPDX-License-Identifier: Apache-2.0
// The vector loops of the functional model equal the functions of hls/ bit by bit, on whichever
// vector unit this host has.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"
#include "hls/functions/int32_to_int8.h"
#include "hls/functions/quantise.h"
#include "runtime/devices/fast/float_environment.h"
#include "runtime/devices/fast/simd.h"
#include "tests/conformance/random.h"

namespace weft::fast {
namespace {

constexpr std::size_t kCount = 1 << 18;

// Bits near everything that is special, and anything else.
std::uint32_t number(test::Dice& dice) {
  static const std::vector<std::uint32_t> kCorners{
      0,          0x80000000, 1,          0x80000001, 0x007fffff, 0x00800000, 0x80800000,
      0x3f800000, 0xbf800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
      0xffc00001, 0x7f800001, 0x42ff0000, 0x42fe8000, 0xc3008000, 0x3f000000, 0x4b000000};
  const std::uint64_t bits = dice.bits();
  switch (bits >> 62) {
    case 0:
      return dice.pick(kCorners);
    case 1:
      return (0x3c000000u + static_cast<std::uint32_t>(bits % 0x0a000000u)) |
             (static_cast<std::uint32_t>(bits >> 30) & 0x80000000u);
    default:
      return static_cast<std::uint32_t>(bits);
  }
}

std::vector<std::uint32_t> numbers(std::uint64_t seed) {
  test::Dice dice(seed);
  std::vector<std::uint32_t> out(kCount);
  for (auto& each : out) each = number(dice);
  return out;
}

class FastNumerics : public testing::Test {
 protected:
  void SetUp() override {
    if (!simd_supported()) FAIL() << "this host has no AVX2 with FMA";
  }
  FloatEnvironment environment_;
};

TEST_F(FastNumerics, QuantiseBlocks) {
  test::Dice dice(3);
  for (int i = 0; i < 40000; ++i) {
    std::array<std::uint32_t, 32> block;
    // Blocks around one exponent, so that all 32 mantissas matter, and blocks of anything.
    const auto base = static_cast<std::uint32_t>(dice.between(0, 254)) << 23;
    for (auto& each : block) {
      each = i % 4 == 0 ? number(dice)
                        : ((base + static_cast<std::uint32_t>(dice.between(0, 0x1000000))) |
                           static_cast<std::uint32_t>(dice.bits() << 31));
    }
    std::uint32_t amax = 0;
    for (const auto each : block) amax = std::max(amax, each & 0x7fffffffu);
    std::array<std::int8_t, 32> mantissas;
    const std::uint8_t scale =
        quantise_block(std::as_bytes(std::span(block)).data(), mantissas.data());
    ASSERT_EQ(scale, hls::block_exponent(amax));
    for (std::size_t k = 0; k < 32; ++k) {
      ASSERT_EQ(mantissas[k], hls::quantise(block[k], scale)) << std::hex << block[k];
    }
  }
}

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
  const auto x = numbers(5);
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

TEST_F(FastNumerics, VectorChain) {
  const auto x = numbers(7);
  const auto m = numbers(8);
  const auto a = numbers(9);
  const auto o = numbers(10);
  std::vector<std::uint32_t> out(kCount);
  for (int compare = 0; compare < 4; ++compare) {
    for (int convert = 0; convert < 4; ++convert) {
      spec::Vector command;
      command.multiplicand = spec::Operand::kSecond;
      command.addend = spec::Operand::kSecond;
      command.compare = static_cast<spec::Compare>(compare);
      command.compare_with = spec::Operand::kSecond;
      command.convert_in = static_cast<spec::ConvertIn>(convert & 1);
      command.convert_out = static_cast<spec::ConvertOut>(convert >> 1);
      vector_row(command, {.src = x.data(),
                           .dst = out.data(),
                           .count = kCount - 5,
                           .multiplicand = {.stream = m.data()},
                           .addend = {.stream = a.data()},
                           .compare_with = {.stream = o.data()}});
      for (std::size_t i = 0; i < kCount - 5; ++i) {
        const std::uint32_t in = (convert & 1) != 0 ? hls::int32_to_fp32(x[i]) : x[i];
        std::uint32_t y = hls::fp32_fma(in, m[i], a[i]);
        y = hls::fp32_compare(hls::Bits<2>(static_cast<unsigned>(compare)), y, o[i]);
        if ((convert >> 1) != 0) y = hls::fp32_to_int8(y);
        ASSERT_EQ(out[i], y) << std::hex << x[i] << " " << m[i] << " " << a[i] << " " << o[i];
      }
    }
  }
}

// One block: any sums, scales and start values, through the loops of matmul.
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
    for (auto& each : v) each = number(dice);
    const auto before = v;
    spec::Matmul command;
    command.arithmetic = static_cast<spec::Arithmetic>(round % 2);
    command.preload = spec::Preload::kV;
    command.m = static_cast<std::uint16_t>(dice.between(1, 16));
    command.n = static_cast<std::uint16_t>(dice.between(1, 16));
    command.k = 32;
    command.dst = 20;
    command.dst_pitch = 1;
    command.initial = 1;
    command.initial_pitch = 1;
    matmul(command, a, b, v.data());
    for (std::size_t m = 0; m < command.m; ++m) {
      for (std::size_t n = 0; n < command.n; ++n) {
        int sum = 0;
        for (std::size_t k = 0; k < 32; ++k) sum += left[m][k] * right[n][k];
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
