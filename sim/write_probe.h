// SPDX-License-Identifier: Apache-2.0
// write_probe.h: collects the digests of what each command of a launch writes, from the probe in
// the RTL (weft_write_probe.sv) and from the memory.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/core/digest.h"

namespace weft::sim {

class WriteProbe {
 public:
  explicit WriteProbe(bool wanted) : wanted_(wanted) {}

  // The probe the RTL of this thread reports to until the next call.
  void make_current();
  static WriteProbe* current();

  [[nodiscard]] bool wanted() const { return wanted_; }
  void clear() { digests_.clear(); }
  [[nodiscard]] const core::Digests& digests() const { return digests_; }

  // `where`: program in the high half, command in the low one, as the RTL carries it.
  core::Digest& digest(std::uint32_t where) { return digests_[{where >> 16, where & 0xffff}]; }

  // The command whose beat memory takes in this cycle, then that beat.
  void store_beat(std::uint32_t where) { store_where_ = where; }
  void memory_write(std::uint64_t offset, std::span<const std::uint8_t> bytes,
                    std::uint64_t strobe);

 private:
  bool wanted_;
  core::Digests digests_;
  std::uint32_t store_where_ = 0;
};

}  // namespace weft::sim
