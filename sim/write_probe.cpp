// SPDX-License-Identifier: Apache-2.0
#include "write_probe.h"

#include <svdpi.h>

namespace weft::sim {
namespace {

using core::DigestSpace;

thread_local WriteProbe* current_probe = nullptr;

constexpr std::uint32_t kRows = 16;         // of a cell
constexpr std::uint32_t kColumns = 64;      // of a cell
constexpr std::uint32_t kStepElements = 8;  // one step of the array
constexpr std::uint32_t kMaxSteps = 8;      // of a write
constexpr std::uint32_t kMaxLanes = 16;     // of a word of V
constexpr std::uint32_t kElementBytes = 4;

std::uint8_t byte_of(const svBitVecVal* data, std::uint32_t i) {
  return static_cast<std::uint8_t>(data[i / 4] >> (8 * (i % 4)));
}

}  // namespace

void WriteProbe::make_current() {
  current_probe = this;
}
WriteProbe* WriteProbe::current() {
  return current_probe;
}

void WriteProbe::memory_write(std::uint64_t offset, std::span<const std::uint8_t> bytes,
                              std::uint64_t strobe) {
  core::Digest& sum = digest(store_where_);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((strobe >> i) & 1) digest_byte(sum, DigestSpace::kMemory, offset + i, bytes[i]);
  }
}

}  // namespace weft::sim

extern "C" {

svBit weft_probe_wanted() {
  const auto* probe = weft::sim::WriteProbe::current();
  return probe != nullptr && probe->wanted();
}

void weft_probe_operand(unsigned where, svBit to_b, unsigned cell, unsigned row, unsigned step,
                        unsigned mask, const svBitVecVal* data, unsigned scale_mask,
                        unsigned scales) {
  using namespace weft::sim;
  weft::core::Digest& sum = WriteProbe::current()->digest(where);
  const std::uint64_t line = std::uint64_t{cell} * kRows + row;
  for (std::uint32_t s = 0; s < kMaxSteps; ++s) {
    if (((mask >> s) & 1) == 0) continue;
    for (std::uint32_t i = 0; i < kStepElements; ++i) {
      digest_byte(sum, to_b ? DigestSpace::kB : DigestSpace::kA,
                  line * kColumns + (step + s) * kStepElements + i,
                  byte_of(data, s * kStepElements + i));
    }
  }
  for (std::uint32_t block = 0; block < 2; ++block) {
    if (((scale_mask >> block) & 1) == 0) continue;
    digest_byte(sum, to_b ? DigestSpace::kBScales : DigestSpace::kAScales, line * 2 + block,
                static_cast<std::uint8_t>(scales >> (8 * block)));
  }
}

void weft_probe_v(unsigned where, unsigned byte_address, unsigned mask, const svBitVecVal* data) {
  using namespace weft::sim;
  weft::core::Digest& sum = WriteProbe::current()->digest(where);
  for (std::uint32_t lane = 0; lane < kMaxLanes; ++lane) {
    if (((mask >> lane) & 1) == 0) continue;
    for (std::uint32_t i = lane * kElementBytes; i < (lane + 1) * kElementBytes; ++i) {
      digest_byte(sum, DigestSpace::kV, byte_address + i, byte_of(data, i));
    }
  }
}

void weft_probe_store(unsigned where) {
  weft::sim::WriteProbe::current()->store_beat(where);
}

}  // extern "C"
