// SPDX-License-Identifier: Apache-2.0
// weft_store_packer: pieces of rows become the beats of the bursts that weft_bursts would ask for.
#include <deque>

#include "Vweft_parts_bench.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

class StorePacker : public Bench<Vweft_parts_bench> {};

struct Beat {
  std::vector<int> bytes;  // -1: not written
  bool last = false;
};

TEST_F(StorePacker, EveryByteLandsInItsPlaceOnce) {
  Stalls command_stalls(dice);
  for (int command = 0; command < 500; ++command) {
    const auto address = dice.between(0, 4095);
    const auto stride = dice.between(0, 4095);
    const auto rows = dice.between(1, 5);
    const auto extra_groups = dice.one_in(2) ? 0 : dice.between(0, 3);
    const auto group_stride = dice.between(0, 4095);
    const std::size_t piece = kLanes << dice.between(0, 2);
    const auto row_bytes = dice.one_in(10) ? dice.between(1, 9000) : dice.between(1, 200);

    Source<Bytes> pieces(dice);
    std::deque<Beat> beats;
    for (std::uint64_t row = 0; row < (extra_groups + 1) * rows; ++row) {
      const std::size_t start = (address + row / rows * group_stride + row % rows * stride) % 4096;
      Bytes data(row_bytes);
      for (auto& byte : data) byte = static_cast<std::uint8_t>(dice.bits());
      for (std::size_t at = 0; at < row_bytes; at += piece) {
        const auto count = std::min<std::size_t>(piece, row_bytes - at);
        Bytes one(data.begin() + static_cast<std::ptrdiff_t>(at),
                  data.begin() + static_cast<std::ptrdiff_t>(at + count));
        // What lies behind the end of a row must not be written.
        while (one.size() < kBytes) {
          one.push_back(at + count == row_bytes ? static_cast<std::uint8_t>(dice.bits()) : 0);
        }
        pieces.push(one);
      }
      const std::size_t end = start + row_bytes;
      for (std::size_t at = start / kBytes * kBytes; at < end; at += kBytes) {
        Beat beat{std::vector<int>(kBytes, -1), at + kBytes >= end || (at + kBytes) % 4096 == 0};
        for (std::size_t i = 0; i < kBytes; ++i) {
          if (at + i >= start && at + i < end) beat.bytes[i] = data[at + i - start];
        }
        beats.push_back(beat);
      }
    }

    while (command_stalls()) tick();
    dut->packer_cmd_valid_i = 1;
    dut->packer_cmd_address_i = static_cast<std::uint16_t>(address);
    dut->packer_cmd_stride_i = static_cast<std::uint16_t>(stride);
    dut->packer_cmd_rows_i = static_cast<std::uint16_t>(rows);
    dut->packer_cmd_extra_groups_i = static_cast<std::uint16_t>(extra_groups);
    dut->packer_cmd_group_stride_i = static_cast<std::uint16_t>(group_stride);
    dut->packer_cmd_row_bytes_i = static_cast<std::uint32_t>(row_bytes);
    dut->packer_cmd_piece_bytes_i = static_cast<std::uint8_t>(piece);
    settle();
    ASSERT_TRUE(dut->packer_cmd_ready_o);
    edge();
    dut->packer_cmd_valid_i = 0;

    Stalls stalls(dice);
    for (int i = 0; i < 200000 && !beats.empty(); ++i) {
      dut->packer_in_valid_i = pieces.offer();
      if (dut->packer_in_valid_i) set_bytes(dut->packer_in_data_i, pieces.front().data());
      dut->packer_out_ready_i = !stalls();
      settle();
      ASSERT_FALSE(dut->packer_cmd_ready_o);
      if (dut->packer_out_valid_o && dut->packer_out_ready_i) {
        const auto data = bytes_of(dut->packer_out_data_o);
        for (std::size_t b = 0; b < kBytes; ++b) {
          const bool written = bits_of(dut->packer_out_strobe_o, b, 1);
          ASSERT_EQ(written ? data[b] : -1, beats.front().bytes[b]) << "byte " << b;
        }
        ASSERT_EQ(dut->packer_out_last_o, beats.front().last);
        beats.pop_front();
      }
      pieces.taken(dut->packer_in_ready_o);
      edge();
    }
    ASSERT_TRUE(beats.empty() && pieces.empty());
    dut->packer_in_valid_i = 0;
  }
}

}  // namespace
}  // namespace weft::test
