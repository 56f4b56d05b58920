// SPDX-License-Identifier: Apache-2.0
// Card: the functional model of the whole card. Reads the launch record at an offset of its arena,
// checks and executes every command in stream order, and writes the completion record.
//
// The same bytes go in and come out as on the card; cycles, counters and bytes moved are zero. Any
// bytes are safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/core/digest.h"
#include "runtime/devices/fast/scratchpads.h"
#include "runtime/devices/fast/units.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft::fast {

class Card {
 public:
  Card(const spec::Config& config, std::span<std::byte> arena)
      : config_(config), arena_(arena), pads_(config) {}

  // Keeps a digest of what each command writes, from the next launch on.
  void keep_digests() { keep_digests_ = true; }
  [[nodiscard]] const core::Digests& digests() const { return digests_; }

  // An error if there is no place for a completion record; a fault is none.
  [[nodiscard]] Result<void> launch(std::uint64_t record_offset);

 private:
  struct Outcome {
    spec::Fault fault = spec::Fault::kNone;
    std::uint32_t program = 0;
    std::uint32_t command = 0;
    std::uint32_t unit = static_cast<std::uint32_t>(spec::Unit::kSequencer);
    std::uint64_t address = 0;
    std::array<std::uint32_t, spec::kNumUnits> retired{};
  };

  void run_list(const spec::Launch& launch, Outcome& outcome);
  void run_entry(const spec::Entry& entry, Outcome& outcome);
  void execute(std::span<const std::byte, spec::kCommandBytes> command,
               std::span<const spec::Binding> bindings, const Scalars& scalars, Outcome& outcome);

  // The bytes of the arena at an offset, or nothing and the fault read_error.
  [[nodiscard]] std::span<const std::byte> fetch(std::uint64_t offset, std::uint64_t bytes,
                                                 Outcome& outcome) const;
  [[nodiscard]] Result<void> complete(std::uint64_t offset, const Outcome& outcome);

  spec::Config config_;
  std::span<std::byte> arena_;
  Scratchpads pads_;
  bool keep_digests_ = false;
  core::Digests digests_;
};

}  // namespace weft::fast
