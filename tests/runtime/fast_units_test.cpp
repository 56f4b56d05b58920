// SPDX-License-Identifier: Apache-2.0
// Load and vector of the functional model give the oracle's scratchpads on numbers among which
// every special case is frequent: random commands, one at a time.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "runtime/devices/fast/units.h"
#include "runtime/program/asm.h"
#include "runtime/program/operands.h"
#include "tests/conformance/oracle.h"
#include "tests/runtime/fast_numbers.h"

namespace weft::fast {
namespace {

constexpr const spec::Config& kConfig = spec::kConfigs[0];
constexpr std::uint64_t kSeed = 21;

class FastUnits : public FastTest {
 protected:
  FastUnits() {
    for (auto& each : scalars_) each = special_number(dice_);
    for (std::size_t i = 0; i < pads_.v.size(); ++i) pads_.v[i] = special_number(dice_);
    oracle_.v() = pads_.v;
  }

  std::uint16_t between(std::uint64_t low, std::uint64_t high) {
    return static_cast<std::uint16_t>(dice_.between(low, high));
  }

  template <class Command>
  static ProgramImage image_of(const Command& command) {
    ProgramImage image;
    image.bindings.push_back({.name = "memory", .size = 1, .rights = kRightRead});
    image.commands.push_back(spec::pack(command));
    return image;
  }

  void expect_same_v(const ProgramImage& image) {
    for (std::size_t i = 0; i < pads_.v.size(); ++i) {
      ASSERT_EQ(pads_.v[i], oracle_.v()[i])
          << "word " << i / 16 << " element " << i % 16 << " after " << disassemble(image);
    }
  }

  template <class Pad>
  void expect_same(const Pad& pad, const test::Oracle::Pad& expected, const ProgramImage& image) {
    for (std::size_t i = 0; i < expected.scales.size(); ++i) {
      const std::size_t cell = i / 32;
      const std::size_t row = i / 2 % 16;
      ASSERT_EQ(scale_byte(pad.scales(cell, i % 2)[row]), expected.scales[i])
          << "cell " << cell << " row " << row << " after " << disassemble(image);
      for (std::size_t k = 0; k < 32; ++k) {
        ASSERT_EQ(pad.mantissa(cell, i % 2, row, k), expected.mantissas[i * 32 + k])
            << "cell " << cell << " row " << row << " k " << k << " after " << disassemble(image);
      }
    }
  }

  test::Dice dice_{kSeed};
  Scalars scalars_;
  Scratchpads pads_{kConfig};
  test::Oracle oracle_{kConfig};
};

TEST_F(FastUnits, VectorCommandsGiveWhatTheOracleGives) {
  using spec::Operand;
  for (int round = 0; round < 4000; ++round) {
    spec::Vector vector;
    const auto operand = [&](std::uint64_t first) {
      return static_cast<Operand>(dice_.between(first, 8));
    };
    vector.convert_in = static_cast<spec::ConvertIn>(dice_.one_in(4));
    if (!dice_.one_in(3)) vector.multiplicand = operand(0);
    if (!dice_.one_in(3)) vector.addend = operand(0);
    vector.compare = static_cast<spec::Compare>(dice_.between(0, 4));
    if (vector.compare != spec::Compare::kNone) vector.compare_with = operand(1);
    vector.function = static_cast<spec::Function>(dice_.between(0, 8));
    if (vector.function == spec::Function::kDivide) vector.divisor = operand(1);
    if (!dice_.one_in(3)) vector.multiplicand2 = operand(0);
    if (!dice_.one_in(3)) vector.addend2 = operand(0);
    vector.reduce = static_cast<spec::Reduce>(dice_.between(0, 4));
    vector.convert_out = static_cast<spec::ConvertOut>(dice_.one_in(4));
    vector.rows = between(1, dice_.one_in(3) ? 40 : 5);
    vector.cols = between(1, dice_.one_in(10) ? 1200 : 70);
    // Disjoint places: 8192 words of V, at most 40 rows of 75 words.
    const auto words = (vector.cols + 15u) / 16;
    vector.src = between(0, 9);
    vector.src_pitch = dice_.one_in(8) ? 0 : between(words, 78);
    if (uses(vector, Operand::kSecond)) {
      vector.second = between(3200, 3210);
      vector.second_pitch = words > 30 || dice_.one_in(8) ? 0 : between(words, 30);
    }
    if (uses(vector, Operand::kColumn)) vector.column = between(4600, 4700);
    if (uses(vector, Operand::kRow)) vector.row = between(4800, 4900);
    vector.dst = between(5000, 5010);
    vector.dst_pitch = between(words, 77);
    if (dice_.one_in(4)) {
      vector.dst = vector.src;
      vector.src_pitch = vector.dst_pitch;
    }
    if (vector.reduce != spec::Reduce::kNone) {
      vector.reduce_axis = static_cast<spec::ReduceAxis>(dice_.between(0, 1));
      vector.reduce_dst = between(8100, 8110);
      if (dice_.one_in(3)) {
        vector.convert_out = spec::ConvertOut::kDiscard;
        vector.dst = vector.dst_pitch = 0;
      }
    }
    if (uses(vector, Operand::kValue0)) vector.value0 = special_number(dice_);
    if (uses(vector, Operand::kValue1))
      vector.value1_scalar = static_cast<std::uint8_t>(between(1, 16));
    if (uses(vector, Operand::kValue2)) vector.value2 = special_number(dice_);
    if (uses(vector, Operand::kValue3))
      vector.value3_scalar = static_cast<std::uint8_t>(between(1, 16));

    const ProgramImage image = image_of(vector);
    test::Memory none(1);
    oracle_.run(image, scalars_, none);
    run_vector(vector, scalars_, pads_);
    if (std::memcmp(pads_.v.data(), oracle_.v().data(), pads_.v.size() * 4) != 0) {
      expect_same_v(image);
      FAIL() << disassemble(image);
    }
    // What results made monotonous becomes random again.
    for (int i = 0; i < 3000; ++i) {
      const auto at = dice_.between(0, pads_.v.size() - 1);
      pads_.v[at] = oracle_.v()[at] = special_number(dice_);
    }
  }
}

TEST_F(FastUnits, LoadsGiveWhatTheOracleGives) {
  // Numbers near one exponent, so that all mantissas of a block matter, or anything.
  test::Memory memory(1);
  memory[0].resize(1 << 20);
  const auto refill = [&] {
    std::uint32_t base = 0x3f800000;
    for (std::size_t at = 0; at < memory[0].size(); at += 4) {
      if (dice_.one_in(500)) base = static_cast<std::uint32_t>(dice_.between(0, 254)) << 23;
      std::uint32_t bits = (base + static_cast<std::uint32_t>(dice_.between(0, 0x1000000))) |
                           static_cast<std::uint32_t>(dice_.bits() << 31);
      if (dice_.one_in(300)) bits = special_number(dice_);
      std::memcpy(&memory[0][at], &bits, 4);
    }
  };
  refill();
  for (std::size_t i = 0; i < pads_.v.size(); ++i) {
    std::memcpy(&pads_.v[i], &memory[0][4 * i], 4);
  }
  oracle_.v() = pads_.v;
  for (int round = 0; round < 1500; ++round) {
    spec::Load load;
    load.target = static_cast<spec::Target>(dice_.between(0, 1));
    load.format = dice_.one_in(3) ? spec::LoadFormat::kBf16 : spec::LoadFormat::kFp32;
    const unsigned size = load.format == spec::LoadFormat::kBf16 ? 2 : 4;
    load.rows = between(1, 100);
    load.cols = between(1, 100);
    load.offset = size * dice_.between(0, 1000);
    load.row_stride = static_cast<std::uint32_t>(size * dice_.between(0, 300));
    if (dice_.one_in(2)) {
      load.rows = between(1, 20);
      load.extra_groups = between(0, 4);
      if (load.extra_groups > 0)
        load.group_stride = static_cast<std::uint32_t>(size * between(0, 5000));
    }
    load.transpose = static_cast<spec::Transpose>(dice_.between(0, 1));
    load.rounding = static_cast<spec::Rounding>(dice_.between(0, 1));
    const bool stochastic = load.rounding == spec::Rounding::kStochastic;
    if (stochastic) {
      load.tensor = static_cast<std::uint16_t>(dice_.bits());
      if (dice_.one_in(2)) {
        load.seed = static_cast<std::uint32_t>(dice_.bits());
      } else {
        load.seed_scalar = static_cast<std::uint8_t>(between(1, 16));
      }
      // From V, the place in the tensor may be anywhere.
    }
    if (size == 4 && dice_.one_in(3)) {
      load.source = spec::Source::kV;
      load.src = between(0, 100);
      load.src_pitch = between(0, 40);
      load.extra_groups = 0;
      load.group_stride = 0;
      load.offset = stochastic ? 4 * (dice_.bits() >> 2) : 0;
      load.row_stride = stochastic ? static_cast<std::uint32_t>(dice_.bits() & ~3u) : 0;
    }
    const auto extent = operand_extent(load);
    const unsigned cells = (extent.contraction + 63) / 64;
    load.dst = between(0, 100);
    load.dst_pitch = between(cells, 3);
    const ProgramImage image = image_of(load);
    oracle_.run(image, scalars_, memory);
    run_load(load, memory[0], scalars_, pads_);
    if (load.target == spec::Target::kA) {
      expect_same(pads_.a, oracle_.a(), image);
    } else {
      expect_same(pads_.b, oracle_.b(), image);
    }
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace weft::fast
