// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/bytes.h: appends little endian numbers and padded text to bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weft::xclbin {

class Bytes {
 public:
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes_.push_back(static_cast<std::byte>(i < 8 ? value >> (8 * i) : 0));
    }
  }
  void fill(std::byte value, std::size_t size) { bytes_.insert(bytes_.end(), size, value); }
  void text(std::string_view value) {
    const auto* begin = reinterpret_cast<const std::byte*>(value.data());
    bytes_.insert(bytes_.end(), begin, begin + value.size());
  }
  // `value` cut or filled with zeros to `size`, of which the last is zero.
  void padded(std::string_view value, std::size_t size) {
    const std::string_view fits = value.substr(0, size - 1);
    text(fits);
    fill(std::byte{0}, size - fits.size());
  }
  void align(std::size_t to) { fill(std::byte{0}, (to - bytes_.size() % to) % to); }
  void append(const std::vector<std::byte>& more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::byte>& all() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace weft::xclbin
