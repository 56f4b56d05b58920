// SPDX-License-Identifier: Apache-2.0
// weft_fifo, weft_delay, weft_bursts and weft_axi_read_mux.
#include <array>
#include <deque>

#include "Vweft_parts_bench.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

class Util : public Bench<Vweft_parts_bench> {
 protected:
  void set_address(std::size_t requester, std::uint64_t address) {
    set_bits(dut->mux_address_i, 64 * requester, 64, address);
  }
};

// Three of weft_fifo, and weft_deep_fifo, which may hold three more behind its memory and shows an
// element some cycles late.
TEST_F(Util, FifosKeepOrderAndCountWhatTheyHold) {
  constexpr std::array<std::size_t, 4> kDepth{1, 4, 5, 8};
  constexpr std::size_t kDeep = 3;
  std::vector<Source<std::uint32_t>> sources(4, Source<std::uint32_t>(dice));
  std::vector<Stalls> stalls(4, Stalls(dice));
  std::array<std::deque<std::uint32_t>, 4> held;
  std::array<bool, 4> was_full{};
  for (auto& source : sources) {
    for (int i = 0; i < 3000; ++i) source.push(static_cast<std::uint32_t>(dice.bits()));
  }
  for (int i = 0; i < 20000; ++i) {
    dut->fifo_in_valid_i = 0;
    dut->fifo_out_ready_i = 0;
    for (std::size_t f = 0; f < 4; ++f) {
      if (sources[f].offer()) {
        dut->fifo_in_valid_i |= 1u << f;
        dut->fifo_in_data_i[f] = sources[f].front();
      }
      if (!stalls[f]()) dut->fifo_out_ready_i |= 1u << f;
    }
    settle();
    for (std::size_t f = 0; f < 4; ++f) {
      const bool in_ready = dut->fifo_in_ready_o >> f & 1;
      const bool out_valid = dut->fifo_out_valid_o >> f & 1;
      if (f == kDeep) {
        ASSERT_TRUE(in_ready || held[f].size() >= kDepth[f]);
        ASSERT_LE(held[f].size(), kDepth[f] + 3);
      } else {
        ASSERT_EQ(dut->fifo_used_o >> (3 * f) & 7u, held[f].size());
        ASSERT_EQ(in_ready, held[f].size() < kDepth[f]);
        ASSERT_EQ(out_valid, !held[f].empty());
      }
      was_full[f] = was_full[f] || !in_ready;
      const auto next = sources[f].empty() ? 0 : sources[f].front();
      if (out_valid) {
        ASSERT_FALSE(held[f].empty());
        ASSERT_EQ(dut->fifo_out_data_o[f], held[f].front()) << "depth " << kDepth[f];
        if (dut->fifo_out_ready_i >> f & 1) held[f].pop_front();
      }
      if (sources[f].taken(in_ready)) held[f].push_back(next);
    }
    edge();
  }
  for (std::size_t f = 0; f < 4; ++f) {
    EXPECT_TRUE(was_full[f]);
    EXPECT_TRUE(held[f].empty() && sources[f].empty());
  }
}

TEST_F(Util, DelaysAreExact) {
  constexpr std::array<std::size_t, 4> kCycles{0, 1, 2, 7};
  std::deque<std::uint32_t> past;
  for (int i = 0; i < 500; ++i) {
    past.push_front(static_cast<std::uint32_t>(dice.bits()));
    dut->delay_in_i = past.front();
    settle();
    for (std::size_t d = 0; d < 4; ++d) {
      if (past.size() > kCycles[d]) ASSERT_EQ(dut->delay_out_o[d], past[kCycles[d]]);
    }
    edge();
  }
}

// The bursts of a row must touch each of its beats once, in order, and nothing else.
TEST_F(Util, BurstsCoverEachRowExactlyAndNeverCrossAPage) {
  Stalls command_stalls(dice);
  Stalls stalls(dice);
  for (int command = 0; command < 400; ++command) {
    const auto address = dice.bits() >> dice.between(1, 40);
    const auto stride = static_cast<std::uint32_t>(dice.bits() >> dice.between(32, 60));
    const auto rows = dice.between(1, 6);
    const auto groups = dice.one_in(2) ? 1 : dice.between(1, 4);
    const auto group_stride = static_cast<std::uint32_t>(dice.bits() >> dice.between(32, 60));
    const auto length = [&] {
      return dice.one_in(8) ? dice.between(1, 20000) : dice.between(1, 300);
    };
    const auto row_bytes = length();
    const auto last_bytes = length();
    const auto turns = dice.one_in(2) ? 1 : dice.between(1, 4);
    const auto turn_stride = static_cast<std::uint32_t>(dice.bits() >> dice.between(32, 60));
    while (command_stalls()) tick();
    dut->bursts_cmd_valid_i = 1;
    dut->bursts_cmd_address_i = address;
    dut->bursts_cmd_stride_i = stride;
    dut->bursts_cmd_rows_i = static_cast<std::uint16_t>(rows);
    dut->bursts_cmd_extra_groups_i = static_cast<std::uint16_t>(groups - 1);
    dut->bursts_cmd_group_stride_i = group_stride;
    dut->bursts_cmd_row_bytes_i = row_bytes;
    dut->bursts_cmd_turns_i = static_cast<std::uint16_t>(turns);
    dut->bursts_cmd_turn_stride_i = turn_stride;
    dut->bursts_cmd_last_bytes_i = last_bytes;
    dut->bursts_ready_i = 0;
    settle();
    ASSERT_TRUE(dut->bursts_cmd_ready_o);
    edge();
    dut->bursts_cmd_valid_i = 0;
    const auto all = turns * groups * rows;
    for (std::uint64_t row = 0; row < all; ++row) {
      const auto turn = row / (groups * rows);
      const bool last_turn = turn + 1 == turns;
      const auto start =
          address + turn * turn_stride + row / rows % groups * group_stride + row % rows * stride;
      const auto end = start + (last_turn ? last_bytes : row_bytes);
      for (auto at = start / kBytes * kBytes; at < end;) {
        dut->bursts_ready_i = !stalls();
        settle();
        ASSERT_TRUE(dut->bursts_valid_o);
        ASSERT_FALSE(dut->bursts_cmd_ready_o);
        ASSERT_EQ(dut->bursts_address_o, at);
        const auto bytes = (dut->bursts_len_o + 1u) * kBytes;
        ASSERT_EQ(at / 4096, (at + bytes - 1) / 4096) << "crosses a page";
        ASSERT_LT(at + bytes, end + kBytes) << "reaches past the row";
        // As long as they can be: up to the page or the end of the row.
        ASSERT_TRUE((at + bytes) % 4096 == 0 || at + bytes >= end);
        ASSERT_EQ(dut->bursts_last_o, at + bytes >= end && row + 1 == all);
        if (dut->bursts_ready_i) at += bytes;
        edge();
      }
    }
    dut->bursts_ready_i = 1;
    settle();
    ASSERT_FALSE(dut->bursts_valid_o);
    ASSERT_TRUE(dut->bursts_cmd_ready_o);
  }
}

TEST_F(Util, ReadMuxKeepsOffersPrefersTheFirstAndLosesNothing) {
  struct Address {
    std::uint64_t address;
    std::uint8_t len;
  };
  std::array<Source<Address>, 2> sources{Source<Address>(dice), Source<Address>(dice)};
  Stalls stalls(dice);
  for (auto& source : sources) {
    for (int i = 0; i < 2000; ++i) {
      source.push({dice.bits(), static_cast<std::uint8_t>(dice.bits())});
    }
  }
  int held_id = -1;  // of an address that was offered and not taken
  for (int i = 0; i < 20000 && !(sources[0].empty() && sources[1].empty()); ++i) {
    dut->mux_valid_i = 0;
    for (unsigned s = 0; s < 2; ++s) {
      if (!sources[s].offer()) continue;
      dut->mux_valid_i |= 1u << s;
      set_address(s, sources[s].front().address);
      dut->mux_len_i = static_cast<std::uint16_t>((dut->mux_len_i & ~(0xffu << (8 * s))) |
                                                  (sources[s].front().len << (8 * s)));
    }
    dut->mux_ar_ready_i = !stalls();
    settle();
    ASSERT_EQ(dut->mux_ar_valid_o, dut->mux_valid_i != 0);
    if (dut->mux_ar_valid_o) {
      const int id = dut->mux_ar_id_o;
      ASSERT_EQ(id, held_id >= 0 ? held_id : (dut->mux_valid_i & 1) != 0 ? 0 : 1);
      ASSERT_EQ(dut->mux_ar_address_o, sources[static_cast<unsigned>(id)].front().address);
      ASSERT_EQ(dut->mux_ar_len_o, sources[static_cast<unsigned>(id)].front().len);
      ASSERT_EQ(dut->mux_ready_o, dut->mux_ar_ready_i << id);
      held_id = dut->mux_ar_ready_i ? -1 : id;
    }
    for (unsigned s = 0; s < 2; ++s) sources[s].taken(dut->mux_ready_o >> s & 1);
    edge();
  }
  EXPECT_TRUE(sources[0].empty() && sources[1].empty());
}

}  // namespace
}  // namespace weft::test
