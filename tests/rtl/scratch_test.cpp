// SPDX-License-Identifier: Apache-2.0
// weft_v_buffer, weft_v_reader and weft_operand_buffer against plain arrays.
#include <array>
#include <deque>
#include <map>
#include <optional>

#include "Vweft_parts_bench.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

constexpr std::size_t kReaders = 5;
constexpr std::size_t kWriters = 3;
constexpr std::size_t kWords = 64;
constexpr std::size_t kBankWords = kWords / 4;

class Scratch : public Bench<Vweft_parts_bench> {
 protected:
  Bytes random_word() {
    Bytes word(kBytes);
    for (auto& byte : word) byte = static_cast<std::uint8_t>(dice.bits());
    return word;
  }
};

struct Write {
  std::uint32_t address = 0;
  std::uint32_t mask = 0;
  Bytes data;
};

TEST_F(Scratch, VGrantsByNumberAndBankAndHoldsWhatItsMasksLetThrough) {
  std::array<std::uint32_t, kWords * kLanes> memory{};
  std::array<std::optional<std::uint32_t>, kReaders> reading;
  std::array<std::optional<Write>, kWriters> writing;
  std::array<Bytes, kReaders> due;  // data of the reads granted in the last cycle
  const auto word_of = [&](std::size_t address) {
    return Bytes(reinterpret_cast<std::uint8_t*>(&memory[address * kLanes]),
                 reinterpret_cast<std::uint8_t*>(&memory[address * kLanes]) + kBytes);
  };
  std::uint64_t granted = 0;
  std::uint64_t lost = 0;
  for (int i = 0; i < 6000; ++i) {
    // The first cycles write everything once, from one port.
    const bool filling = static_cast<std::size_t>(i) < kWords;
    dut->v_read_valid_i = 0;
    dut->v_write_valid_i = 0;
    for (std::size_t r = 0; r < kReaders && !filling; ++r) {
      if (!reading[r] && !dice.one_in(4)) reading[r] = dice.between(0, kWords - 1);
      if (!reading[r]) continue;
      dut->v_read_valid_i |= 1u << r;
      dut->v_read_address_i[r] = *reading[r];
    }
    for (std::size_t w = 0; w < (filling ? 1 : kWriters); ++w) {
      if (filling) writing[w] = Write{static_cast<std::uint32_t>(i), 0xffff, random_word()};
      if (!writing[w] && !dice.one_in(3)) {
        writing[w] = Write{static_cast<std::uint32_t>(dice.between(0, kWords - 1)),
                           static_cast<std::uint32_t>(dice.bits() & 0xffff), random_word()};
      }
      if (!writing[w]) continue;
      dut->v_write_valid_i |= 1u << w;
      dut->v_write_address_i[w] = writing[w]->address;
      set_bits(dut->v_write_mask_i, 16 * w, 16, writing[w]->mask);
      set_bytes(dut->v_write_data_i[kLanes * w], writing[w]->data.data(), kBytes);
    }
    settle();
    for (std::size_t r = 0; r < kReaders; ++r) {
      ASSERT_EQ(dut->v_read_data_valid_o >> r & 1, !due[r].empty());
      if (!due[r].empty()) {
        ASSERT_EQ(bytes_of(dut->v_read_data_o[kLanes * r], kBytes), due[r]) << "reader " << r;
      }
      due[r].clear();
    }
    std::map<std::size_t, std::size_t> taken;  // banks
    for (std::size_t r = 0; r < kReaders; ++r) {
      if (!reading[r]) continue;
      const bool wins = taken.try_emplace(*reading[r] / kBankWords, r).second;
      ASSERT_EQ(dut->v_read_ready_o >> r & 1, wins) << "reader " << r;
      ++(wins ? granted : lost);
      if (!wins) continue;
      due[r] = word_of(*reading[r]);
      reading[r].reset();
    }
    taken.clear();
    for (std::size_t w = 0; w < kWriters; ++w) {
      if (!writing[w]) continue;
      const bool wins = taken.try_emplace(writing[w]->address / kBankWords, w).second;
      ASSERT_EQ(dut->v_write_ready_o >> w & 1, wins) << "writer " << w;
      if (!wins) continue;
      for (std::size_t l = 0; l < kLanes; ++l) {
        if ((writing[w]->mask >> l & 1) == 0) continue;
        std::memcpy(&memory[writing[w]->address * kLanes + l], &writing[w]->data[4 * l], 4);
      }
      writing[w].reset();
    }
    edge();
  }
  EXPECT_GT(granted, 1000u);
  EXPECT_GT(lost, 1000u);
}

TEST_F(Scratch, VReaderStreamsEveryWordInItsOrder) {
  struct Command {
    std::uint32_t base, pitch, rows, words;
    std::uint8_t order;  // v_order_e: rows one after another, or 8 rows or words in rotation
  };
  Source<Command> commands(dice);
  std::deque<std::uint32_t> requested;  // addresses that must be read, in order
  std::deque<Bytes> expected;
  for (int i = 0; i < 300; ++i) {
    const Command c{static_cast<std::uint32_t>(dice.between(0, 0xffffff)),
                    static_cast<std::uint32_t>(dice.one_in(4) ? 0 : dice.between(1, 70000)),
                    static_cast<std::uint32_t>(dice.between(1, dice.one_in(4) ? 20 : 5)),
                    static_cast<std::uint32_t>(dice.between(1, dice.one_in(4) ? 20 : 9)),
                    static_cast<std::uint8_t>(dice.between(0, 2))};
    commands.push(c);
    const auto request = [&](std::uint32_t r, std::uint32_t w) {
      requested.push_back((c.base + r * c.pitch + w) & 0xffffff);
    };
    const std::uint32_t row_group = c.order == 1 ? 8 : 1;
    const std::uint32_t word_group = c.order == 2 ? 8 : c.words;
    const std::uint32_t first_words = c.order == 2 ? c.words : 1;
    for (std::uint32_t group = 0; group < first_words; group += word_group) {
      for (std::uint32_t top = 0; top < c.rows; top += row_group) {
        const auto row_end = std::min(top + row_group, c.rows);
        if (c.order == 1) {
          for (std::uint32_t w = 0; w < c.words; ++w) {
            for (std::uint32_t r = top; r < row_end; ++r) request(r, w);
          }
        } else {
          const auto word_end = std::min(group + word_group, c.words);
          for (std::uint32_t w = group; w < word_end; ++w) request(top, w);
        }
      }
    }
  }
  Stalls bank(dice);
  Stalls consumer(dice);
  Bytes due;
  for (int i = 0; i < 200000 && !(requested.empty() && expected.empty()); ++i) {
    dut->reader_cmd_valid_i = commands.offer();
    if (dut->reader_cmd_valid_i) {
      dut->reader_cmd_base_i = commands.front().base;
      dut->reader_cmd_pitch_i = commands.front().pitch;
      dut->reader_cmd_rows_i = static_cast<std::uint16_t>(commands.front().rows);
      dut->reader_cmd_words_i = static_cast<std::uint16_t>(commands.front().words);
      dut->reader_cmd_order_i = commands.front().order;
    }
    dut->reader_v_data_valid_i = !due.empty();
    if (!due.empty()) set_bytes(dut->reader_v_data_i, due.data());
    due.clear();
    dut->reader_v_ready_i = !bank();
    dut->reader_out_ready_i = !consumer();
    settle();
    if (dut->reader_v_valid_o && dut->reader_v_ready_i) {
      ASSERT_FALSE(requested.empty()) << "one read too many";
      ASSERT_EQ(dut->reader_v_address_o, requested.front());
      requested.pop_front();
      due = random_word();
      expected.push_back(due);
    }
    if (dut->reader_out_valid_o && dut->reader_out_ready_i) {
      ASSERT_FALSE(expected.empty());
      ASSERT_EQ(bytes_of(dut->reader_out_data_o), expected.front());
      expected.pop_front();
    }
    commands.taken(dut->reader_cmd_ready_o);
    edge();
  }
  EXPECT_TRUE(requested.empty() && expected.empty() && commands.empty());
}

// Four cells: 16 rows of 64 mantissas, two scales each.
TEST_F(Scratch, OperandBuffersReturnTheRowsAndScalesOfAStep) {
  constexpr std::size_t kSteps = kBytes / 8;  // that a write fills
  std::array<std::array<std::array<std::uint8_t, 64>, 16>, 4> mantissas{};
  std::array<std::array<std::array<std::uint32_t, 2>, 16>, 4> scales{};
  struct Read {
    std::size_t cell, sub, step;
  };
  std::optional<Read> due;
  std::size_t fill = 0;
  constexpr std::size_t kFills = 4 * 16 * (64 / kBytes);
  for (int i = 0; i < 8000; ++i, ++fill) {
    const bool filling = fill < kFills;
    const auto cell = filling ? fill / 16 % 4 : dice.between(0, 3);
    const auto row = filling ? fill % 16 : dice.between(0, 15);
    const auto part = filling ? fill / 64 : dice.between(0, 64 / kBytes - 1);
    const auto mask = filling ? 0xffu : static_cast<std::uint32_t>(dice.bits() & 0xff);
    const auto scale_write = filling ? 3u : static_cast<std::uint32_t>(dice.between(0, 3));
    const bool write = filling || !dice.one_in(3);
    dut->operand_write_valid_i = write;
    dut->operand_write_cell_i = static_cast<std::uint8_t>(cell);
    dut->operand_write_row_i = static_cast<std::uint8_t>(row);
    dut->operand_write_step_i = static_cast<std::uint8_t>(part * kSteps % 8);
    dut->operand_write_mask_i = static_cast<std::uint8_t>(mask & ((1u << kSteps) - 1));
    const Bytes data = random_word();
    set_bytes(dut->operand_write_data_i, data.data());
    dut->operand_scale_write_i = write ? static_cast<std::uint8_t>(scale_write) : 0;
    const std::uint64_t scale = dice.bits();
    dut->operand_scale_data_i = scale;
    dut->operand_read_valid_i = !filling && dice.one_in(2);
    const Read read{dice.between(0, 3), dice.between(0, 3), dice.between(0, 7)};
    dut->operand_read_cell_i = static_cast<std::uint8_t>(read.cell);
    dut->operand_read_sub_i = static_cast<std::uint8_t>(read.sub);
    dut->operand_read_step_i = static_cast<std::uint8_t>(read.step);
    settle();
    if (due) {
      for (std::size_t r = 0; r < 16; ++r) {
        const auto* step = &mantissas[due->cell][r][8 * due->step];
        const auto expected = Bytes(step, step + 8);
        const auto expected_scale = scales[due->cell][r][due->step / 4];
        ASSERT_EQ(bytes_of(dut->operand_16_data_o[2 * r], 8), expected) << "row " << r;
        ASSERT_EQ(bits_of(dut->operand_16_scale_o, 19 * r, 19), expected_scale & 0x7ffffu);
        if (r / 4 != due->sub) continue;
        ASSERT_EQ(bytes_of(dut->operand_4_data_o[2 * (r % 4)], 8), expected) << "row " << r;
        ASSERT_EQ(bits_of(dut->operand_4_scale_o, 8 * (r % 4), 8), expected_scale & 0xffu);
      }
    }
    edge();
    due.reset();
    // What is read and written in the same cycle may be either.
    const bool meets = write && read.cell == cell;
    if (dut->operand_read_valid_i && !meets) due = read;
    if (!write) continue;
    for (std::size_t s = 0; s < kSteps; ++s) {
      if ((mask >> s & 1) == 0) continue;
      std::memcpy(&mantissas[cell][row][part * kBytes + 8 * s], &data[8 * s], 8);
    }
    for (std::size_t b = 0; b < 2; ++b) {
      if (scale_write >> b & 1) {
        scales[cell][row][b] = static_cast<std::uint32_t>(scale >> (32 * b));
      }
    }
  }
}

}  // namespace
}  // namespace weft::test
