// SPDX-License-Identifier: Apache-2.0
// LaunchObserver: sees every launch of this process with its programs, bindings and memory, before
// it starts and after it ended. Recording is built on it.
//
// The observer runs inside submit() and wait() with the device locked: it may call read(), nothing
// else of the device. A failed launch is observed too; its outcome says so.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "weft/device.h"
#include "weft/program.h"
#include "weft/queue.h"

namespace weft::core {

struct ObservedStep {
  const Program* program = nullptr;
  std::vector<spec::Binding> bindings;  // offsets from the start of the arena, sizes, rights
  std::array<std::uint32_t, spec::kScalars> scalars{};
};

enum class LaunchMoment : std::uint8_t { kBefore, kAfter };

struct ObservedLaunch {
  LaunchMoment moment = LaunchMoment::kBefore;
  const DeviceInfo* device = nullptr;
  std::vector<ObservedStep> steps;
  const Result<LaunchReport>* outcome = nullptr;  // set after the launch
  // Reads device memory from an offset of the arena.
  std::function<Result<void>(std::uint64_t offset, std::span<std::byte> to)> read;
};

class LaunchObserver {
 public:
  virtual ~LaunchObserver() = default;
  virtual void observe(const ObservedLaunch& launch) = 0;
};

// Of all devices of this process; an empty pointer ends it. Any thread.
void set_launch_observer(std::shared_ptr<LaunchObserver> observer);
[[nodiscard]] std::shared_ptr<LaunchObserver> launch_observer();

}  // namespace weft::core
