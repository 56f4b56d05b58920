// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/arena.h"

#include <iterator>

#include "runtime/core/check.h"

namespace weft::core {

Arena::Arena(std::uint64_t bytes) {
  const std::uint64_t usable = bytes / kAlignment * kAlignment;
  if (usable > 0) insert_free(0, usable);
}

std::optional<std::uint64_t> Arena::allocate(std::uint64_t bytes) {
  if (bytes > free_bytes_) return std::nullopt;
  const std::uint64_t length = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const auto fit = free_by_size_.lower_bound({length, 0});
  if (fit == free_by_size_.end()) return std::nullopt;
  const auto [free_length, offset] = *fit;
  erase_free(free_.find(offset));
  if (free_length > length) insert_free(offset + length, free_length - length);
  used_.emplace(offset, length);
  return offset;
}

void Arena::free(std::uint64_t offset) {
  const auto range = used_.find(offset);
  WEFT_CHECK(range != used_.end());
  std::uint64_t begin = offset;
  std::uint64_t end = offset + range->second;
  used_.erase(range);

  auto next = free_.lower_bound(begin);
  if (next != free_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second == begin) {
      begin = previous->first;
      erase_free(previous);
    }
  }
  if (next != free_.end() && next->first == end) {
    end += next->second;
    erase_free(next);
  }
  insert_free(begin, end - begin);
}

std::uint64_t Arena::largest_free_bytes() const {
  return free_by_size_.empty() ? 0 : free_by_size_.rbegin()->first;
}

void Arena::insert_free(std::uint64_t offset, std::uint64_t bytes) {
  free_.emplace(offset, bytes);
  free_by_size_.emplace(bytes, offset);
  free_bytes_ += bytes;
}

void Arena::erase_free(std::map<std::uint64_t, std::uint64_t>::iterator range) {
  free_by_size_.erase({range->second, range->first});
  free_bytes_ -= range->second;
  free_.erase(range);
}

}  // namespace weft::core
