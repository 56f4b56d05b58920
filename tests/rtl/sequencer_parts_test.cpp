// SPDX-License-Identifier: Apache-2.0
// weft_fetch, weft_unit_queue, weft_completion and weft_counters.
#include <array>
#include <deque>

#include "Vweft_parts_bench.h"
#include "sim/axi_memory.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

constexpr std::uint64_t kBase = 0x1'0000'0000;

class SequencerParts : public Bench<Vweft_parts_bench> {
 protected:
  SequencerParts() : bytes(64 * 1024) {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(dice.bits());
  }

  sim::AxiMemory memory_with(sim::MemoryTiming timing) {
    timing.reorder_seed = dice.bits() | 1;
    return {bytes, kBase, kBytes, timing};
  }

  std::vector<std::uint8_t> bytes;
};

TEST_F(SequencerParts, FetchBringsEveryLineOnceAndMarksThoseWithAnError) {
  constexpr std::uint64_t kBeats = 64 / kBytes;  // of a line
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t lines = dice.between(1, 60);
    const std::uint64_t first = dice.between(0, bytes.size() / 64 - lines);
    const bool cancel = dice.one_in(4);
    const std::uint64_t error_rate = dice.one_in(2) ? 0 : dice.between(2, 40);
    auto memory = memory_with(
        {.latency = static_cast<std::uint32_t>(dice.between(1, 40)), .bytes_per_cycle = kBytes});
    Stalls stalls(dice);
    std::vector<bool> failed(lines);  // a beat of the line came with an error
    std::uint64_t beats = 0;
    std::uint64_t seen = 0;
    dut->fetch_request_i = 1;
    dut->fetch_request_address_i = kBase + 64 * first;
    dut->fetch_request_lines_i = static_cast<std::uint32_t>(lines);
    dut->fetch_cancel_i = 0;
    bool idle = false;
    for (int i = 0; i < 20000 && !idle; ++i) {
      const auto& slave = memory.drive(cycle);
      const bool error = slave.r_valid && error_rate != 0 && dice.one_in(error_rate);
      dut->fetch_ar_ready_i = slave.ar_ready;
      dut->fetch_r_valid_i = slave.r_valid;
      if (slave.r_valid) set_bytes(dut->fetch_r_data_i, slave.r_data);
      dut->fetch_r_error_i = error;
      dut->fetch_line_ready_i = !stalls();
      if (i > 0 && cancel && dice.one_in(20)) dut->fetch_cancel_i = 1;
      settle();
      if (dut->fetch_line_valid_o && dut->fetch_line_ready_i) {
        ASSERT_LT(seen, lines);
        ASSERT_EQ(dut->fetch_line_address_o, kBase + 64 * (first + seen));
        ASSERT_EQ(dut->fetch_line_error_o, failed[seen]);
        const auto line = bytes_of(dut->fetch_line_o);
        ASSERT_EQ(std::memcmp(line.data(), &bytes[64 * (first + seen)], 64), 0);
        ++seen;
      }
      if (slave.r_valid) {
        ASSERT_LT(beats, lines * kBeats);
        if (error) failed[beats / kBeats] = true;
        ++beats;
      }
      idle = i > 0 && dut->fetch_idle_o;
      memory.sample({.ar_valid = dut->fetch_ar_valid_o != 0,
                     .ar_address = dut->fetch_ar_address_o,
                     .ar_len = dut->fetch_ar_len_o},
                    cycle);
      edge();
      dut->fetch_request_i = 0;
    }
    ASSERT_TRUE(idle);
    ASSERT_EQ(memory.violation(), nullptr);
    if (!cancel) ASSERT_EQ(seen, lines);
    ASSERT_EQ(beats, seen * kBeats) << "something requested was not delivered";
  }
}

TEST_F(SequencerParts, UnitQueueHoldsEachCommandUntilWhatItWaitsForHasRetired) {
  using Counts = std::array<std::uint16_t, 4>;
  struct Command {
    Counts after;
    std::uint32_t data;
  };
  const auto packed = [](const Counts& counts) {
    std::uint64_t value = 0;
    for (std::size_t u = 0; u < 4; ++u) value |= std::uint64_t{counts[u]} << (16 * u);
    return value;
  };
  Source<Command> commands(dice);
  Counts last{};
  for (int i = 0; i < 1500; ++i) {
    for (auto& count : last) count = static_cast<std::uint16_t>(count + dice.between(0, 2));
    Counts after = last;
    for (auto& count : after) {
      if (dice.one_in(2)) count = 0;
    }
    commands.push({after, static_cast<std::uint32_t>(dice.bits())});
  }
  std::deque<Command> queued;
  Counts retired{};
  Stalls stalls(dice);
  for (int i = 0; i < 60000 && !(commands.empty() && queued.empty()); ++i) {
    if (dice.one_in(2)) ++retired[dice.between(0, 3)];
    dut->queue_retired_i = packed(retired);
    dut->queue_in_valid_i = commands.offer();
    if (dut->queue_in_valid_i) {
      dut->queue_in_after_i = packed(commands.front().after);
      dut->queue_in_data_i = commands.front().data;
    }
    dut->queue_out_ready_i = !stalls();
    settle();
    std::size_t lacks = 4;
    for (std::size_t u = 4; u-- > 0 && !queued.empty();) {
      if (retired[u] < queued.front().after[u]) lacks = u;
    }
    ASSERT_EQ(dut->queue_out_valid_o, !queued.empty() && lacks == 4);
    ASSERT_EQ(dut->queue_waiting_o, !queued.empty() && lacks != 4);
    if (dut->queue_waiting_o) ASSERT_EQ(dut->queue_waits_for_o, lacks);
    if (dut->queue_out_valid_o) ASSERT_EQ(dut->queue_out_data_o, queued.front().data);
    if (dut->queue_out_valid_o && dut->queue_out_ready_i) queued.pop_front();
    const auto next = commands.empty() ? Command{} : commands.front();
    if (commands.taken(dut->queue_in_ready_o)) queued.push_back(next);
    edge();
  }
  EXPECT_TRUE(commands.empty() && queued.empty());
}

TEST_F(SequencerParts, CompletionWritesItsRecordInOneBurst) {
  for (int round = 0; round < 40; ++round) {
    const auto at = 512 * dice.between(0, bytes.size() / 512 - 1);
    const bool fails = dice.one_in(4);
    auto memory = memory_with({.latency = static_cast<std::uint32_t>(dice.between(1, 40)),
                               .bytes_per_cycle = kBytes,
                               .error_address = fails ? kBase + at + 100 : 0});
    Bytes record(512);
    for (auto& byte : record) byte = static_cast<std::uint8_t>(dice.bits());
    auto expected = bytes;
    if (!fails) std::copy(record.begin(), record.end(), &expected[at]);
    dut->completion_start_i = 1;
    dut->completion_address_i = kBase + at;
    set_bytes(dut->completion_record_i, record.data());
    int bursts = 0;
    bool done = false;
    for (int i = 0; i < 2000 && !done; ++i) {
      const auto slave = memory.drive(cycle);
      dut->completion_aw_ready_i = slave.aw_ready;
      dut->completion_w_ready_i = slave.w_ready;
      dut->completion_b_valid_i = slave.b_valid;
      dut->completion_b_error_i = slave.b_resp != 0;
      settle();
      const auto data = bytes_of(dut->completion_w_data_o);
      bursts += dut->completion_aw_valid_o && slave.aw_ready;
      done = dut->completion_done_o;
      ASSERT_EQ(done, slave.b_valid);
      ASSERT_EQ(dut->completion_error_o, done && fails);
      memory.sample({.aw_valid = dut->completion_aw_valid_o != 0,
                     .aw_address = dut->completion_aw_address_o,
                     .aw_len = dut->completion_aw_len_o,
                     .w_valid = dut->completion_w_valid_o != 0,
                     .w_data = data.data(),
                     .w_strobe = ~std::uint64_t{0},
                     .w_last = dut->completion_w_last_o != 0},
                    cycle);
      edge();
      dut->completion_start_i = 0;
    }
    ASSERT_TRUE(done);
    ASSERT_EQ(bursts, 1);
    ASSERT_EQ(memory.violation(), nullptr);
    ASSERT_EQ(bytes, expected);
  }
}

TEST_F(SequencerParts, CountersPutEachUnitInOneStatePerCycle) {
  std::array<std::array<std::uint64_t, spec::kNumStates>, 4> counts{};
  std::array<std::uint32_t, 4> retired{};
  std::uint64_t cycles = 0;
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto some = [&] { return static_cast<std::uint8_t>(dice.bits() & dice.bits() & 15); };
    dut->counters_clear_i = dice.one_in(1000);
    dut->counters_running_i = !dice.one_in(5);
    dut->counters_active_i = some();
    dut->counters_busy_i = some();
    dut->counters_wait_read_i = some();
    dut->counters_wait_write_i = some();
    dut->counters_wait_bank_i = some();
    dut->counters_waiting_i = some();
    dut->counters_waits_for_i = static_cast<std::uint8_t>(dice.bits());
    dut->counters_retire_i = some();
    dut->counters_read_beat_i = dice.one_in(2);
    dut->counters_write_beat_i = dice.one_in(3);
    tick();
    if (dut->counters_clear_i) {
      counts = {};
      retired = {};
      cycles = reads = writes = 0;
    } else if (dut->counters_running_i) {
      ++cycles;
      reads += dut->counters_read_beat_i;
      writes += dut->counters_write_beat_i;
      for (unsigned u = 0; u < 4; ++u) {
        const auto is = [&](std::uint8_t signal) { return (signal >> u & 1) != 0; };
        spec::State state = spec::State::kIdle;
        if (is(dut->counters_waiting_i)) {
          state = static_cast<spec::State>(static_cast<unsigned>(spec::State::kWaitLoad) +
                                           (dut->counters_waits_for_i >> (2 * u) & 3));
        }
        if (is(dut->counters_active_i)) state = spec::State::kFlush;
        if (is(dut->counters_wait_read_i)) state = spec::State::kWaitRead;
        if (is(dut->counters_wait_write_i)) state = spec::State::kWaitWrite;
        if (is(dut->counters_wait_bank_i)) state = spec::State::kWaitBank;
        if (is(dut->counters_busy_i)) state = spec::State::kBusy;
        ++counts[u][static_cast<std::size_t>(state)];
        retired[u] += is(dut->counters_retire_i);
      }
    }
  }
  settle();
  EXPECT_EQ(dut->counters_cycles_o, cycles);
  EXPECT_EQ(dut->counters_read_beats_o, reads);
  EXPECT_EQ(dut->counters_write_beats_o, writes);
  for (std::size_t u = 0; u < 4; ++u) {
    EXPECT_EQ(dut->counters_retired_o[u], retired[u]);
    std::uint64_t sum = 0;
    for (std::size_t s = 0; s < spec::kNumStates; ++s) {
      const auto count = bits_of(dut->counters_o, 64 * (u * spec::kNumStates + s), 64);
      EXPECT_EQ(count, counts[u][s]) << "unit " << u << " state " << s;
      sum += count;
    }
    EXPECT_EQ(sum, cycles);
  }
}

}  // namespace
}  // namespace weft::test
