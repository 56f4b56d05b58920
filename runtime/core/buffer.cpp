// SPDX-License-Identifier: Apache-2.0
#include "weft/buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/core/device_core.h"

namespace weft {
namespace {

Result<void> check_range(const core::BufferMemory& memory, std::uint64_t offset,
                         std::uint64_t bytes) {
  if (offset <= memory.size() && bytes <= memory.size() - offset) return {};
  return fail(Code::kInvalidArgument,
              fmt::format("{} bytes at offset {} do not fit a buffer of {} bytes", bytes, offset,
                          memory.size()));
}

}  // namespace

Buffer::Buffer(std::shared_ptr<core::BufferMemory> memory) : memory_(std::move(memory)) {}
Buffer::Buffer(Buffer&&) noexcept = default;
Buffer& Buffer::operator=(Buffer&&) noexcept = default;
Buffer::~Buffer() = default;

std::size_t Buffer::size_bytes() const {
  return memory_->size();
}

Result<void> Buffer::write(std::span<const std::byte> from, std::size_t offset) {
  if (auto range = check_range(*memory_, offset, from.size()); !range) return range;
  return memory_->core()->write(memory_->offset() + offset, from);
}

Result<void> Buffer::read(std::span<std::byte> to, std::size_t offset) const {
  if (auto range = check_range(*memory_, offset, to.size()); !range) return range;
  return memory_->core()->read(memory_->offset() + offset, to);
}

Result<void> Buffer::fill(std::byte value) {
  const std::vector<std::byte> chunk(std::min<std::size_t>(size_bytes(), 1u << 20), value);
  for (std::size_t at = 0; at < size_bytes(); at += chunk.size()) {
    const std::size_t bytes = std::min(chunk.size(), size_bytes() - at);
    if (auto written = write(std::span(chunk).first(bytes), at); !written) return written;
  }
  return {};
}

BufferView Buffer::view() const {
  return {memory_, 0, memory_->size()};
}

BufferView Buffer::view(std::uint64_t offset, std::uint64_t size) const {
  return {memory_, offset, size};
}

}  // namespace weft
