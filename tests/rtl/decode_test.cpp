// SPDX-License-Identifier: Apache-2.0
// weft_decode against check_command: random, legal and mutated commands.
#include <array>

#include "Vweft_sequencer_bench.h"
#include "runtime/program/check.h"
#include "runtime/program/image.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

class Decode : public Bench<Vweft_sequencer_bench> {
 protected:
  static constexpr std::uint64_t kArena = 0x40'0000'0000;

  // Another table, other scalars.
  void deal() {
    for (std::size_t i = 0; i < bindings.size(); ++i) {
      bindings[i] = {.offset = dice.between(0, 1 << 20) * 64,
                     .size = dice.one_in(4) ? 0xffff'ffff'ffff : dice.between(0, 1 << 18),
                     .rights = static_cast<std::uint32_t>(dice.one_in(3) ? dice.between(0, 3) : 3)};
      set_bits(dut->decode_table_i, 98 * i, 48, bindings[i].offset);
      set_bits(dut->decode_table_i, 98 * i + 48, 48, bindings[i].size);
      set_bits(dut->decode_table_i, 98 * i + 96, 2, bindings[i].rights);
    }
    for (std::size_t i = 0; i < spec::kScalars; ++i) {
      scalars[i] = static_cast<std::uint32_t>(dice.bits());
      dut->decode_scalar_i[i] = scalars[i];
    }
    dut->decode_arena_i = kArena;
    dut->decode_bindings_i = static_cast<std::uint8_t>(bindings.size());
  }

  // A small value mostly, else any or the greatest.
  std::uint16_t number(std::uint64_t least = 0) {
    if (dice.one_in(12)) return static_cast<std::uint16_t>(dice.bits());
    return static_cast<std::uint16_t>(dice.between(least, dice.one_in(4) ? 300 : 20));
  }
  template <class Enum>
  Enum any(unsigned count) {
    return static_cast<Enum>(dice.between(0, dice.one_in(30) ? count : count - 1));
  }

  CommandBytes plausible() {
    const auto offset = dice.between(0, 4000) * (dice.one_in(4) ? 1 : 64);
    switch (dice.between(0, 3)) {
      case 0: {
        spec::Load c{.target = any<spec::Target>(3), .format = any<spec::LoadFormat>(4)};
        c.binding = static_cast<std::uint8_t>(dice.between(0, bindings.size()));
        c.rows = number(1), c.cols = number(1);
        c.offset = offset;
        c.row_stride = c.format == spec::LoadFormat::kMxint8 ? 0u : number() * 4u;
        c.dst = number(), c.dst_pitch = number(1);
        return spec::pack(c);
      }
      case 1: {
        spec::Matmul c{.arithmetic = any<spec::Arithmetic>(2), .preload = any<spec::Preload>(2)};
        c.m = number(1), c.n = number(1), c.k = number(1);
        c.a = number(), c.a_pitch = number(), c.b = number(), c.b_pitch = number();
        c.dst = number(), c.dst_pitch = number(1);
        if (c.preload == spec::Preload::kV) c.initial = number(), c.initial_pitch = number();
        return spec::pack(c);
      }
      case 2: {
        spec::Vector c{.convert_in = any<spec::ConvertIn>(2),
                       .multiplicand = any<spec::Operand>(5),
                       .addend = any<spec::Operand>(5)};
        c.rows = number(1), c.cols = number(1);
        c.src = number(), c.src_pitch = number();
        c.dst = number(), c.dst_pitch = number(1);
        c.compare = any<spec::Compare>(4);
        if (c.compare != spec::Compare::kNone) c.compare_with = any<spec::Operand>(5);
        const auto uses = [&](spec::Operand o) {
          return c.multiplicand == o || c.addend == o || c.compare_with == o;
        };
        if (uses(spec::Operand::kSecond)) c.second = number(), c.second_pitch = number();
        if (uses(spec::Operand::kColumn)) c.column = number();
        if (c.multiplicand == spec::Operand::kImmediate) {
          c.multiplicand_scalar = static_cast<std::uint8_t>(dice.between(0, 16));
          if (c.multiplicand_scalar == 0) c.multiplicand_value = number();
        }
        if (c.addend == spec::Operand::kImmediate) {
          c.addend_scalar = static_cast<std::uint8_t>(dice.between(0, 16));
          if (c.addend_scalar == 0) c.addend_value = number();
        }
        return spec::pack(c);
      }
      default: {
        spec::Store c{.format = any<spec::StoreFormat>(3)};
        c.binding = static_cast<std::uint8_t>(dice.between(0, bindings.size()));
        c.rows = number(1), c.cols = number(1);
        c.offset = offset;
        c.row_stride = c.cols * 4u + number() / 8u * 4u;
        c.src = number(), c.src_pitch = number();
        return spec::pack(c);
      }
    }
  }

  // Bindings have become addresses, scalars values; members from the last to the first.
  void check_resolved(const CommandBytes& command, std::uint32_t where) {
    ASSERT_EQ(dut->decode_unit_o, static_cast<unsigned>(command[0]) - 1);
    switch (static_cast<spec::Opcode>(command[0])) {
      case spec::Opcode::kLoad: {
        const auto c = spec::unpack_load(command);
        FieldReader get(dut->decode_load_o);
        ASSERT_EQ(get(16), c.dst_pitch);
        ASSERT_EQ(get(16), c.dst);
        const auto extent = get(48);
        ASSERT_LE(c.offset + extent, bindings[c.binding].size);
        ASSERT_EQ(get(32), c.row_stride);
        ASSERT_EQ(get(64), kArena + bindings[c.binding].offset + c.offset);
        ASSERT_EQ(get(16), c.cols);
        ASSERT_EQ(get(16), c.rows);
        ASSERT_EQ(get(2), static_cast<unsigned>(c.format));
        ASSERT_EQ(get(2), static_cast<unsigned>(c.target));
        ASSERT_EQ(get(32), where);
        break;
      }
      case spec::Opcode::kVector: {
        const auto c = spec::unpack_vector(command);
        const auto value = [&](std::uint8_t scalar, std::uint32_t immediate) {
          return scalar == 0 ? immediate : scalars[scalar - 1u];
        };
        FieldReader get(dut->decode_vector_o);
        ASSERT_EQ(get(32), value(c.compare_scalar, c.compare_value));
        ASSERT_EQ(get(32), value(c.addend_scalar, c.addend_value));
        ASSERT_EQ(get(32), value(c.multiplicand_scalar, c.multiplicand_value));
        break;
      }
      case spec::Opcode::kStore: {
        const auto c = spec::unpack_store(command);
        FieldReader get(dut->decode_store_o);
        ASSERT_EQ(get(16), c.src_pitch);
        ASSERT_EQ(get(16), c.src);
        ASSERT_EQ(get(32), c.row_stride);
        ASSERT_EQ(get(64), kArena + bindings[c.binding].offset + c.offset);
        break;
      }
      default:
        break;
    }
  }

  void mutate(CommandBytes& command) {
    for (auto count = dice.between(1, 3); count-- > 0;) {
      const auto at = dice.between(0, 63);
      command[at] = static_cast<std::byte>(dice.one_in(2) ? dice.bits() : dice.between(0, 17));
    }
  }

  std::array<spec::Binding, 7> bindings;
  std::array<std::uint32_t, spec::kScalars> scalars;
};

TEST_F(Decode, FindsTheFirstFaultThatCheckCommandFinds) {
  std::array<unsigned, 16> seen{};
  Stalls stalls(dice);
  for (int i = 0; i < 40000; ++i) {
    if (i % 100 == 0) deal();
    CommandBytes command = plausible();
    if (dice.one_in(2)) mutate(command);
    if (dice.one_in(40)) {
      for (auto& byte : command) byte = static_cast<std::byte>(dice.bits());
    }
    UnitCounts counts;
    std::uint64_t counts_bits = 0;
    for (std::size_t u = 0; u < 4; ++u) {
      counts[u] =
          static_cast<std::uint32_t>(dice.one_in(8) ? dice.bits() & 0xffff : dice.between(0, 20));
      counts_bits |= std::uint64_t{counts[u]} << (16 * u);
    }
    const auto fault = check_command(command, counts, bindings, kConfig);
    const auto where = static_cast<std::uint32_t>(dice.bits());

    set_bytes(dut->decode_command_i, command.data());
    dut->decode_where_i = where;
    dut->decode_counts_i = counts_bits;
    dut->decode_in_valid_i = 1;
    dut->decode_out_ready_i = 0;
    settle();
    ASSERT_TRUE(dut->decode_in_ready_o);
    edge();
    dut->decode_in_valid_i = 0;
    set_bytes(dut->decode_command_i, CommandBytes{}.data());
    for (int wait = 0; wait < 3; ++wait) {
      settle();
      ASSERT_FALSE(dut->decode_out_valid_o);
      edge();
    }
    do {
      dut->decode_out_ready_i = !stalls();
      settle();
      ASSERT_TRUE(dut->decode_out_valid_o);
      ASSERT_FALSE(dut->decode_in_ready_o);
      ASSERT_EQ(static_cast<spec::Fault>(dut->decode_fault_o), fault)
          << "card says " << spec::name(static_cast<spec::Fault>(dut->decode_fault_o))
          << ", check_command " << spec::name(fault) << ", opcode "
          << static_cast<unsigned>(command[0]);
      if (fault == spec::Fault::kNone) check_resolved(command, where);
      edge();
    } while (!dut->decode_out_ready_i);
    ++seen[static_cast<std::size_t>(fault)];
  }
  for (const auto fault : {spec::Fault::kNone, spec::Fault::kBadOpcode, spec::Fault::kBadField,
                           spec::Fault::kBadAfter, spec::Fault::kBadBinding, spec::Fault::kNoRights,
                           spec::Fault::kBindingRange, spec::Fault::kScratchRange}) {
    EXPECT_GT(seen[static_cast<std::size_t>(fault)], 20u) << spec::name(fault);
  }
}

}  // namespace
}  // namespace weft::test
