// SPDX-License-Identifier: Apache-2.0
// weft_decode against check_command: random, legal and mutated commands.
#include <array>

#include "Vweft_sequencer_bench.h"
#include "runtime/program/check.h"
#include "runtime/program/image.h"
#include "runtime/program/operands.h"
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

  template <class Transfer>
  void deal_groups(Transfer& c) {
    if (dice.one_in(2)) return;
    c.extra_groups = number();
    if (c.extra_groups > 0) c.group_stride = number() * (dice.one_in(8) ? 1u : 4u);
  }

  // Mostly one that is allowed; now and then so long that its end needs all bits.
  void deal_table(spec::Load& c) {
    c.source = spec::Source::kGather;
    c.src = number();
    c.table_rows = static_cast<std::uint32_t>(dice.one_in(4) ? dice.bits() >> dice.between(33, 60)
                                                             : dice.between(0, 2000));
    if (dice.one_in(8)) return;
    c.target = spec::Target::kV;
    c.format = dice.one_in(2) ? spec::LoadFormat::kFp32 : spec::LoadFormat::kBf16;
    c.transpose = spec::Transpose::kNo;
    c.rounding = spec::Rounding::kNearest;
    c.tensor = 0, c.seed = 0, c.seed_scalar = 0, c.extra_groups = 0, c.group_stride = 0;
    if (dice.one_in(4)) c.row_stride = static_cast<std::uint32_t>(dice.bits() >> 32) / 4 * 4;
  }

  // Whether a cycle goes by before the fields are looked at.
  static bool takes_longer(const CommandBytes& command) {
    switch (static_cast<spec::Opcode>(command[0])) {
      case spec::Opcode::kLoad:
        return spec::unpack_load(command).extra_groups > 0 ||
               spec::unpack_load(command).source == spec::Source::kGather;
      case spec::Opcode::kStore:
        return spec::unpack_store(command).extra_groups > 0;
      default:
        return false;
    }
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
        if (c.format != spec::LoadFormat::kMxint8) deal_groups(c);
        if (dice.one_in(2)) c.transpose = any<spec::Transpose>(2);
        if (dice.one_in(2)) c.rounding = any<spec::Rounding>(2);
        if (c.rounding == spec::Rounding::kStochastic) {
          c.tensor = number();
          c.seed_scalar = static_cast<std::uint8_t>(dice.between(0, dice.one_in(2) ? 17 : 0));
          if (c.seed_scalar == 0) c.seed = static_cast<std::uint32_t>(dice.bits());
        }
        if (dice.one_in(4)) {
          c.source = spec::Source::kV;
          c.format = spec::LoadFormat::kFp32;
          c.src = number(), c.src_pitch = number();
          if (!dice.one_in(8)) c.binding = 0, c.extra_groups = 0, c.group_stride = 0;
          if (dice.one_in(2)) c.offset = dice.bits() << 2;
          if (c.rounding != spec::Rounding::kStochastic) c.offset = 0, c.row_stride = 0;
        } else if (dice.one_in(3)) {
          deal_table(c);
        }
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
                       .multiplicand = any<spec::Operand>(9),
                       .addend = any<spec::Operand>(9)};
        c.rows = number(1), c.cols = number(1);
        c.src = number(), c.src_pitch = number();
        c.compare = any<spec::Compare>(5);
        if (c.compare != spec::Compare::kNone) c.compare_with = any<spec::Operand>(9);
        c.function = any<spec::Function>(9);
        if (c.function == spec::Function::kDivide) c.divisor = any<spec::Operand>(9);
        c.multiplicand2 = any<spec::Operand>(9), c.addend2 = any<spec::Operand>(9);
        c.reduce = any<spec::Reduce>(5);
        if (c.reduce != spec::Reduce::kNone) {
          c.reduce_dst = number(), c.reduce_axis = any<spec::ReduceAxis>(2);
        }
        c.convert_out = any<spec::ConvertOut>(c.reduce == spec::Reduce::kNone ? 2 : 3);
        if (c.convert_out != spec::ConvertOut::kDiscard) c.dst = number(), c.dst_pitch = number(1);
        if (uses(c, spec::Operand::kSecond)) c.second = number(), c.second_pitch = number();
        if (uses(c, spec::Operand::kColumn)) c.column = number();
        if (uses(c, spec::Operand::kRow)) c.row = number();
        const auto deal_value = [&](spec::Operand o, std::uint32_t& value, std::uint8_t& scalar) {
          if (!uses(c, o)) return;
          scalar = static_cast<std::uint8_t>(dice.between(0, 16));
          if (scalar == 0) value = static_cast<std::uint32_t>(dice.bits());
        };
        deal_value(spec::Operand::kValue0, c.value0, c.value0_scalar);
        deal_value(spec::Operand::kValue1, c.value1, c.value1_scalar);
        deal_value(spec::Operand::kValue2, c.value2, c.value2_scalar);
        deal_value(spec::Operand::kValue3, c.value3, c.value3_scalar);
        return spec::pack(c);
      }
      default: {
        spec::Store c{.format = any<spec::StoreFormat>(3)};
        c.binding = static_cast<std::uint8_t>(dice.between(0, bindings.size()));
        c.rows = number(1), c.cols = number(1);
        c.offset = offset;
        c.row_stride = c.cols * 4u + number() / 8u * 4u;
        deal_groups(c);
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
        const bool from_v = c.source == spec::Source::kV;
        const unsigned size = c.format == spec::LoadFormat::kBf16 ? 2 : 4;
        const auto index = get(32);
        if (c.rounding == spec::Rounding::kStochastic) {
          ASSERT_EQ(index, static_cast<std::uint32_t>(c.offset / size));
        }
        ASSERT_EQ(get(16), c.tensor);
        ASSERT_EQ(get(32), c.seed_scalar == 0 ? c.seed : scalars[c.seed_scalar - 1u]);
        ASSERT_EQ(get(1), c.rounding == spec::Rounding::kStochastic);
        ASSERT_EQ(get(1), c.transpose == spec::Transpose::kYes);
        ASSERT_EQ(get(16), c.src_pitch);
        ASSERT_EQ(get(16), c.src);
        ASSERT_EQ(get(32), c.table_rows);
        ASSERT_EQ(get(1), c.source == spec::Source::kGather);
        ASSERT_EQ(get(1), from_v);
        ASSERT_EQ(get(16), c.dst_pitch);
        ASSERT_EQ(get(16), c.dst);
        const auto extent = get(48);
        if (!from_v) ASSERT_LE(c.offset + extent, bindings[c.binding].size);
        ASSERT_EQ(get(32), c.group_stride);
        ASSERT_EQ(get(16), c.extra_groups);
        ASSERT_EQ(get(32), c.row_stride);
        const auto address = get(64);
        if (!from_v) ASSERT_EQ(address, kArena + bindings[c.binding].offset + c.offset);
        ASSERT_EQ(get(16), c.cols);
        ASSERT_EQ(get(16), c.rows);
        ASSERT_EQ(get(2), static_cast<unsigned>(c.format));
        ASSERT_EQ(get(2), static_cast<unsigned>(c.target));
        ASSERT_EQ(get(32), where);
        break;
      }
      case spec::Opcode::kVector: {
        const auto c = spec::unpack_vector(command);
        FieldReader get(dut->decode_vector_o);
        for (const auto& [bits, scalar] : values(c)) {
          ASSERT_EQ(get(32), scalar == 0 ? bits : scalars[scalar - 1u]);
        }
        ASSERT_EQ(get(1), static_cast<unsigned>(c.reduce_axis));
        ASSERT_EQ(get(3), static_cast<unsigned>(c.reduce));
        ASSERT_EQ(get(4), static_cast<unsigned>(c.function));
        ASSERT_EQ(get(3), static_cast<unsigned>(c.compare));
        const auto all = operands(c);
        for (std::size_t i = all.size(); i-- > 0;) {
          ASSERT_EQ(get(4), static_cast<unsigned>(all[i])) << "operand " << i;
        }
        ASSERT_EQ(get(1), c.convert_out == spec::ConvertOut::kDiscard);
        ASSERT_EQ(get(1), c.convert_out == spec::ConvertOut::kInt8);
        ASSERT_EQ(get(1), c.convert_in == spec::ConvertIn::kInt32);
        ASSERT_EQ(get(16), c.reduce_dst);
        ASSERT_EQ(get(16), c.dst_pitch);
        ASSERT_EQ(get(16), c.dst);
        ASSERT_EQ(get(16), c.row);
        ASSERT_EQ(get(16), c.column);
        ASSERT_EQ(get(16), c.second_pitch);
        ASSERT_EQ(get(16), c.second);
        ASSERT_EQ(get(16), c.src_pitch);
        ASSERT_EQ(get(16), c.src);
        ASSERT_EQ(get(16), c.cols);
        ASSERT_EQ(get(16), c.rows);
        ASSERT_EQ(get(32), where);
        break;
      }
      case spec::Opcode::kStore: {
        const auto c = spec::unpack_store(command);
        FieldReader get(dut->decode_store_o);
        ASSERT_EQ(get(16), c.src_pitch);
        ASSERT_EQ(get(16), c.src);
        ASSERT_EQ(get(32), c.group_stride);
        ASSERT_EQ(get(16), c.extra_groups);
        ASSERT_EQ(get(32), c.row_stride);
        ASSERT_EQ(get(64), kArena + bindings[c.binding].offset + c.offset);
        ASSERT_EQ(get(16), c.cols);
        ASSERT_EQ(get(16), c.rows);
        ASSERT_EQ(get(16), all_rows(c));
        break;
      }
      default:
        break;
    }
  }

  // Up to the cycle in which the verdict stands.
  void offer(const CommandBytes& command, std::uint32_t where, std::uint64_t counts) {
    set_bytes(dut->decode_command_i, command.data());
    dut->decode_where_i = where;
    dut->decode_counts_i = counts;
    dut->decode_in_valid_i = 1;
    dut->decode_out_ready_i = 0;
    settle();
    ASSERT_TRUE(dut->decode_in_ready_o);
    edge();
    dut->decode_in_valid_i = 0;
    set_bytes(dut->decode_command_i, CommandBytes{}.data());
    for (int wait = takes_longer(command) ? 4 : 3; wait > 0; --wait) {
      settle();
      ASSERT_FALSE(dut->decode_out_valid_o);
      edge();
    }
  }

  template <class Command>
  spec::Fault verdict(const Command& command) {
    offer(spec::pack(command), 0, 0);
    dut->decode_out_ready_i = 1;
    settle();
    EXPECT_TRUE(dut->decode_out_valid_o);
    const auto fault = static_cast<spec::Fault>(dut->decode_fault_o);
    edge();
    return fault;
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

    offer(command, where, counts_bits);
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

// Each rule beyond the ranges, broken alone.
TEST_F(Decode, AVectorCommandBreaksNoRule) {
  using spec::Operand;
  deal();
  const spec::Vector plain{.rows = 3, .cols = 40, .dst = 20, .dst_pitch = 3};
  // All operands, and a reduction.
  spec::Vector full = plain;
  full.multiplicand = Operand::kSecond, full.addend = Operand::kColumn;
  full.compare = spec::Compare::kMax, full.compare_with = Operand::kRow;
  full.function = spec::Function::kDivide, full.divisor = Operand::kValue0;
  full.multiplicand2 = Operand::kValue3, full.addend2 = Operand::kInput;
  full.second = 40, full.second_pitch = 3, full.column = 60, full.row = 64;
  full.value0 = 1, full.value3_scalar = 16;
  full.reduce = spec::Reduce::kArgmax, full.reduce_axis = spec::ReduceAxis::kColumn;
  full.reduce_dst = 70;
  EXPECT_EQ(verdict(plain), spec::Fault::kNone);
  EXPECT_EQ(verdict(full), spec::Fault::kNone);

  const auto breaks = [&](const spec::Vector& from, auto&& change, const char* rule) {
    spec::Vector command = from;
    change(command);
    EXPECT_EQ(verdict(command), spec::Fault::kBadField) << rule;
  };
  const auto holds = [&](const spec::Vector& from, auto&& change, const char* rule) {
    spec::Vector command = from;
    change(command);
    EXPECT_EQ(verdict(command), spec::Fault::kNone) << rule;
  };
  breaks(plain, [](auto& c) { c.second = 1; }, "second unused");
  breaks(plain, [](auto& c) { c.second_pitch = 1; }, "second unused");
  breaks(plain, [](auto& c) { c.column = 1; }, "column unused");
  breaks(plain, [](auto& c) { c.row = 1; }, "row unused");
  breaks(plain, [](auto& c) { c.value1 = 1; }, "value unused");
  breaks(plain, [](auto& c) { c.value2_scalar = 1; }, "scalar unused");
  breaks(full, [](auto& c) { c.value0_scalar = 1; }, "a scalar and a value");
  breaks(full, [](auto& c) { c.value3 = 1; }, "a scalar and a value");
  breaks(plain, [](auto& c) { c.compare = spec::Compare::kEqual; }, "compare needs an operand");
  breaks(plain, [](auto& c) { c.compare_with = Operand::kInput; }, "an operand needs compare");
  breaks(plain, [](auto& c) { c.function = spec::Function::kDivide; }, "divide needs a divisor");
  breaks(plain, [](auto& c) { c.divisor = Operand::kInput; }, "a divisor needs divide");
  breaks(full, [](auto& c) { c.function = spec::Function::kSqrt; }, "a divisor needs divide");
  breaks(plain, [](auto& c) { c.reduce_dst = 1; }, "reduce_dst without reduce");
  breaks(plain, [](auto& c) { c.reduce_axis = spec::ReduceAxis::kColumn; }, "axis without reduce");
  breaks(plain, [](auto& c) { c.dst_pitch = 2; }, "rows overlap");
  holds(plain, [](auto& c) { c.rows = 1, c.dst_pitch = 0; }, "one row does not");
  const auto discard = [](auto& c) {
    c.convert_out = spec::ConvertOut::kDiscard, c.dst = 0, c.dst_pitch = 0;
  };
  breaks(plain, discard, "discard without reduce");
  holds(full, discard, "discard");
  breaks(full, [&](auto& c) { discard(c), c.dst = 1; }, "dst of discard");
  breaks(full, [&](auto& c) { discard(c), c.dst_pitch = 3; }, "dst_pitch of discard");
  // The operand vectors have no more elements than their memories.
  const auto long_row = [](auto& c) {
    c.rows = 4097, c.cols = 1, c.src_pitch = 0, c.reduce = spec::Reduce::kMax;
    c.convert_out = spec::ConvertOut::kDiscard, c.dst = 0, c.dst_pitch = 0, c.reduce_dst = 0;
  };
  const auto long_column = [](auto& c) { c.rows = 1, c.cols = 4097; };
  holds(plain, long_row, "4097 rows");
  holds(plain, long_column, "4097 columns");
  breaks(plain, [&](auto& c) { long_row(c), c.addend = Operand::kRow; }, "a row vector of 4097");
  breaks(
      plain, [&](auto& c) { long_column(c), c.addend2 = Operand::kColumn; },
      "a column vector of 4097");
}

// Sums of rows at the ends of what 16 and 32 bits hold.
TEST_F(Decode, RowsOfAllGroupsAreAtMost65535) {
  deal();
  bindings[0] = {.offset = 0, .size = 0xffff'ffff'ffff, .rights = 3};
  set_bits(dut->decode_table_i, 0, 48, 0);
  set_bits(dut->decode_table_i, 48, 48, bindings[0].size);
  set_bits(dut->decode_table_i, 96, 2, 3);
  const auto of_store = [&](unsigned rows, unsigned extra_groups) {
    return verdict(spec::Store{.rows = static_cast<std::uint16_t>(rows),
                               .cols = 1,
                               .row_stride = 4,
                               .extra_groups = static_cast<std::uint16_t>(extra_groups),
                               .group_stride = extra_groups > 0 ? 0xffff'fffcu : 0});
  };
  EXPECT_EQ(of_store(1, 65534), spec::Fault::kNone);
  EXPECT_EQ(of_store(1, 65535), spec::Fault::kScratchRange);
  EXPECT_EQ(of_store(257, 254), spec::Fault::kNone);
  EXPECT_EQ(of_store(256, 255), spec::Fault::kScratchRange);
  EXPECT_EQ(of_store(65535, 0), spec::Fault::kNone);
  EXPECT_EQ(of_store(65535, 1), spec::Fault::kScratchRange);
  EXPECT_EQ(of_store(65535, 65535), spec::Fault::kScratchRange);
  spec::Load load{.target = spec::Target::kA, .format = spec::LoadFormat::kFp32};
  load.transpose = spec::Transpose::kYes;
  load.rows = load.extra_groups = 65535;
  load.cols = 17;
  load.dst_pitch = 65535;
  EXPECT_EQ(verdict(load), spec::Fault::kBadField);  // 17 rows need a pitch
  load.cols = 16;
  EXPECT_EQ(verdict(load), spec::Fault::kScratchRange);
}

// What 32 bits cut off is still beyond the end: the last group starts 4 GiB behind the first.
TEST_F(Decode, GroupsBeyondFourGibibytesLeaveTheirBinding) {
  deal();
  bindings[0] = {.offset = 0, .size = 4096, .rights = 3};
  set_bits(dut->decode_table_i, 0, 48, 0);
  set_bits(dut->decode_table_i, 48, 48, bindings[0].size);
  set_bits(dut->decode_table_i, 96, 2, 3);
  spec::Store store{.format = spec::StoreFormat::kInt8, .rows = 1, .cols = 1};
  store.extra_groups = 4;
  store.group_stride = 0x4000'0000;
  EXPECT_EQ(verdict(store), spec::Fault::kBindingRange);
  spec::Load load{.target = spec::Target::kB, .format = spec::LoadFormat::kInt8};
  load.rows = load.cols = 1;
  load.extra_groups = 4;
  load.group_stride = 0x4000'0000;
  EXPECT_EQ(verdict(load), spec::Fault::kBindingRange);
}

// Each place in V, one word too far.
TEST_F(Decode, AVectorCommandStaysInV) {
  deal();
  constexpr std::uint16_t kWords = kConfig.v_bytes / spec::kWordBytes;
  spec::Vector v{.rows = 2, .cols = 17, .src_pitch = 2, .dst_pitch = 2};
  v.multiplicand = spec::Operand::kSecond, v.addend = spec::Operand::kColumn;
  v.multiplicand2 = spec::Operand::kRow, v.second_pitch = 2;
  v.reduce = spec::Reduce::kSum;
  const auto ends = [&](std::uint16_t spec::Vector::* place, unsigned words) {
    v.*place = static_cast<std::uint16_t>(kWords - words);
    EXPECT_EQ(verdict(v), spec::Fault::kNone) << words;
    ++(v.*place);
    EXPECT_EQ(verdict(v), spec::Fault::kScratchRange) << words;
    v.*place = 0;
  };
  ends(&spec::Vector::src, 4);
  ends(&spec::Vector::second, 4);
  ends(&spec::Vector::dst, 4);
  ends(&spec::Vector::column, 2);
  ends(&spec::Vector::row, 1);
  ends(&spec::Vector::reduce_dst, 1);
  v.reduce_axis = spec::ReduceAxis::kColumn;
  ends(&spec::Vector::reduce_dst, 2);
}

}  // namespace
}  // namespace weft::test
