// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/fake_units.h"

namespace weft::test {

FakeUnits::FakeUnits()
    : bytes(256 * 1024), stalls_{Stalls(dice), Stalls(dice), Stalls(dice), Stalls(dice)} {
  timing = {.latency = static_cast<std::uint32_t>(dice.between(1, 60)),
            .bytes_per_cycle = kBytes,
            .reorder_seed = dice.bits() | 1};
  dut->arena_i = kArena;
  dut->record_i = kRecord;
}

CommandBytes FakeUnits::command(std::size_t unit, const std::array<std::uint16_t, 4>& after) {
  const auto with_after = [&](auto c) {
    c.after_load = after[0];
    c.after_matmul = after[1];
    c.after_vector = after[2];
    c.after_store = after[3];
    return spec::pack(c);
  };
  switch (unit) {
    case 0:
      return with_after(spec::Load{.rows = 1, .cols = 1});
    case 1:
      return with_after(spec::Matmul{.m = 1, .n = 1, .k = 1});
    case 2:
      return with_after(spec::Vector{.rows = 1, .cols = 1});
    default:
      return with_after(spec::Store{.rows = 1, .cols = 1});
  }
}

TestProgram FakeUnits::random_program(std::size_t commands) {
  TestProgram program;
  program.bindings.resize(dice.between(1, 32), {.offset = 0, .size = 1 << 16, .rights = 3});
  for (auto& scalar : program.entry.scalar) scalar = static_cast<std::uint32_t>(dice.bits());
  std::array<std::uint16_t, 4> counts{};
  for (std::size_t i = 0; i < commands; ++i) {
    std::array<std::uint16_t, 4> after{};
    for (std::size_t u = 0; u < 4; ++u) {
      if (dice.one_in(2)) continue;
      after[u] = static_cast<std::uint16_t>(counts[u] - dice.between(0, counts[u]) / 4);
    }
    const auto unit = dice.between(0, 3);
    program.commands.push_back(command(unit, after));
    ++counts[unit];
  }
  return program;
}

TestLaunch FakeUnits::random_launch() {
  TestLaunch launch;
  launch.launch = {.magic = spec::kMagic,
                   .mode = spec::LaunchMode::kRun,
                   .spec_hash = spec::kSpecHash,
                   .completion = kCompletion,
                   .list = kList,
                   .entries = static_cast<std::uint32_t>(dice.between(1, 4))};
  for (std::uint32_t i = 0; i < launch.launch.entries; ++i) {
    launch.programs.push_back(random_program(dice.between(1, dice.one_in(3) ? 120 : 12)));
  }
  return launch;
}

void FakeUnits::place(TestLaunch& launch) {
  const auto put = [&](std::uint64_t at, const auto& packed) {
    std::memcpy(&bytes[at], packed.data(), packed.size());
  };
  std::fill(bytes.begin(), bytes.end(), std::uint8_t{0xee});
  std::uint64_t free = 4096;
  for (std::size_t p = 0; p < launch.programs.size(); ++p) {
    TestProgram& program = launch.programs[p];
    spec::Entry& entry = program.entry;
    entry.binding_table = free;
    entry.bindings = static_cast<std::uint32_t>(program.bindings.size());
    for (const auto& binding : program.bindings) {
      put(free, spec::pack(binding));
      free += 32;
    }
    free = (free + 63) / 64 * 64 + 64 * dice.between(0, 70);
    entry.program = free;
    entry.commands = static_cast<std::uint32_t>(program.commands.size());
    for (const auto& one : program.commands) {
      put(free, one);
      free += 64;
    }
    put(kList + 128 * p, spec::pack(entry));
  }
  put(kRecord, spec::pack(launch.launch));
  placed_ = launch;
}

void FakeUnits::reset_all() {
  dut->start_i = dut->r_valid_i = dut->b_valid_i = 0;
  dut->active_i = dut->retire_i = dut->read_error_valid_i = dut->write_error_valid_i = 0;
  dut->index_error_valid_i = 0;
  reset();
  for (auto& unit : taken_) unit.clear();
}

void FakeUnits::start() {
  memory_ = std::make_unique<sim::AxiMemory>(bytes, kArena, kBytes, timing);
  std::fill(&bytes[kCompletion], &bytes[kCompletion + 512], std::uint8_t{0xee});
  for (auto& unit : taken_) unit.clear();
  retired_ = accepted_ = retired_in_launch = {};
  program_ = 0;
  clears = read_beats = 0;
  dut->start_i = 1;
}

bool FakeUnits::step() {
  drive();
  settle();
  dut->memory_moves_i = slave_.r_valid || slave_.b_valid || (dut->ar_valid_o && slave_.ar_ready) ||
                        (dut->aw_valid_o && slave_.aw_ready) || (dut->w_valid_o && slave_.w_ready);
  settle();
  const bool accepted = dut->accept_o;
  const bool done = dut->done_o;
  sample();
  edge();
  if (accepted) dut->start_i = 0;
  return done;
}

std::optional<spec::Completion> FakeUnits::run(std::uint64_t limit) {
  start();
  const auto end = cycle + limit;
  while (!step() && !HasFailure()) {
    if (cycle > end) {
      ADD_FAILURE() << "the launch does not end";
      return std::nullopt;
    }
  }
  settle();
  EXPECT_TRUE(dut->idle_o);
  EXPECT_EQ(memory_->violation(), nullptr);
  if (bytes[kCompletion] == 0xee) return std::nullopt;
  const auto* at = reinterpret_cast<const std::byte*>(&bytes[kCompletion]);
  return spec::unpack_completion(std::span<const std::byte, 512>(at, 512));
}

void FakeUnits::run_some(std::uint64_t cycles) {
  start();
  for (; cycles > 0 && !step(); --cycles) {
  }
}

void FakeUnits::drive() {
  if (silent_at_record && dut->aw_valid_o) memory_silent = true;
  slave_ = memory_silent ? sim::SlaveSignals{} : memory_->drive(cycle);
  dut->ar_ready_i = slave_.ar_ready;
  dut->aw_ready_i = slave_.aw_ready;
  dut->w_ready_i = slave_.w_ready;
  dut->b_valid_i = slave_.b_valid;
  dut->b_error_i = slave_.b_resp != 0;
  dut->r_valid_i = slave_.r_valid;
  dut->r_error_i = slave_.r_resp != 0;
  if (slave_.r_valid) set_bytes(dut->r_data_i, slave_.r_data);
  dut->cmd_ready_i = dut->retire_i = dut->active_i = dut->busy_i = 0;
  dut->wait_read_i = dut->wait_write_i = dut->wait_bank_i = 0;
  dut->read_error_valid_i = dut->index_error_valid_i = dut->write_error_valid_i = 0;
  for (std::size_t u = 0; u < 4; ++u) {
    if (taken_[u].size() < 3 && !stalls_[u]()) dut->cmd_ready_i |= 1u << u;
    if (taken_[u].empty() || u == dead_unit) continue;
    dut->active_i |= 1u << u;
    if (dice.one_in(2)) dut->busy_i |= 1u << u;
    if (dice.one_in(4)) dut->wait_bank_i |= 1u << u;
    const Taken& first = taken_[u].front();
    const auto report = [&](auto& port) { FieldWriter(port)(64, 0xabcd00 + u)(32, first.where); };
    if (u == 0 && read_error_next) {
      dut->read_error_valid_i = 1;
      report(dut->read_error_i);
      read_error_next = false;
    } else if (u == 3 && write_error_next) {
      dut->write_error_valid_i = 1;
      report(dut->write_error_i);
      write_error_next = false;
    } else if (u == 0 && index_error_next && first.retires_at <= cycle) {
      dut->index_error_valid_i = 1;
      report(dut->index_error_i);
      index_error_next = false;
    } else if (first.retires_at <= cycle) {
      dut->retire_i |= 1u << u;
    }
  }
}

void FakeUnits::check_order(std::size_t unit, std::uint32_t where) {
  const std::uint32_t program = where >> 16;
  const std::uint32_t index = where & 0xffff;
  if (program != program_) {
    ASSERT_EQ(program, program_ + 1);
    ASSERT_EQ(retired_, accepted_) << "a program began before the last one ended";
    program_ = program;
    retired_ = accepted_ = {};
  }
  ASSERT_LT(program, placed_.programs.size());
  const auto& commands = placed_.programs[program].commands;
  ASSERT_LT(index, commands.size());
  // The unit's next one, and everything it waits for has retired.
  std::uint32_t earlier = 0;
  for (std::uint32_t i = 0; i < index; ++i) {
    earlier += static_cast<std::size_t>(commands[i][0]) == unit + 1;
  }
  ASSERT_EQ(static_cast<std::size_t>(commands[index][0]), unit + 1);
  ASSERT_EQ(earlier, accepted_[unit]);
  const auto common = spec::unpack_load(commands[index]);
  const std::array<std::uint32_t, 4> after{common.after_load, common.after_matmul,
                                           common.after_vector, common.after_store};
  for (std::size_t u = 0; u < 4; ++u) ASSERT_GE(retired_[u], after[u]);
}

void FakeUnits::sample() {
  for (std::size_t u = 0; u < 4; ++u) {
    if (dut->cmd_valid_o & dut->cmd_ready_i & 1u << u) {
      check_order(u, dut->cmd_where_o[u]);
      ++accepted_[u];
      const auto time = dice.one_in(4) ? dice.between(1, 100) : dice.between(1, 6);
      taken_[u].push_back({dut->cmd_where_o[u], cycle + time});
    }
  }
  // Counted behind the checks: a command sees only what retired in earlier cycles.
  for (std::size_t u = 0; u < 4; ++u) {
    if ((dut->retire_i >> u & 1) == 0) continue;
    taken_[u].pop_front();
    ++retired_[u];
    ++retired_in_launch[u];
  }
  clears += dut->unit_clear_o;
  if (dut->unit_clear_o) {
    for (auto& unit : taken_) unit.clear();
  }
  if (memory_silent) return;
  read_beats += slave_.r_valid;
  const auto data = bytes_of(dut->w_data_o);
  memory_->sample({.ar_valid = dut->ar_valid_o != 0,
                   .ar_address = dut->ar_address_o,
                   .ar_len = dut->ar_len_o,
                   .aw_valid = dut->aw_valid_o != 0,
                   .aw_address = dut->aw_address_o,
                   .aw_len = dut->aw_len_o,
                   .w_valid = dut->w_valid_o != 0,
                   .w_data = data.data(),
                   .w_strobe = ~std::uint64_t{0},
                   .w_last = dut->w_last_o != 0},
                  cycle);
}

void FakeUnits::expect_sound() {
  auto launch = random_launch();
  place(launch);
  const auto completion = run();
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->status, spec::Status::kDone);
  EXPECT_EQ(fault(), spec::Fault::kNone);
}

}  // namespace weft::test
