// SPDX-License-Identifier: Apache-2.0
// Ports wider than a word: bytes in and out, fields of packed structures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace weft::test {

using Bytes = std::vector<std::uint8_t>;

template <class Port>
Bytes bytes_of(const Port& port, std::size_t count = sizeof(Port)) {
  Bytes bytes(count);
  std::memcpy(bytes.data(), &port, count);
  return bytes;
}

template <class Port>
void set_bytes(Port& port, const void* bytes, std::size_t count = sizeof(Port)) {
  std::memcpy(&port, bytes, count);
}

// `width` bits from bit `at` on, as SystemVerilog's port[at +: width].
template <class Port>
std::uint64_t bits_of(const Port& port, std::size_t at, std::size_t width) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&port);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    value |= std::uint64_t{(bytes[(at + i) / 8] >> ((at + i) % 8)) & 1u} << i;
  }
  return value;
}

template <class Port>
void set_bits(Port& port, std::size_t at, std::size_t width, std::uint64_t value) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(&port);
  for (std::size_t i = 0; i < width; ++i) {
    const auto mask = static_cast<std::uint8_t>(1u << ((at + i) % 8));
    std::uint8_t& byte = bytes[(at + i) / 8];
    byte = static_cast<std::uint8_t>((value >> i) & 1 ? byte | mask : byte & ~mask);
  }
}

// A packed structure in a port, field by field from its last member (bit 0) to its first.
template <class Port>
class FieldReader {
 public:
  explicit FieldReader(const Port& port) : port_(port) {}
  std::uint64_t operator()(std::size_t width) {
    at_ += width;
    return bits_of(port_, at_ - width, width);
  }

 private:
  const Port& port_;
  std::size_t at_ = 0;
};

template <class Port>
class FieldWriter {
 public:
  explicit FieldWriter(Port& port) : port_(port) {}
  FieldWriter& operator()(std::size_t width, std::uint64_t value) {
    set_bits(port_, at_, width, value);
    at_ += width;
    return *this;
  }

 private:
  Port& port_;
  std::size_t at_ = 0;
};

}  // namespace weft::test
