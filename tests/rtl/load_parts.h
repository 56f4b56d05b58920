// SPDX-License-Identifier: Apache-2.0
// The stages of weft_load, each alone: chunks as they pass between them.
#pragma once

#include <deque>

#include "Vweft_load_parts_bench.h"
#include "hls/functions/bf16_to_fp32.h"
#include "runtime/program/footprint.h"
#include "tests/conformance/random_data.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/rtl/support/streams.h"

namespace weft::test {

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

// weft_load_pkg::detail_t.
struct Detail {
  bool transpose = false;
  bool strip_end = false;
  unsigned pitch = 0;
  bool stochastic = false;
  std::uint32_t seed = 0;
  std::uint16_t tensor = 0;
  bool turned = false;
  unsigned tile = 0;
  std::uint32_t index = 0;

  friend bool operator==(const Detail&, const Detail&) = default;
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

  template <class Port>
  static Detail read_detail(const Port& port) {
    FieldReader get(port);
    Detail detail;
    detail.index = static_cast<std::uint32_t>(get(32));
    detail.tile = static_cast<unsigned>(get(3));
    detail.turned = get(1);
    detail.tensor = static_cast<std::uint16_t>(get(16));
    detail.seed = static_cast<std::uint32_t>(get(32));
    detail.stochastic = get(1);
    detail.pitch = static_cast<unsigned>(get(16));
    detail.strip_end = get(1);
    detail.transpose = get(1);
    return detail;
  }
  template <class Port>
  static void write_detail(Port& port, const Detail& d) {
    FieldWriter(port)(32, d.index)(3, d.tile)(1, d.turned)(16, d.tensor)(32, d.seed)(
        1, d.stochastic)(16, d.pitch)(1, d.strip_end)(1, d.transpose);
  }

  // A key of stochastic rounding, or none.
  Detail random_key() {
    Detail detail;
    detail.stochastic = dice.one_in(2);
    detail.seed = static_cast<std::uint32_t>(dice.bits());
    detail.tensor = static_cast<std::uint16_t>(dice.bits());
    detail.index = static_cast<std::uint32_t>(dice.bits());
    return detail;
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

}  // namespace weft::test
