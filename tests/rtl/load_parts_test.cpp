// SPDX-License-Identifier: Apache-2.0
// weft_load_aligner and weft_load_to_v, each alone under random stalls.
#include "tests/rtl/load_parts.h"

#include "runtime/program/operands.h"

namespace weft::test {
namespace {

using spec::LoadFormat;
using spec::Target;

TEST_F(LoadParts, AlignerCutsRowsIntoAlignedChunks) {
  struct Command {
    spec::Load load;
    std::uint64_t address;
    std::uint32_t where;
    Detail key;
  };
  Source<Command> commands(dice);
  Source<Bytes> beats(dice);
  std::deque<std::pair<Chunk, Detail>> expected;
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
    const bool numbers = size > 1 && load.target != Target::kV;
    const bool transposed = numbers && dice.one_in(2);
    const bool from_v = numbers && size == 4 && dice.one_in(3);
    if (transposed) load.transpose = spec::Transpose::kYes;
    if (from_v) load.source = spec::Source::kV;
    if (!mx && !from_v && dice.one_in(2)) {
      load.extra_groups = static_cast<std::uint16_t>(dice.between(1, 8));
      // Up to what 32 bits hold, so that indices wrap between groups.
      const auto groups_apart = dice.one_in(3) ? dice.bits() >> 32 : dice.between(0, 2800);
      load.group_stride = static_cast<std::uint32_t>(groups_apart / size * size);
    }
    const auto rows = all_rows(load);
    Command command{load, dice.between(0, 4096) * unit, i, random_key()};
    command.key.transpose = transposed;
    command.key.pitch = load.dst_pitch;
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
    // Strips of 64 bytes of columns if transposed, else one of all; then their rows.
    const auto strip = transposed ? static_cast<unsigned>(64 / size) : 65535u;
    for (unsigned column = 0; column < load.cols; column += strip) {
      const auto cols = std::min<unsigned>(strip, load.cols - column);
      for (unsigned r = 0; r < rows; ++r) {
        // In bytes from the first.
        const std::uint64_t row_start = std::uint64_t{r / load.rows} * load.group_stride +
                                        std::uint64_t{r % load.rows} * load.row_stride;
        const bool to_v = load.target == Target::kV;
        Bytes row;
        if (!mx) {
          const auto from = from_v ? 0 : command.address + row_start + column * size;
          row = fetch(from, from + cols * size);
        }
        const std::size_t emitted = mx                                 ? row_chunks * 64
                                    : load.format == LoadFormat::kInt8 ? (cols + 31u) / 32 * 32
                                                                       : cols * size;
        for (std::size_t at = 0; at < emitted; at += kBytes) {
          Chunk chunk{.where = i, .way = to_v ? 2u : size == 1 ? 0u : 1u};
          chunk.to_b = load.target == Target::kB;
          chunk.bf16 = load.format == LoadFormat::kBf16;
          chunk.row = transposed ? 0 : r % 16;
          chunk.base = load.dst + (transposed ? column / 16 : to_v ? r : r / 16) * load.dst_pitch;
          chunk.position = static_cast<unsigned>(at / kBytes) * per_chunk;
          chunk.left = chunk.position < cols ? cols - chunk.position : 0;
          chunk.scaled = mx;
          chunk.row_end = at + kBytes >= emitted;
          chunk.last = chunk.row_end && r + 1 == rows && column + cols == load.cols;
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
          Detail detail = command.key;
          detail.strip_end = r + 1 == rows;
          detail.index += static_cast<std::uint32_t>(column + chunk.position + row_start / size);
          expected.emplace_back(chunk, detail);
        }
      }
    }
  }

  Stalls stalls(dice);
  for (int i = 0; i < 400000 && !expected.empty(); ++i) {
    dut->aligner_cmd_valid_i = commands.offer();
    if (dut->aligner_cmd_valid_i) {
      const Command& c = commands.front();
      FieldWriter put(dut->aligner_cmd_i);
      put(32, c.key.index)(16, c.key.tensor)(32, c.key.seed)(1, c.key.stochastic);
      put(1, c.key.transpose)(16, 0)(16, 0)(32, 0)(1, 0)(1, c.load.source == spec::Source::kV);
      put(16, c.load.dst_pitch)(16, c.load.dst)(48, 0)(32, c.load.group_stride);
      put(16, c.load.extra_groups)(32, c.load.row_stride)(64, c.address);
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
      Detail detail = read_detail(dut->aligner_detail_o);
      const auto& [want, want_detail] = expected.front();
      if (!chunk.scaled) chunk.scale = 0;   // means nothing
      if (detail.transpose) chunk.row = 0;  // the same
      if (chunk.way != 1) detail = want_detail;
      ASSERT_TRUE(chunk == want) << "command " << want.where << " row " << want.row << " position "
                                 << want.position;
      ASSERT_TRUE(detail == want_detail) << "command " << want.where;
      expected.pop_front();
    }
    commands.taken(dut->aligner_cmd_ready_o);
    beats.taken(dut->aligner_beat_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && beats.empty() && commands.empty());
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
