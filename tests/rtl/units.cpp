// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/units.h"

#include "runtime/program/footprint.h"
#include "runtime/program/operands.h"

namespace weft::test {
namespace {

constexpr std::uint32_t kProgram = 0x5a7;  // must come back with every write and error
constexpr std::array<std::size_t, 3> kWriterUnit{1, 2, 0};
constexpr unsigned kLoadReader = 1u << 4;

// As the sequencer hands commands over: members of weft_unit_pkg from the last to the first.
template <class Port>
void put_where(FieldWriter<Port>& put, std::uint32_t index) {
  put(16, index)(16, kProgram);
}

std::uint64_t extent(const spec::Load& load) {
  if (load.format == spec::LoadFormat::kMxint8) return panel_bytes(load.rows, load.cols);
  return std::uint64_t{load.extra_groups} * load.group_stride +
         std::uint64_t{load.rows - 1u} * load.row_stride + load.cols * element_bytes(load.format);
}

}  // namespace

Units::Units()
    : bytes(kMemory),
      commands{Source<CommandBytes>(dice), Source<CommandBytes>(dice), Source<CommandBytes>(dice),
               Source<CommandBytes>(dice)},
      v_stalls_{Stalls(dice), Stalls(dice), Stalls(dice), Stalls(dice),
                Stalls(dice), Stalls(dice), Stalls(dice), Stalls(dice)} {
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t bits = dice.bits();
    std::memcpy(&bytes[i], &bits, 8);
  }
  expected_memory.resize(1);
  const auto* start = reinterpret_cast<const std::byte*>(bytes.data());
  expected_memory[0].assign(start, start + bytes.size());
  for (Oracle::Pad* pad : {&expected.a(), &expected.b()}) {
    for (auto& mantissa : pad->mantissas) mantissa = static_cast<std::int8_t>(dice.bits());
    for (auto& scale : pad->scales) {
      scale = static_cast<std::uint8_t>(dice.one_in(400) ? dice.bits() : dice.between(118, 134));
    }
  }
  for (auto& element : expected.v()) element = random_fp32(dice);
  actual = expected;
  fail_at(0);
}

void Units::fail_at(std::uint64_t offset) {
  const sim::MemoryTiming timing{.latency = static_cast<std::uint32_t>(dice.between(1, 80)),
                                 .bytes_per_cycle = kBytes,
                                 .reorder_seed = dice.one_in(4) ? 0 : dice.bits(),
                                 .error_address = offset == 0 ? 0 : kBase + offset};
  memory_ = std::make_unique<sim::AxiMemory>(bytes, kBase, kBytes, timing);
}

void Units::never_stall(std::uint32_t latency) {
  memory_ = std::make_unique<sim::AxiMemory>(
      bytes, kBase, kBytes, sim::MemoryTiming{.latency = latency, .bytes_per_cycle = kBytes});
  v_grants_all = true;
}

void Units::run(std::uint64_t limit) {
  const auto end = cycle + limit;
  const auto busy_now = [&] {
    bool any = dut->active_o != 0;
    for (std::size_t u = 0; u < 4; ++u) {
      any = any || !commands[u].empty() || accepted_[u] != retired_[u];
    }
    return any;
  };
  do {
    drive();
    settle();
    sample();
    edge();
    ASSERT_LT(cycle, end) << "the units do not come to an end";
  } while (busy_now() && !HasFailure());
  ASSERT_EQ(memory_->violation(), nullptr) << memory_->violation();
  // Silence: nothing may be written behind the last retirement.
  for (int i = 0; i < 20; ++i) {
    drive();
    settle();
    EXPECT_EQ(dut->active_o, 0);
    EXPECT_TRUE(!dut->ab_write_o && dut->v_write_valid_o == 0 && dut->v_read_valid_o == 0);
    EXPECT_TRUE(!dut->ar_valid_o && !dut->aw_valid_o && !dut->w_valid_o);
    sample();
    edge();
  }
}

void Units::run_and_reset(std::uint64_t cycles) {
  for (; cycles > 0; --cycles) {
    drive();
    settle();
    sample();
    edge();
  }
  dut->cmd_valid_i = 0;
  dut->r_valid_i = 0;
  dut->b_valid_i = 0;
  dut->v_read_data_valid_i = 0;
  reset();
  for (std::size_t u = 0; u < 4; ++u) commands[u] = Source<CommandBytes>(dice);
  v_due_ = {};
  accepted_ = {};
  retired_ = {};
  fail_at(0);
  expected = actual;
  std::memcpy(expected_memory[0].data(), bytes.data(), kMemory);
}

void Units::compare() {
  ASSERT_EQ(actual.a(), expected.a());
  ASSERT_EQ(actual.b(), expected.b());
  for (std::size_t i = 0; i < actual.v().size(); ++i) {
    ASSERT_EQ(actual.v()[i], expected.v()[i]) << "word " << i / 16 << " element " << i % 16;
  }
  ASSERT_EQ(std::memcmp(bytes.data(), expected_memory[0].data(), kMemory), 0);
}

void Units::drive_command(std::size_t unit, const CommandBytes& command) {
  const std::uint32_t index = accepted_[unit];
  if (unit == 0) {
    const auto c = spec::unpack_load(command);
    FieldWriter put(dut->load_cmd_i);
    const unsigned size_log2 = c.format == spec::LoadFormat::kBf16 ? 1 : 2;
    put(32, c.offset >> size_log2)(16, c.tensor)(32, c.seed);
    put(1, c.rounding == spec::Rounding::kStochastic)(1, c.transpose == spec::Transpose::kYes);
    put(16, c.src_pitch)(16, c.src)(32, c.table_rows);
    put(1, c.source == spec::Source::kGather)(1, c.source == spec::Source::kV);
    put(16, c.dst_pitch)(16, c.dst)(48, extent(c))(32, c.group_stride)(16, c.extra_groups);
    put(32, c.row_stride)(64, kBase + c.offset);
    put(16, c.cols)(16, c.rows)(2, static_cast<unsigned>(c.format));
    put(2, static_cast<unsigned>(c.target));
    put_where(put, index);
  } else if (unit == 1) {
    const auto c = spec::unpack_matmul(command);
    FieldWriter put(dut->matmul_cmd_i);
    put(16, c.initial_pitch)(16, c.initial)(16, c.dst_pitch)(16, c.dst)(16, c.b_pitch)(16, c.b);
    put(16, c.a_pitch)(16, c.a)(16, c.k)(16, c.n)(16, c.m);
    put(1, c.preload == spec::Preload::kV)(1, c.arithmetic == spec::Arithmetic::kMxint8);
    put_where(put, index);
  } else if (unit == 2) {
    const auto c = spec::unpack_vector(command);
    FieldWriter put(dut->vector_cmd_i);
    for (const auto& value : values(c)) put(32, value.bits);
    put(1, static_cast<unsigned>(c.reduce_axis))(3, static_cast<unsigned>(c.reduce));
    put(4, static_cast<unsigned>(c.function))(3, static_cast<unsigned>(c.compare));
    const auto all = operands(c);
    for (std::size_t i = all.size(); i-- > 0;) put(4, static_cast<unsigned>(all[i]));
    put(1, c.convert_out == spec::ConvertOut::kDiscard);
    put(1, c.convert_out == spec::ConvertOut::kInt8)(1, c.convert_in == spec::ConvertIn::kInt32);
    put(16, c.reduce_dst)(16, c.dst_pitch)(16, c.dst)(16, c.row)(16, c.column);
    put(16, c.second_pitch)(16, c.second);
    put(16, c.src_pitch)(16, c.src)(16, c.cols)(16, c.rows);
    put_where(put, index);
  } else {
    const auto c = spec::unpack_store(command);
    FieldWriter put(dut->store_cmd_i);
    put(16, c.src_pitch)(16, c.src)(32, c.group_stride)(16, c.extra_groups)(32, c.row_stride);
    put(64, kBase + c.offset)(16, c.cols)(16, c.rows)(16, all_rows(c));
    put(2, static_cast<unsigned>(c.format));
    put_where(put, index);
  }
}

void Units::drive() {
  slave_ = memory_->drive(cycle);
  dut->ar_ready_i = slave_.ar_ready;
  dut->aw_ready_i = slave_.aw_ready;
  dut->w_ready_i = slave_.w_ready;
  dut->r_valid_i = slave_.r_valid;
  dut->r_error_i = slave_.r_resp != 0;
  dut->r_last_i = slave_.r_last;
  if (slave_.r_valid) set_bytes(dut->r_data_i, slave_.r_data);
  dut->b_valid_i = slave_.b_valid;
  dut->b_error_i = slave_.b_resp != 0;

  dut->cmd_valid_i = 0;
  for (std::size_t u = 0; u < 4; ++u) {
    if (!commands[u].offer()) continue;
    dut->cmd_valid_i |= 1u << u;
    drive_command(u, commands[u].front());
  }
  dut->v_read_ready_i = 0;
  dut->v_write_ready_i = 0;
  dut->v_read_data_valid_i = 0;
  for (std::size_t r = 0; r < kReaders; ++r) {
    if (v_grants_all || !v_stalls_[r]()) dut->v_read_ready_i |= 1u << r;
    if (v_due_[r].empty()) continue;
    dut->v_read_data_valid_i |= 1u << r;
    set_bytes(dut->v_read_data_i[kLanes * r], v_due_[r].data(), kBytes);
  }
  if (cycle % load_reads_every != 0) dut->v_read_ready_i &= static_cast<std::uint8_t>(~kLoadReader);
  for (std::size_t w = 0; w < kWriters; ++w) {
    if (v_grants_all || !v_stalls_[kReaders + w]()) dut->v_write_ready_i |= 1u << w;
  }
  // Data nobody asked for are noise.
  const auto noise = static_cast<std::uint8_t>(dice.bits());
  if (!operands_due_) {
    a_data_.assign(32, noise);
    b_data_.assign(8 * kConfig.array_columns, noise);
  }
  set_bytes(dut->a_data_i, a_data_.data());
  set_bytes(dut->b_data_i, b_data_.data());
  for (std::size_t i = 0; i < 4; ++i) set_bits(dut->a_scale_i, 8 * i, 8, a_scale_[i]);
  for (std::size_t i = 0; i < kConfig.array_columns; ++i) {
    set_bits(dut->b_scale_i, 19 * i, 19, b_scale_[i]);
  }
}

void Units::write_allowed(std::size_t unit, std::uint32_t where) {
  EXPECT_EQ(where >> 16, kProgram);
  EXPECT_GE(where & 0xffff, retired_[unit]) << "a write behind its retirement, unit " << unit;
  EXPECT_LT(where & 0xffff, accepted_[unit]);
}

void Units::sample_v() {
  for (std::size_t r = 0; r < kReaders; ++r) {
    v_due_[r].clear();
    if ((dut->v_read_valid_o & dut->v_read_ready_i & 1u << r) == 0) continue;
    const std::size_t at = dut->v_read_address_o[r] * kLanes;
    ASSERT_LE(at + kLanes, actual.v().size());
    const auto* data = reinterpret_cast<const std::uint8_t*>(&actual.v()[at]);
    v_due_[r].assign(data, data + kBytes);
  }
  for (std::size_t w = 0; w < kWriters; ++w) {
    if ((dut->v_write_valid_o & dut->v_write_ready_i & 1u << w) == 0) continue;
    write_allowed(kWriterUnit[w], dut->v_write_where_o[w]);
    const std::size_t at = dut->v_write_address_o[w] * kLanes;
    ASSERT_LE(at + kLanes, actual.v().size());
    for (std::size_t l = 0; l < kLanes; ++l) {
      if (bits_of(dut->v_write_mask_o, 16 * w + l, 1) == 0) continue;
      actual.v()[at + l] = dut->v_write_data_o[kLanes * w + l];
    }
  }
}

void Units::sample_operands() {
  operands_due_ = dut->operand_read_o;
  if (operands_due_) {
    const auto read = [&](const Oracle::Pad& pad, std::size_t row, std::size_t cell, Bytes& data,
                          std::size_t i) {
      const auto* from = &pad.mantissas[(cell * 16 + row) * 64 + 8 * dut->operand_step_o];
      std::memcpy(&data[8 * i], from, 8);
      return pad.scales[(cell * 16 + row) * 2 + dut->operand_step_o / 4];
    };
    for (std::size_t i = 0; i < 4; ++i) {
      a_scale_[i] = read(actual.a(), 4u * dut->a_sub_o + i, dut->a_cell_o, a_data_, i);
    }
    const std::size_t columns = kConfig.array_columns;
    for (std::size_t i = 0; i < columns; ++i) {
      const auto scale = read(actual.b(), columns * dut->b_sub_o + i, dut->b_cell_o, b_data_, i);
      b_scale_[i] = scale == 255 ? 0x3fe00u : std::uint32_t{scale} << 10;
    }
  }
  if (!dut->ab_write_o) return;
  FieldReader place(dut->ab_place_o);
  const auto scales = place(16);
  const auto scale_write = place(2);
  const auto step = place(3);
  const auto row = place(4);
  const auto cell = place(16);
  Oracle::Pad& pad = place(1) ? actual.b() : actual.a();
  write_allowed(0, static_cast<std::uint32_t>(place(32)));
  ASSERT_LT(cell, pad.mantissas.size() / 1024);
  const auto data = bytes_of(dut->ab_data_o);
  for (std::size_t s = 0; s < kBytes / 8; ++s) {
    if ((dut->ab_mask_o >> s & 1) == 0) continue;
    std::memcpy(&pad.mantissas[(cell * 16 + row) * 64 + 8 * (step + s)], &data[8 * s], 8);
  }
  for (std::size_t b = 0; b < 2; ++b) {
    if ((scale_write >> b & 1) == 0) continue;
    pad.scales[(cell * 16 + row) * 2 + b] = static_cast<std::uint8_t>(scales >> (8 * b));
  }
}

void Units::sample() {
  sample_v();
  sample_operands();
  const auto error_of = [](const auto& port) {
    FieldReader get(port);
    Error error{};
    error.address = get(64);
    error.command = static_cast<std::uint32_t>(get(16));
    error.program = static_cast<std::uint32_t>(get(16));
    return error;
  };
  if (dut->load_error_valid_o) load_errors.push_back(error_of(dut->load_error_o));
  if (dut->index_error_valid_o) index_errors.push_back(error_of(dut->index_error_o));
  if (dut->store_error_valid_o) store_errors.push_back(error_of(dut->store_error_o));
  if (dut->w_valid_o && dut->w_ready_i) write_allowed(3, dut->store_write_where_o);
  for (std::size_t u = 0; u < 4; ++u) {
    if (accepted_[u] != retired_[u]) EXPECT_TRUE(dut->active_o >> u & 1) << "unit " << u;
    if (dut->retire_o >> u & 1) {
      EXPECT_LT(retired_[u], accepted_[u]) << "unit " << u;
      ++retired_[u];
    }
    busy[u] += dut->busy_o >> u & 1;
    active[u] += dut->active_o >> u & 1;
    if (commands[u].taken(dut->cmd_ready_o >> u & 1)) ++accepted_[u];
  }
  const auto w_data = bytes_of(dut->w_data_o);
  memory_->sample({.ar_valid = dut->ar_valid_o != 0,
                   .ar_address = dut->ar_address_o,
                   .ar_len = dut->ar_len_o,
                   .aw_valid = dut->aw_valid_o != 0,
                   .aw_address = dut->aw_address_o,
                   .aw_len = dut->aw_len_o,
                   .w_valid = dut->w_valid_o != 0,
                   .w_data = w_data.data(),
                   .w_strobe = dut->w_strobe_o,
                   .w_last = dut->w_last_o != 0},
                  cycle);
}

}  // namespace weft::test
