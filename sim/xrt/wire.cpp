// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/wire.h"

#include <algorithm>

namespace weft::xrt {
namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

}  // namespace

std::optional<std::uint64_t> Reader::varint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
    value |= std::uint64_t{rest_[i] & 0x7fu} << (7 * i);
    if ((rest_[i] & 0x80) == 0) {
      rest_ = rest_.subspan(i + 1);
      return value;
    }
  }
  malformed_ = true;
  return std::nullopt;
}

std::optional<std::uint64_t> Reader::fixed(std::size_t size) {
  if (rest_.size() < size) {
    malformed_ = true;
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{rest_[i]} << (8 * i);
  rest_ = rest_.subspan(size);
  return value;
}

std::optional<Field> Reader::next() {
  if (rest_.empty() || malformed_) return std::nullopt;
  const auto key = varint();
  if (!key) return std::nullopt;
  Field field{.number = static_cast<std::uint32_t>(*key >> 3)};
  std::optional<std::uint64_t> value;
  switch (*key & 7) {
    case kVarint:
    case kLength:
      value = varint();
      break;
    case kFixed64:
      value = fixed(8);
      break;
    case kFixed32:
      value = fixed(4);
      break;
    default:
      malformed_ = true;
  }
  if (!value) return std::nullopt;
  if ((*key & 7) == kLength) {
    if (*value > rest_.size()) {
      malformed_ = true;
      return std::nullopt;
    }
    field.bytes = rest_.first(*value);
    rest_ = rest_.subspan(*value);
  } else {
    field.value = *value;
  }
  return field;
}

void Writer::varint(std::uint64_t value) {
  for (; value > 0x7f; value >>= 7) to_.push_back(static_cast<std::uint8_t>(value | 0x80));
  to_.push_back(static_cast<std::uint8_t>(value));
}

void Writer::number(std::uint32_t field, std::uint64_t value) {
  varint(field << 3 | kVarint);
  varint(value);
}

void Writer::fixed64(std::uint32_t field, std::uint64_t value) {
  varint(field << 3 | kFixed64);
  for (int i = 0; i < 8; ++i) to_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void Writer::fixed32(std::uint32_t field, std::uint32_t value) {
  varint(field << 3 | kFixed32);
  for (int i = 0; i < 4; ++i) to_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::span<std::uint8_t> Writer::room(std::uint32_t field, std::size_t size) {
  varint(field << 3 | kLength);
  varint(size);
  to_.resize(to_.size() + size);
  return std::span(to_).last(size);
}

void Writer::text(std::uint32_t field, std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), room(field, bytes.size()).begin());
}

}  // namespace weft::xrt
