// SPDX-License-Identifier: Apache-2.0
// Arena: hands out ranges of device memory. Best fit: the smallest free range that is long enough,
// the lowest of equals; freed neighbours merge. Offsets and lengths are multiples of 64 bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace weft::core {

class Arena {
 public:
  static constexpr std::uint64_t kAlignment = 64;

  explicit Arena(std::uint64_t bytes);

  // Offset of a new range of at least `bytes` > 0, or nothing.
  [[nodiscard]] std::optional<std::uint64_t> allocate(std::uint64_t bytes);

  // `offset` as returned by allocate().
  void free(std::uint64_t offset);

  [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }
  [[nodiscard]] std::uint64_t largest_free_bytes() const;

 private:
  void insert_free(std::uint64_t offset, std::uint64_t bytes);
  void erase_free(std::map<std::uint64_t, std::uint64_t>::iterator range);

  std::map<std::uint64_t, std::uint64_t> used_;                     // offset to length
  std::map<std::uint64_t, std::uint64_t> free_;                     // offset to length
  std::set<std::pair<std::uint64_t, std::uint64_t>> free_by_size_;  // length, offset
  std::uint64_t free_bytes_ = 0;
};

}  // namespace weft::core
