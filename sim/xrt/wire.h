// SPDX-License-Identifier: Apache-2.0
// wire.h: fields of protobuf messages, as far as XRT's emulation calls use them.
//
// A message is a sequence of fields: key (number and wire type), then a varint, 8 or 4 bytes, or a
// length and that many bytes. Reader visits them in order and keeps pointers into the message;
// Writer appends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weft::xrt {

using Bytes = std::span<const std::uint8_t>;

struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  // varint, fixed64 or fixed32
  Bytes bytes;              // of a field with a length; empty else
};

class Reader {
 public:
  explicit Reader(Bytes message) : rest_(message) {}

  // The next field; nothing at the end or where the message is malformed.
  [[nodiscard]] std::optional<Field> next();
  // What came was no message.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t size);

  Bytes rest_;
  bool malformed_ = false;
};

class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& to) : to_(to) {}

  void number(std::uint32_t field, std::uint64_t value);
  void fixed64(std::uint32_t field, std::uint64_t value);
  void fixed32(std::uint32_t field, std::uint32_t value);
  // Appends room for a field of `size` bytes and returns it; it holds until the next call.
  std::span<std::uint8_t> room(std::uint32_t field, std::size_t size);
  void text(std::uint32_t field, std::string_view bytes);

 private:
  void varint(std::uint64_t value);

  std::vector<std::uint8_t>& to_;
};

}  // namespace weft::xrt
