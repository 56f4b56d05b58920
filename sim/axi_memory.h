// SPDX-License-Identifier: Apache-2.0
// axi_memory.h: a memory behind an AXI4 port, with latency, bandwidth and reordering.
//
// In each clock cycle call drive() for what the memory drives, then sample() with what the master
// drove. Reads and writes share `bytes_per_cycle`. Answers of one
// identity stay in order, as AXI4 demands (A5.3); with a seed, those of different identities
// overtake each other and every handshake is held back at random.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace weft::sim {

struct MemoryTiming {
  std::uint32_t latency = 64;
  std::uint32_t bytes_per_cycle = 64;
  std::uint64_t reorder_seed = 0;
  std::uint64_t error_address = 0;
};

// What the master drives; data and strobe point into the model.
struct MasterSignals {
  bool ar_valid = false;
  std::uint32_t ar_id = 0;
  std::uint64_t ar_address = 0;
  std::uint32_t ar_len = 0;
  bool aw_valid = false;
  std::uint32_t aw_id = 0;
  std::uint64_t aw_address = 0;
  std::uint32_t aw_len = 0;
  bool w_valid = false;
  const std::uint8_t* w_data = nullptr;
  std::uint64_t w_strobe = 0;
  bool w_last = false;
};

// What the memory drives.
struct SlaveSignals {
  bool ar_ready = false;
  bool aw_ready = false;
  bool w_ready = false;
  bool r_valid = false;
  std::uint32_t r_id = 0;
  const std::uint8_t* r_data = nullptr;
  std::uint32_t r_resp = 0;
  bool r_last = false;
  bool b_valid = false;
  std::uint32_t b_id = 0;
  std::uint32_t b_resp = 0;
};

class AxiMemory {
 public:
  AxiMemory(std::span<std::uint8_t> bytes, std::uint64_t base, std::uint32_t beat_bytes,
            const MemoryTiming& timing);

  // What the memory drives in the coming cycle; independent of what the master drives in it.
  const SlaveSignals& drive(std::uint64_t cycle);
  // What the master drove in that cycle, beside the signals drive() returned.
  void sample(const MasterSignals& master, std::uint64_t cycle);

  // Called with each beat of identity 0 that is stored: offset, bytes, strobe.
  using WriteObserver =
      std::function<void(std::uint64_t, std::span<const std::uint8_t>, std::uint64_t)>;
  void observe_writes(WriteObserver observer) { observer_ = std::move(observer); }

  // Forgets what is under way, as a reset of both sides does.
  void reset();
  // A protocol error of the master seen so far, or null.
  [[nodiscard]] const char* violation() const { return violation_; }

 private:
  struct Read {
    std::uint32_t id;
    std::uint64_t address;
    std::uint32_t beats;
    std::uint64_t ready_at;
    bool error;
  };
  struct Write {
    std::uint32_t id;
    std::uint64_t address;
    std::uint32_t beats;
    bool error;
  };
  struct Answer {
    std::uint32_t id;
    std::uint64_t ready_at;
    bool error;
  };

  bool hold_back();
  bool bad_range(std::uint64_t address, std::uint64_t bytes) const;
  void check_burst(std::uint64_t address, std::uint32_t len);

  std::span<std::uint8_t> bytes_;
  std::uint64_t base_;
  std::uint32_t beat_bytes_;
  MemoryTiming timing_;
  std::mt19937_64 random_;
  std::deque<Read> reads_;
  std::deque<Write> writes_;
  std::deque<Answer> answers_;
  std::size_t current_read_ = 0;
  bool read_open_ = false;  // a burst has sent some of its beats
  bool w_offered_ = false;  // in the cycle before
  std::uint64_t credit_ = 0;
  std::uint64_t credit_cycle_ = 0;
  SlaveSignals out_;
  std::vector<std::uint8_t> r_buffer_;
  const char* violation_ = nullptr;
  WriteObserver observer_;
};

}  // namespace weft::sim
