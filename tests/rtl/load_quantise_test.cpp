// SPDX-License-Identifier: Apache-2.0
// weft_load_quantiser and weft_load_transposer, each alone under random stalls.
#include "hls/functions/block_exponent.h"
#include "hls/functions/block_exponent_stochastic.h"
#include "hls/functions/quantise.h"
#include "hls/functions/quantise_stochastic.h"
#include "hls/functions/random16.h"
#include "tests/rtl/load_parts.h"

namespace weft::test {
namespace {

TEST_F(LoadParts, QuantiserMakesABlockOf32WithItsScale) {
  struct Block {
    std::array<std::int8_t, spec::kBlock> mantissas{};
    std::uint64_t scale = 0;
    Chunk chunk;  // place
    bool last = false;
    bool stochastic = false;
  };
  // Of the rows of each tile, as the transposer would answer.
  std::array<std::array<std::uint32_t, spec::kBlock>, 8> indices;
  for (auto& tile : indices) {
    for (auto& index : tile) index = static_cast<std::uint32_t>(dice.bits());
  }
  Source<std::pair<Chunk, Detail>> chunks(dice);
  std::deque<Block> expected;
  for (std::uint32_t r = 0; r < 300; ++r) {
    std::vector<std::uint32_t> numbers;
    const bool last = dice.one_in(3);
    const auto row = row_of_numbers(1, dice.one_in(2), r, last, numbers);
    Detail key = random_key();
    key.turned = dice.one_in(2);
    key.tile = static_cast<unsigned>(dice.between(0, 7));
    for (const Chunk& chunk : row) {
      Detail detail = key;
      // Only a block's first chunk says where the block is.
      if (!key.turned) detail.index += chunk.position;
      if (chunk.position % spec::kBlock != 0)
        detail.index = static_cast<std::uint32_t>(dice.bits());
      chunks.push({chunk, detail});
    }
    for (std::size_t at = 0; at < numbers.size(); at += spec::kBlock) {
      Block block{.chunk = row.front()};
      block.chunk.position = static_cast<unsigned>(at);
      block.last = last && at + spec::kBlock >= numbers.size();
      const auto end = std::min<std::size_t>(numbers.size(), at + spec::kBlock);
      std::uint32_t largest = 0;
      for (auto i = at; i < end; ++i) largest = std::max(largest, numbers[i] & 0x7fffffffu);
      const std::uint8_t scale =
          key.stochastic ? hls::block_exponent_stochastic(largest) : hls::block_exponent(largest);
      block.scale = scale;
      block.stochastic = key.stochastic;
      for (auto i = at; i < end; ++i) {
        const auto row_index = indices[key.tile][i % spec::kBlock];
        const auto index = static_cast<std::uint32_t>(key.index + (key.turned ? row_index : i));
        block.mantissas[i - at] =
            key.stochastic ? hls::quantise_stochastic(numbers[i], scale,
                                                      hls::random16(key.seed, key.tensor, index))
                           : hls::quantise(numbers[i], scale);
      }
      expected.push_back(block);
    }
  }
  std::uint64_t previous = 0;
  bool was_stochastic = false;
  bool at_full_rate = kBytes < 64;
  for (int i = 0; i < 60000 && !expected.empty(); ++i) {
    dut->quantiser_chunk_valid_i = chunks.offer();
    if (dut->quantiser_chunk_valid_i) {
      const auto& [chunk, detail] = chunks.front();
      write_chunk(dut->quantiser_chunk_i, chunk);
      write_detail(dut->quantiser_detail_i, detail);
      set_bytes(dut->quantiser_chunk_data_i, chunk.data.data());
    }
    settle();
    for (std::size_t l = 0; l < kLanes; ++l) {
      const auto row = dut->quantiser_index_part_o * kLanes + l;
      dut->quantiser_index_i[l] = indices[dut->quantiser_index_tile_o][row];
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
      if (previous != 0 && !was_stochastic && !block.stochastic && kBytes == 64) {
        at_full_rate = at_full_rate || cycle - previous == 1;
      }
      was_stochastic = block.stochastic;
      previous = cycle;
      expected.pop_front();
    }
    chunks.taken(dut->quantiser_chunk_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && chunks.empty());
  EXPECT_TRUE(at_full_rate);
}

// A tile's columns leave as blocks, in the order of columns, tiles and strips.
TEST_F(LoadParts, TransposerEmitsColumnsOfStrips) {
  struct Out {
    Chunk chunk;
    Detail detail;
    unsigned part;                           // of its block
    std::vector<std::uint32_t> row_indices;  // logical, of its rows' first elements
  };
  Source<std::pair<Chunk, Detail>> chunks(dice);
  std::deque<Out> expected;
  Out rounded{};
  unsigned tiles = 0;
  constexpr unsigned kWords = kBytes / 4;
  for (std::uint32_t s = 0; s < 60; ++s) {
    const bool bf16 = dice.one_in(2);
    const unsigned size = bf16 ? 2 : 4;
    const auto rows = static_cast<unsigned>(
        dice.one_in(2) ? dice.pick(std::vector<unsigned>{1, 2, 16, 31, 32, 33, 64, 65})
                       : dice.between(1, 150));
    const auto cols =
        static_cast<unsigned>(dice.one_in(2) ? 64 / size : dice.between(1, 64 / size));
    const bool last = dice.one_in(2);
    Detail key = random_key();
    key.transpose = true;
    key.pitch = static_cast<unsigned>(dice.between(0, 60));
    Chunk chunk{.where = s, .way = 1, .to_b = dice.one_in(2), .bf16 = bf16};
    chunk.base = static_cast<unsigned>(dice.between(0, 6000));
    std::vector<std::uint32_t> indices(rows);  // of the rows' first elements
    for (auto& index : indices) index = static_cast<std::uint32_t>(dice.bits());
    std::vector<std::uint32_t> numbers(std::size_t{rows} * cols);
    for (auto& number : numbers) {
      number = static_cast<std::uint32_t>(dice.bits()) & (bf16 ? 0xffff0000u : 0xffffffffu);
    }
    for (unsigned r = 0; r < rows; ++r) {
      for (unsigned at = 0; at < cols; at += static_cast<unsigned>(kBytes) / size) {
        const auto per_chunk = static_cast<unsigned>(kBytes) / size;
        chunk.row = static_cast<unsigned>(dice.between(0, 15));
        chunk.position = at;
        chunk.left = cols - at;
        chunk.row_end = at + per_chunk >= cols;
        chunk.last = last && chunk.row_end && r + 1 == rows;
        chunk.data.assign(kBytes, 0);
        for (unsigned i = 0; i < per_chunk && at + i < cols; ++i) {
          const auto bits = numbers[std::size_t{r} * cols + at + i] >> (bf16 ? 16 : 0);
          std::memcpy(&chunk.data[std::size_t{i} * size], &bits, size);
        }
        Detail detail = key;
        detail.strip_end = r + 1 == rows;
        detail.index = indices[r] + at;
        chunks.push({chunk, detail});
      }
    }
    for (unsigned tile = 0; tile < rows; tile += spec::kBlock) {
      const unsigned tile_end = std::min<unsigned>(rows, tile + spec::kBlock);
      const unsigned number = tiles++ % 8;
      for (unsigned c = 0; c < cols; ++c) {
        for (unsigned r = tile; r < tile_end; r += kWords) {
          Chunk out{.where = s, .way = 1, .to_b = chunk.to_b};
          out.row = c % 16;
          out.base = chunk.base + c / 16 * key.pitch;
          out.position = r;
          out.row_end = r + kWords >= rows;
          out.last = last && out.row_end && c + 1 == cols;
          out.data.assign(kBytes, 0);
          for (unsigned i = 0; i < kWords && r + i < tile_end; ++i) {
            std::memcpy(&out.data[4u * i], &numbers[std::size_t{r + i} * cols + c], 4);
          }
          Detail detail = key;
          detail.transpose = false;
          detail.pitch = 0;
          detail.turned = true;
          detail.tile = number;
          detail.index = c;
          std::vector<std::uint32_t> row_indices;
          for (unsigned i = 0; i < kWords && r + i < tile_end; ++i) {
            row_indices.push_back(indices[r + i]);
          }
          expected.push_back({out, detail, (r - tile) / kWords, row_indices});
        }
      }
    }
  }
  Stalls stalls(dice);
  for (int i = 0; i < 400000 && !expected.empty(); ++i) {
    dut->transposer_chunk_valid_i = chunks.offer();
    if (dut->transposer_chunk_valid_i) {
      const auto& [chunk, detail] = chunks.front();
      write_chunk(dut->transposer_chunk_i, chunk);
      write_detail(dut->transposer_detail_i, detail);
      set_bytes(dut->transposer_chunk_data_i, chunk.data.data());
    }
    dut->transposer_chunk_ready_i = !stalls();
    // Rounding asks for the indices of what left last.
    dut->transposer_index_tile_i = static_cast<std::uint8_t>(rounded.detail.tile);
    dut->transposer_index_part_i = static_cast<std::uint8_t>(rounded.part);
    settle();
    for (std::size_t l = 0; l < rounded.row_indices.size(); ++l) {
      ASSERT_EQ(dut->transposer_index_o[l], rounded.row_indices[l]);
    }
    if (dut->transposer_chunk_valid_o) {
      ASSERT_FALSE(dut->transposer_idle_o);
    }
    if (dut->transposer_chunk_valid_o && dut->transposer_chunk_ready_i) {
      const Out& want = expected.front();
      Chunk chunk = read_chunk(dut->transposer_chunk_o);
      chunk.data = bytes_of(dut->transposer_chunk_data_o);
      Detail detail = read_detail(dut->transposer_detail_o);
      ASSERT_TRUE(chunk == want.chunk) << "strip " << want.chunk.where << " row " << want.chunk.row
                                       << " position " << want.chunk.position;
      ASSERT_TRUE(detail == want.detail) << "strip " << want.chunk.where;
      rounded = want;
      expected.pop_front();
    }
    chunks.taken(dut->transposer_chunk_ready_o);
    edge();
  }
  EXPECT_TRUE(expected.empty() && chunks.empty());
  settle();
  EXPECT_TRUE(dut->transposer_idle_o);
}

}  // namespace
}  // namespace weft::test
