// SPDX-License-Identifier: Apache-2.0
// weft/buffer.h: memory of a device. Get one from Device::allocate().
//
// Units     Sizes and offsets are bytes. A buffer starts at a multiple of 64 of device memory.
// Errors    kInvalidArgument if a range does not fit; then nothing was copied. kDeviceLost after
//           the device was closed.
// Lifetime  Move-only; frees itself. It may outlive its Device, but is then good for nothing.
//           A BufferView keeps the memory of its buffer alive.
// Threads   Calls on one device (its buffers and queues included) may come from several threads;
//           they are run one after another. One buffer object belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "weft/result.h"

namespace weft {

class Buffer;
namespace core {
class BufferMemory;
}

// A window of a buffer, as a launch binds it. Cheap to copy.
class BufferView {
 public:
  [[nodiscard]] std::uint64_t offset_bytes() const { return offset_; }
  [[nodiscard]] std::uint64_t size_bytes() const { return size_; }

 private:
  friend class Buffer;
  friend class Queue;
  BufferView(std::shared_ptr<core::BufferMemory> memory, std::uint64_t offset, std::uint64_t size)
      : memory_(std::move(memory)), offset_(offset), size_(size) {}

  std::shared_ptr<core::BufferMemory> memory_;
  std::uint64_t offset_;  // from the start of the buffer
  std::uint64_t size_;
};

class Buffer {
 public:
  Buffer(Buffer&&) noexcept;
  Buffer& operator=(Buffer&&) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  [[nodiscard]] std::size_t size_bytes() const;

  // Copies `from` to the device, starting `offset` bytes into the buffer.
  [[nodiscard]] Result<void> write(std::span<const std::byte> from, std::size_t offset = 0);

  // Copies from the device until `to` is full.
  [[nodiscard]] Result<void> read(std::span<std::byte> to, std::size_t offset = 0) const;

  // Sets every byte. Memory is otherwise undefined after allocation.
  [[nodiscard]] Result<void> fill(std::byte value);

  // The whole buffer, or `size` bytes from `offset` on (checked when launched).
  [[nodiscard]] BufferView view() const;
  [[nodiscard]] BufferView view(std::uint64_t offset, std::uint64_t size) const;

 private:
  friend class Device;
  explicit Buffer(std::shared_ptr<core::BufferMemory> memory);
  std::shared_ptr<core::BufferMemory> memory_;
};

}  // namespace weft
