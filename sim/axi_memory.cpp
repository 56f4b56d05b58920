// SPDX-License-Identifier: Apache-2.0
#include "axi_memory.h"

#include <algorithm>
#include <cstring>

namespace weft::sim {
namespace {

constexpr std::uint32_t kOkay = 0;
constexpr std::uint32_t kSlaveError = 2;
constexpr std::size_t kMaxReads = 256;  // accepted and unanswered bursts
constexpr std::size_t kMaxWrites = 64;

}  // namespace

AxiMemory::AxiMemory(std::span<std::uint8_t> bytes, std::uint64_t base, std::uint32_t beat_bytes,
                     const MemoryTiming& timing)
    : bytes_(bytes),
      base_(base),
      beat_bytes_(beat_bytes),
      timing_(timing),
      random_(timing.reorder_seed),
      r_buffer_(beat_bytes) {}

void AxiMemory::reset() {
  reads_.clear();
  writes_.clear();
  answers_.clear();
  read_open_ = false;
  w_offered_ = false;
  violation_ = nullptr;
  out_ = {};
}

bool AxiMemory::hold_back() {
  return timing_.reorder_seed != 0 && (random_() & 3) == 0;
}

bool AxiMemory::bad_range(std::uint64_t address, std::uint64_t bytes) const {
  const bool outside = address < base_ || address - base_ + bytes > bytes_.size();
  const bool marked = timing_.error_address != 0 && address <= timing_.error_address &&
                      timing_.error_address < address + bytes;
  return outside || marked;
}

void AxiMemory::check_burst(std::uint64_t address, std::uint32_t len) {
  const std::uint64_t bytes = (std::uint64_t{len} + 1) * beat_bytes_;
  if (address % beat_bytes_ != 0) violation_ = "burst does not start at a beat";
  if (address / 4096 != (address + bytes - 1) / 4096) violation_ = "burst crosses 4 KiB";
}

const SlaveSignals& AxiMemory::drive(std::uint64_t cycle) {
  // The bandwidth budget: a bucket that holds one beat more than a cycle brings.
  if (cycle != credit_cycle_) {
    credit_ = std::min<std::uint64_t>(
        credit_ + timing_.bytes_per_cycle,
        std::max(timing_.bytes_per_cycle, beat_bytes_) + std::uint64_t{beat_bytes_});
    credit_cycle_ = cycle;
  }
  std::uint64_t budget = credit_;

  out_ = {};
  out_.ar_ready = reads_.size() < kMaxReads && !hold_back();
  // With an odd seed an address is taken only beside data, as AXI4 A3.3.1 allows a slave.
  out_.aw_ready =
      writes_.size() < kMaxWrites && !hold_back() && (timing_.reorder_seed % 2 == 0 || w_offered_);

  // Read data. A burst that has begun goes on; else the oldest, or with a seed any that is the
  // oldest of its identity.
  if (!read_open_ && !reads_.empty()) {
    current_read_ = 0;
    if (timing_.reorder_seed != 0 && (random_() & 1) != 0) {
      for (std::size_t i = 1; i < reads_.size(); ++i) {
        if (reads_[i].id != reads_[0].id) {
          current_read_ = i;
          break;
        }
      }
    }
  }
  if (!reads_.empty() && reads_[current_read_].ready_at <= cycle && budget >= beat_bytes_ &&
      !hold_back()) {
    const Read& read = reads_[current_read_];
    budget -= beat_bytes_;
    out_.r_valid = true;
    out_.r_id = read.id;
    out_.r_resp = read.error ? kSlaveError : kOkay;
    out_.r_last = read.beats == 1;
    if (bad_range(read.address, beat_bytes_) && read.error) {
      std::fill(r_buffer_.begin(), r_buffer_.end(), std::uint8_t{0});
      out_.r_data = r_buffer_.data();
    } else {
      out_.r_data = bytes_.data() + (read.address - base_);
    }
  }

  out_.w_ready = !writes_.empty() && budget >= beat_bytes_ && !hold_back();
  if (!answers_.empty() && answers_.front().ready_at <= cycle && !hold_back()) {
    out_.b_valid = true;
    out_.b_id = answers_.front().id;
    out_.b_resp = answers_.front().error ? kSlaveError : kOkay;
  }
  return out_;
}

void AxiMemory::sample(const MasterSignals& master, std::uint64_t cycle) {
  w_offered_ = master.w_valid;
  if (out_.r_valid) {
    Read& read = reads_[current_read_];
    credit_ -= beat_bytes_;
    read.address += beat_bytes_;
    read_open_ = --read.beats != 0;
    if (!read_open_) reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(current_read_));
  }
  if (out_.b_valid) answers_.pop_front();

  if (master.w_valid && out_.w_ready) {
    Write& write = writes_.front();
    credit_ -= beat_bytes_;
    if (!write.error) {
      std::uint8_t* target = bytes_.data() + (write.address - base_);
      for (std::uint32_t i = 0; i < beat_bytes_; ++i) {
        if ((master.w_strobe >> i) & 1) target[i] = master.w_data[i];
      }
    }
    if (observer_ && write.id == 0 && !write.error) {
      observer_(write.address - base_, {master.w_data, beat_bytes_}, master.w_strobe);
    }
    write.address += beat_bytes_;
    --write.beats;
    if (master.w_last != (write.beats == 0)) violation_ = "wlast on the wrong beat";
    if (write.beats == 0) {
      answers_.push_back({write.id, cycle + timing_.latency, write.error});
      writes_.pop_front();
    }
  }
  if (master.ar_valid && out_.ar_ready) {
    check_burst(master.ar_address, master.ar_len);
    reads_.push_back(
        {master.ar_id, master.ar_address, master.ar_len + 1, cycle + timing_.latency,
         bad_range(master.ar_address, (std::uint64_t{master.ar_len} + 1) * beat_bytes_)});
  }
  if (master.aw_valid && out_.aw_ready) {
    check_burst(master.aw_address, master.aw_len);
    writes_.push_back(
        {master.aw_id, master.aw_address, master.aw_len + 1,
         bad_range(master.aw_address, (std::uint64_t{master.aw_len} + 1) * beat_bytes_)});
  }
}

}  // namespace weft::sim
