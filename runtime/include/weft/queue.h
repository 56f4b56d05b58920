// SPDX-License-Identifier: Apache-2.0
// weft/queue.h: launches programs on a device and waits for them.
//
//   Launch launch;
//   launch.steps.push_back({.program = program, .bindings = {a.view(), b.view(), c.view()}});
//   Result<Event> event = device->queue().submit(launch);
//   Result<LaunchReport> report = event->wait();
//
// submit() checks what changes per launch: number, sizes and rights of the bindings, and that no
// binding that is written overlaps another of its step. Programs of a launch run one after another.
//
// Errors    submit(): kInvalidArgument names the step and the binding; kOutOfMemory if the launch
//           record does not fit. wait(): kFault names the fault, the program, the command's index
//           and its assembly; kTimeout; kDeviceLost.
// Lifetime  The devices of this process (fast:, sim:) run a launch inside submit(). An Event may be
//           dropped without waiting. Buffers of a launch stay alive until it ended.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "weft/buffer.h"
#include "weft/program.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

namespace core {
class DeviceCore;
struct PendingLaunch;
}  // namespace core

// One program of a launch with what it works on, in the order of its declared bindings.
struct Step {
  Program program;
  std::vector<BufferView> bindings{};
  std::array<std::uint32_t, spec::kScalars> scalars{};  // FP32 bits, by number
};

struct Launch {
  std::vector<Step> steps{};
  std::uint32_t stall_limit = 0;  // cycles without progress before the fault `stalled`; 0: default
};

// Cycles of one unit by state; they sum to the cycles of the launch.
using UnitCounters = std::array<std::uint64_t, spec::kNumStates>;

// What one command wrote, as a number: equal for equal bytes at equal places.
struct CommandDigest {
  std::uint32_t step = 0;     // of the launch
  std::uint32_t command = 0;  // of its program
  std::uint64_t value = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const CommandDigest&, const CommandDigest&) = default;
};

struct LaunchReport {
  // From the start write to the answer of the completion record; nothing where there is no clock.
  std::optional<std::uint64_t> cycles;
  // By unit and state; nothing where there is no clock.
  std::optional<std::array<UnitCounters, spec::kNumUnits>> counters;
  std::array<std::uint32_t, spec::kNumUnits> retired{};  // commands, all steps together
  std::uint64_t bytes_read = 0;  // over the memory port; 0 where there is none
  std::uint64_t bytes_written = 0;
  // In stream order; empty unless the device was opened with digests=1.
  std::vector<CommandDigest> digests;
};

class Event {
 public:
  // The outcome of the launch; asking again gives the same answer.
  [[nodiscard]] Result<LaunchReport> wait(
      std::chrono::milliseconds bound = std::chrono::minutes(10));

 private:
  friend class Queue;
  explicit Event(std::shared_ptr<core::PendingLaunch> pending) : pending_(std::move(pending)) {}
  std::shared_ptr<core::PendingLaunch> pending_;
};

class Queue {
 public:
  [[nodiscard]] Result<Event> submit(const Launch& launch);

  // submit() and wait() in one.
  [[nodiscard]] Result<LaunchReport> run(const Launch& launch);

 private:
  friend class Device;
  explicit Queue(std::shared_ptr<core::DeviceCore> core) : core_(std::move(core)) {}
  std::shared_ptr<core::DeviceCore> core_;
};

}  // namespace weft
