// SPDX-License-Identifier: Apache-2.0
// weft_load_aligner, weft_load_quantiser and weft_load_to_v, each alone under random stalls.
#include <deque>

#include "Vweft_load_parts_bench.h"
#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/quantise.h"
#include "runtime/program/footprint.h"
#include "tests/conformance/random_data.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {
namespace {

using spec::LoadFormat;
using spec::Target;

// weft_load_pkg::chunk_t and its data.
struct Chunk {
  std::uint32_t where = 0;
  unsigned way = 0;  // 0 raw, 1 to the quantiser, 2 to V
  bool to_b = false;
  bool bf16 = false;
  unsigned row = 0;
  unsigned base = 0;
  unsigned position = 0;
  unsigned left = 0;
  unsigned scale = 0;  // of both blocks
  bool scaled = false;
  bool row_end = false;
  bool last = false;
  Bytes data;

  friend bool operator==(const Chunk&, const Chunk&) = default;
};

class LoadParts : public Bench<Vweft_load_parts_bench> {
 protected:
  template <class Port>
  static Chunk read_chunk(const Port& port) {
    FieldReader get(port);
    Chunk chunk;
    chunk.last = get(1);
    chunk.row_end = get(1);
    chunk.scaled = get(1);
    chunk.scale = static_cast<unsigned>(get(16));
    chunk.left = static_cast<unsigned>(get(17));
    chunk.position = static_cast<unsigned>(get(16));
    chunk.base = static_cast<unsigned>(get(16));
    chunk.row = static_cast<unsigned>(get(4));
    chunk.bf16 = get(1);
    chunk.to_b = get(1);
    chunk.way = static_cast<unsigned>(get(2));
    chunk.where = static_cast<std::uint32_t>(get(32));
    return chunk;
  }
  template <class Port>
  static void write_chunk(Port& port, const Chunk& c) {
    FieldWriter(port)(1, c.last)(1, c.row_end)(1, c.scaled)(16, c.scale)(17, c.left)(
        16, c.position)(16, c.base)(4, c.row)(1, c.bf16)(1, c.to_b)(2, c.way)(32, c.where);
  }

  Bytes noise(std::size_t count) {
    Bytes bytes(count);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(dice.bits());
    return bytes;
  }

  // The chunks of a row of numbers, as the aligner hands them on.
  std::vector<Chunk> row_of_numbers(unsigned way, bool bf16, std::uint32_t where, bool last,
                                    std::vector<std::uint32_t>& numbers) {
    const auto cols = static_cast<unsigned>(dice.between(1, dice.one_in(4) ? 300 : 70));
    const std::size_t size = bf16 ? 2 : 4;
    const unsigned per_chunk = static_cast<unsigned>(kBytes / size);
    Chunk chunk{.where = where, .way = way, .to_b = dice.one_in(2), .bf16 = bf16};
    chunk.row = static_cast<unsigned>(dice.between(0, 15));
    chunk.base = static_cast<unsigned>(dice.between(0, 60000));
    std::vector<Chunk> chunks;
    for (unsigned at = 0; at < cols; at += per_chunk) {
      chunk.position = at;
      chunk.left = cols - at;
      chunk.row_end = at + per_chunk >= cols;
      chunk.last = last && chunk.row_end;
      chunk.data.assign(kBytes, 0);
      for (unsigned i = 0; i < per_chunk && at + i < cols; ++i) {
        std::uint32_t number = random_fp32(dice);
        if (bf16) number &= 0xffff0000u;
        const std::uint32_t bits = bf16 ? number >> 16 : number;
        std::memcpy(&chunk.data[i * size], &bits, size);
        numbers.push_back(bf16 ? hls::bf16_to_fp32(static_cast<std::uint16_t>(bits)) : number);
      }
      chunks.push_back(chunk);
    }
    return chunks;
  }
};

TEST_F(LoadParts, AlignerCutsRowsIntoAlignedChunks) {
  struct Command {
    spec::Load load;
    std::uint64_t address;
    std::uint32_t where;
  };
  Source<Command> commands(dice);
  Source<Bytes> beats(dice);
  std::deque<Chunk> expected;
  for (std::uint32_t i = 0; i < 250; ++i) {
    spec::Load load{.target = static_cast<Target>(dice.between(0, 2)),
                    .format = static_cast<LoadFormat>(dice.between(0, 3)),
                    .rows = static_cast<std::uint16_t>(dice.between(1, dice.one_in(4) ? 40 : 5)),
                    .cols = static_cast<std::uint16_t>(dice.between(1, 150))};
    const bool packed = load.format == LoadFormat::kMxint8;
    if (load.target == Target::kV) load.format = LoadFormat::kFp32;
    const bool mx = packed && load.target != Target::kV;
    const std::size_t size = element_bytes(load.format);
    const auto unit = mx ? 64 : size;
    load.row_stride = mx ? 0 : static_cast<std::uint32_t>(dice.between(0, 700) * size);
    load.dst = static_cast<std::uint16_t>(dice.between(0, 1000));
    load.dst_pitch = static_cast<std::uint16_t>(dice.between(0, 50));
    const Command command{load, dice.between(0, 4096) * unit, i};
    commands.push(command);

    // Beats of memory from `from` to `to`, and what lies there.
    const auto fetch = [&](std::uint64_t from, std::uint64_t to) {
      const auto start = from / kBytes * kBytes;
      Bytes bytes = noise((to - start + kBytes - 1) / kBytes * kBytes);
      for (std::size_t at = 0; at < bytes.size(); at += kBytes) {
        const auto* beat = &bytes[at];
        beats.push(Bytes(beat, beat + kBytes));
      }
      return Bytes(&bytes[from - start], &bytes[from - start] + (to - from));
    };
    Bytes panels;
    if (mx) panels = fetch(command.address, command.address + panel_bytes(load.rows, load.cols));
    const unsigned per_chunk = static_cast<unsigned>(kBytes / size);
    const std::size_t row_chunks = (load.cols + 63u) / 64;
    for (unsigned r = 0; r < load.rows; ++r) {
      const bool to_v = load.target == Target::kV;
      Bytes row;
      if (!mx) {
        const auto from = command.address + std::uint64_t{r} * load.row_stride;
        row = fetch(from, from + load.cols * size);
      }
      const std::size_t emitted = mx                                 ? row_chunks * 64
                                  : load.format == LoadFormat::kInt8 ? (load.cols + 31u) / 32 * 32
                                                                     : load.cols * size;
      for (std::size_t at = 0; at < emitted; at += kBytes) {
        Chunk chunk{.where = i, .way = to_v ? 2u : size == 1 ? 0u : 1u};
        chunk.to_b = load.target == Target::kB;
        chunk.bf16 = load.format == LoadFormat::kBf16;
        chunk.row = r % 16;
        chunk.base = load.dst + (to_v ? r : r / 16) * load.dst_pitch;
        chunk.position = static_cast<unsigned>(at / kBytes) * per_chunk;
        chunk.left = chunk.position < load.cols ? load.cols - chunk.position : 0;
        chunk.scaled = mx;
        chunk.row_end = at + kBytes >= emitted;
        chunk.last = chunk.row_end && r + 1 == load.rows;
        chunk.data.assign(kBytes, 0);
        const std::uint8_t* from = row.data() + at;
        std::size_t count = row.size() > at ? std::min(kBytes, row.size() - at) : 0;
        if (mx) {
          // Panels of 16 rows; in a panel, runs of a header and 32 chunks of 64.
          const std::size_t panel = r / 16 * panel_bytes(16, load.cols);
          const std::size_t index = r % 16 * row_chunks + at / 64;
          const std::size_t header = panel + index / 32 * 33 * 64;
          std::memcpy(&chunk.scale, &panels[header + 2 * (index % 32)], 2);
          from = &panels[header + 64 + index % 32 * 64 + at % 64];
          count = std::min<std::size_t>(kBytes, chunk.left);
        }
        std::copy(from, from + count, chunk.data.begin());
        expected.push_back(chunk);
      }
    }
  }

  Stalls stalls(dice);
  for (int i = 0; i < 400000 && !expected.empty(); ++i) {
    dut->aligner_cmd_valid_i = commands.offer();
    if (dut->aligner_cmd_valid_i) {
      const Command& c = commands.front();
      FieldWriter put(dut->aligner_cmd_i);
      put(16, c.load.dst_pitch)(16, c.load.dst)(48, 0)(32, c.load.row_stride)(64, c.address);
      put(16, c.load.cols)(16, c.load.rows)(2, static_cast<unsigned>(c.load.format));
      put(2, static_cast<unsigned>(c.load.target))(32, c.where);
    }
    dut->aligner_beat_valid_i = beats.offer();
    if (dut->aligner_beat_valid_i) set_bytes(dut->aligner_beat_i, beats.front().data());
    dut->aligner_chunk_ready_i = !stalls();
    settle();
    if (dut->aligner_chunk_valid_o && dut->aligner_chunk_ready_i) {
      Chunk chunk = read_chunk(dut->aligner_chunk_o);
      chunk.data = bytes_of(dut->aligner_chunk_data_o);
      if (!chunk.scaled) chunk.scale = 0;  // means nothing
      ASSERT_TRUE(chunk == expected.front())
          << "command " << expected.front().where << " row " << expected.front().row << " position "
          << expected.front().position;
      expected.pop_front();
    }
    commands.taken(dut->aligner_cmd_ready_o);
    beats.taken(dut->aligner_beat_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && beats.empty() && commands.empty());
}

TEST_F(LoadParts, QuantiserMakesABlockOf32WithItsScale) {
  struct Block {
    std::array<std::int8_t, spec::kBlock> mantissas{};
    std::uint64_t scale = 0;
    Chunk chunk;  // place
    bool last = false;
  };
  Source<Chunk> chunks(dice);
  std::deque<Block> expected;
  for (std::uint32_t r = 0; r < 300; ++r) {
    std::vector<std::uint32_t> numbers;
    const bool last = dice.one_in(3);
    const auto row = row_of_numbers(1, dice.one_in(2), r, last, numbers);
    for (const Chunk& chunk : row) chunks.push(chunk);
    for (std::size_t at = 0; at < numbers.size(); at += spec::kBlock) {
      Block block{.chunk = row.front()};
      block.chunk.position = static_cast<unsigned>(at);
      block.last = last && at + spec::kBlock >= numbers.size();
      const auto end = std::min<std::size_t>(numbers.size(), at + spec::kBlock);
      std::uint32_t largest = 0;
      for (auto i = at; i < end; ++i) largest = std::max(largest, numbers[i] & 0x7fffffffu);
      block.scale = hls::block_exponent(largest);
      for (auto i = at; i < end; ++i) {
        block.mantissas[i - at] = hls::quantise(numbers[i], static_cast<std::uint8_t>(block.scale));
      }
      expected.push_back(block);
    }
  }
  std::uint64_t previous = 0;
  for (int i = 0; i < 60000 && !expected.empty(); ++i) {
    dut->quantiser_chunk_valid_i = chunks.offer();
    if (dut->quantiser_chunk_valid_i) {
      write_chunk(dut->quantiser_chunk_i, chunks.front());
      set_bytes(dut->quantiser_chunk_data_i, chunks.front().data.data());
    }
    settle();
    if (dut->quantiser_block_valid_o) {
      const Block& block = expected.front();
      ASSERT_EQ(std::memcmp(&dut->quantiser_block_o, block.mantissas.data(), spec::kBlock), 0);
      ASSERT_EQ(dut->quantiser_block_last_o, block.last);
      FieldReader get(dut->quantiser_block_place_o);
      const auto half = block.chunk.position / 32 % 2;
      ASSERT_EQ(get(16) >> (8 * half) & 0xff, block.scale);
      ASSERT_EQ(get(2), 1u << half);
      ASSERT_EQ(get(3), 4 * half);
      ASSERT_EQ(get(4), block.chunk.row);
      ASSERT_EQ(get(16), (block.chunk.base + block.chunk.position / 64) & 0xffff);
      ASSERT_EQ(get(1), block.chunk.to_b);
      ASSERT_EQ(get(32), block.chunk.where);
      if (previous != 0) ASSERT_GE(cycle - previous, kBytes < 32 ? 32 / kBytes : 1);
      previous = cycle;
      expected.pop_front();
    }
    chunks.taken(dut->quantiser_chunk_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && chunks.empty());
}

TEST_F(LoadParts, ToVWritesEachWordOnceWithItsMask) {
  struct Word {
    std::uint32_t address;
    std::vector<std::uint32_t> numbers;
    std::uint32_t where;
    bool last;
  };
  Source<Chunk> chunks(dice);
  std::deque<Word> expected;
  for (std::uint32_t r = 0; r < 300; ++r) {
    std::vector<std::uint32_t> numbers;
    const bool last = dice.one_in(3);
    const auto row = row_of_numbers(2, dice.one_in(2), r, last, numbers);
    for (const Chunk& chunk : row) chunks.push(chunk);
    for (std::size_t at = 0; at < numbers.size(); at += kLanes) {
      const auto end = std::min(numbers.size(), at + kLanes);
      const auto* first = numbers.data();
      expected.push_back({static_cast<std::uint32_t>((row[0].base * 16 + at) / kLanes),
                          {first + at, first + end},
                          r,
                          last && end == numbers.size()});
    }
  }
  Stalls stalls(dice);
  for (int i = 0; i < 60000 && !expected.empty(); ++i) {
    dut->to_v_chunk_valid_i = chunks.offer();
    if (dut->to_v_chunk_valid_i) {
      write_chunk(dut->to_v_chunk_i, chunks.front());
      set_bytes(dut->to_v_chunk_data_i, chunks.front().data.data());
    }
    dut->to_v_ready_i = !stalls();
    settle();
    if (dut->to_v_valid_o && dut->to_v_ready_i) {
      const Word& word = expected.front();
      ASSERT_EQ(dut->to_v_address_o, word.address & 0xffffff);
      ASSERT_EQ(dut->to_v_mask_o, (1u << word.numbers.size()) - 1);
      ASSERT_EQ(std::memcmp(&dut->to_v_data_o, word.numbers.data(), 4 * word.numbers.size()), 0);
      ASSERT_EQ(dut->to_v_where_o, word.where);
      ASSERT_EQ(dut->to_v_last_o, word.last);
      expected.pop_front();
    }
    chunks.taken(dut->to_v_chunk_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && chunks.empty());
}

}  // namespace
}  // namespace weft::test
