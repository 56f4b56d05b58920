// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/npy.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace weft::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// The Python literal of the header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  std::optional<Header> parse() {
    Header header;
    int seen = 0;
    if (!take("{")) return {};
    while (!take("}")) {
      const auto key = quoted();
      if (!key || !take(":")) return {};
      if (*key == "descr") {
        const auto value = quoted();
        if (!value) return {};
        header.descr = *value;
        seen |= 1;
      } else if (*key == "fortran_order") {
        header.fortran_order = take("True");
        if (!header.fortran_order && !take("False")) return {};
        seen |= 2;
      } else if (*key == "shape") {
        if (!parse_shape(header.shape)) return {};
        seen |= 4;
      } else {
        return {};
      }
      take(",");
    }
    skip_space();
    if (seen != 7 || !text_.empty()) return {};
    return header;
  }

 private:
  void skip_space() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n'))
      text_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip_space();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string> quoted() {
    if (!take("'")) return {};
    const std::size_t end = text_.find('\'');
    if (end == std::string_view::npos) return {};
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }

  bool parse_shape(std::vector<std::uint64_t>& shape) {
    if (!take("(")) return false;
    while (!take(")")) {
      skip_space();
      std::uint64_t extent = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (error != std::errc{}) return false;
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      shape.push_back(extent);
      if (!take(",")) return take(")");
    }
    return true;
  }

  std::string_view text_;
};

template <class T>
void widen(const std::byte* source, std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, source + i * sizeof value, sizeof value);
    values[i] = static_cast<double>(value);
  }
}

using Widen = void (*)(const std::byte*, std::vector<double>&);
struct Type {
  std::string_view descr;
  std::size_t bytes;
  Widen widen;
};
constexpr Type kTypes[] = {
    {"<f4", 4, widen<float>},        {"<f8", 8, widen<double>},
    {"|i1", 1, widen<std::int8_t>},  {"|u1", 1, widen<std::uint8_t>},
    {"<i2", 2, widen<std::int16_t>}, {"<u2", 2, widen<std::uint16_t>},
    {"<i4", 4, widen<std::int32_t>}, {"<u4", 4, widen<std::uint32_t>},
    {"<i8", 8, widen<std::int64_t>}, {"<u8", 8, widen<std::uint64_t>},
    {"|b1", 1, widen<std::uint8_t>},
};

}  // namespace

Result<Array> parse_npy(const std::vector<std::byte>& file, const std::string& name) {
  const auto corrupt = [&](const std::string& why) {
    return fail(Code::kCorruptFile, name + " " + why);
  };
  const auto byte_at = [&](std::size_t i) { return static_cast<std::size_t>(file[i]); };
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kMagic) || file.size() < 12) return corrupt("is not an .npy file");
  const std::size_t version = byte_at(6);
  if (version < 1 || version > 3) {
    return fail(Code::kUnsupported, name + " has .npy version " + std::to_string(version));
  }
  std::size_t begin = version == 1 ? 10 : 12;
  std::size_t length = byte_at(8) | byte_at(9) << 8;
  if (version > 1) length |= byte_at(10) << 16 | byte_at(11) << 24;
  if (length > file.size() - begin) return corrupt("ends within its header: truncated");
  const auto header = HeaderParser(text.substr(begin, length)).parse();
  if (!header) return corrupt("has an unreadable .npy header");
  begin += length;

  const Type* type = nullptr;
  for (const Type& candidate : kTypes) {
    if (candidate.descr == header->descr) type = &candidate;
  }
  if (type == nullptr || header->fortran_order) {
    return fail(
        Code::kUnsupported,
        name + " holds " + header->descr + (header->fortran_order ? " in Fortran order" : ""),
        "save little-endian numbers in C order");
  }
  std::uint64_t bytes = type->bytes;
  for (const std::uint64_t extent : header->shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return corrupt("has an impossible shape");
  }
  if (bytes != file.size() - begin) {
    return corrupt("has " + std::to_string(file.size() - begin) +
                   " bytes of data where its shape " + "needs " + std::to_string(bytes));
  }
  Array array{header->shape, std::vector<double>(bytes / type->bytes)};
  type->widen(file.data() + begin, array.values);
  return array;
}

}  // namespace weft::io
