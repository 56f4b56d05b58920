// SPDX-License-Identifier: Apache-2.0
// Transport: the whole of what a device must be able to do. Copy to and from its arena, start the
// launch record at an offset, wait until the completion record is written.
//
// Offsets are bytes from the start of the arena. The caller serialises all calls and keeps ranges
// inside arena_bytes(); one launch is in flight at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/core/digest.h"
#include "weft/result.h"

namespace weft::core {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  [[nodiscard]] virtual std::uint64_t arena_bytes() const = 0;
  [[nodiscard]] virtual Result<void> write(std::uint64_t offset,
                                           std::span<const std::byte> from) = 0;
  [[nodiscard]] virtual Result<void> read(std::uint64_t offset, std::span<std::byte> to) = 0;

  // kDeviceLost if the device does not take the launch. Devices of this process run it here.
  [[nodiscard]] virtual Result<void> start(std::uint64_t record_offset) = 0;

  // kTimeout after `bound`: the launch goes on and wait() may be called again. kDeviceLost if it
  // will never complete.
  [[nodiscard]] virtual Result<void> wait(std::chrono::milliseconds bound) = 0;

  // Cycles of the last launch, measured outside the card; nothing where there is no clock.
  [[nodiscard]] virtual std::optional<std::uint64_t> cycles() const = 0;

  // Digests of what each command of the last launch wrote; empty where they are not kept.
  [[nodiscard]] virtual Digests digests() const { return {}; }

  // Bytes per cycle of the memory behind the card where it is known, else 0.
  [[nodiscard]] virtual std::uint32_t memory_bytes_per_cycle() const { return 0; }
};

}  // namespace weft::core
