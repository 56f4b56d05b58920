// SPDX-License-Identifier: Apache-2.0
// DeviceCore: what Device, Buffer, Queue and Event of one device share. It owns the transport and
// the arena, keeps programs uploaded, and writes and reads the records of launches.
//
// Every call takes the lock; once closed, every call is kDeviceLost. One launch is in flight at a
// time: any call that touches memory first waits for it, so launches and copies happen in the order
// they were asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/core/arena.h"
#include "runtime/core/observer.h"
#include "runtime/core/transport.h"
#include "weft/buffer.h"
#include "weft/device.h"
#include "weft/program.h"
#include "weft/queue.h"

namespace weft::core {

class DeviceCore;

// A range of device memory; frees itself.
class BufferMemory {
 public:
  BufferMemory(std::shared_ptr<DeviceCore> core, std::uint64_t offset, std::uint64_t size)
      : core_(std::move(core)), offset_(offset), size_(size) {}
  BufferMemory(const BufferMemory&) = delete;
  BufferMemory& operator=(const BufferMemory&) = delete;
  ~BufferMemory();

  [[nodiscard]] const std::shared_ptr<DeviceCore>& core() const { return core_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::shared_ptr<DeviceCore> core_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

// A binding with its buffer resolved to the arena.
struct PlacedBinding {
  std::shared_ptr<BufferMemory> memory;
  spec::Binding window;
};

struct PlacedStep {
  Program program;
  std::vector<PlacedBinding> bindings;
  std::array<std::uint32_t, spec::kScalars> scalars;
};

struct PendingLaunch {
  std::shared_ptr<DeviceCore> core;
  std::vector<PlacedStep> steps;  // keeps programs and buffers alive
  std::uint64_t completion = 0;   // offset of the record
  std::optional<Result<LaunchReport>> outcome;
};

class DeviceCore : public std::enable_shared_from_this<DeviceCore> {
 public:
  // Takes over an open transport and asks the card who it is.
  [[nodiscard]] static Result<std::shared_ptr<DeviceCore>> create(
      std::unique_ptr<Transport> transport, std::string_view uri);

  [[nodiscard]] const DeviceInfo& info() const { return info_; }

  [[nodiscard]] Result<std::shared_ptr<BufferMemory>> allocate(std::uint64_t bytes);
  void free(std::uint64_t offset);
  [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from);
  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> to);

  // `steps` have passed the checks of Queue::submit.
  [[nodiscard]] Result<std::shared_ptr<PendingLaunch>> submit(std::vector<PlacedStep> steps,
                                                              std::uint32_t stall_limit);
  [[nodiscard]] Result<LaunchReport> wait(PendingLaunch& launch, std::chrono::milliseconds bound);

  void close();

 private:
  // A program's commands in the arena; dropped when no Program shares the contents any more.
  struct Upload {
    std::weak_ptr<const Program::Contents> contents;
    std::uint64_t offset = 0;
  };
  // Where the records of a launch go; grows, is never shared by two launches.
  struct Records {
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };

  explicit DeviceCore(std::unique_ptr<Transport> transport);

  [[nodiscard]] Result<void> identify(std::string_view uri);
  [[nodiscard]] Result<void> idle();  // open, and nothing in flight
  [[nodiscard]] Result<std::uint64_t> upload(const Program& program);
  [[nodiscard]] Result<void> reserve_records(std::uint64_t bytes);
  [[nodiscard]] Result<std::uint64_t> allocate_range(std::uint64_t bytes);
  [[nodiscard]] Result<void> finish(PendingLaunch& launch, std::chrono::milliseconds bound);
  [[nodiscard]] Result<LaunchReport> read_report(const PendingLaunch& launch);
  void observe(const PendingLaunch& launch, LaunchMoment moment);

  // Recursive because the last user of a buffer may go while a call holds the lock.
  std::recursive_mutex mutex_;
  std::unique_ptr<Transport> transport_;  // empty once closed
  Arena arena_;
  DeviceInfo info_;
  Records records_;
  std::optional<std::uint64_t> records_range_;  // the arena's range around records_
  std::map<const Program::Contents*, Upload> uploads_;
  std::shared_ptr<PendingLaunch> in_flight_;
};

}  // namespace weft::core
