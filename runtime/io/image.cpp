// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/image.h"

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/io/stb_png.h"

namespace weft::io {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::size_t kMaxSide = 4096;
constexpr std::size_t kChunkOverhead = 12;  // length, type, checksum

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<std::uint32_t>(bytes[at + i]);
  }
  return value;
}

// CRC-32 of ISO 3309, as PNG prescribes.
std::uint32_t checksum(std::span<const std::byte> bytes) {
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t sum = 0xffffffffu;
  for (const std::byte byte : bytes) {
    sum = kTable[(sum ^ static_cast<std::uint32_t>(byte)) & 255] ^ sum >> 8;
  }
  return ~sum;
}

// Says what is wrong with the chunks of a PNG file, or nothing.
std::string check_structure(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kSignature)) return "is not a PNG file";
  std::size_t at = kSignature.size();
  for (bool first = true;; first = false) {
    if (file.size() - at < kChunkOverhead) return "ends before its last chunk: truncated";
    const std::size_t length = big_endian(file, at);
    if (length > file.size() - at - kChunkOverhead) return "ends within a chunk: truncated";
    const std::string_view type = text.substr(at + 4, 4);
    if (checksum(file.subspan(at + 4, length + 4)) != big_endian(file, at + 8 + length)) {
      return "has a chunk with a wrong checksum";
    }
    if (first && (type != "IHDR" || length != 13)) return "does not start with an image header";
    if (first && (big_endian(file, at + 8) > kMaxSide || big_endian(file, at + 12) > kMaxSide)) {
      return "is larger than " + std::to_string(kMaxSide) + " pixels a side";
    }
    if (type == "IEND") return {};
    at += length + kChunkOverhead;
  }
}

}  // namespace

Result<Image> parse_png(const std::vector<std::byte>& file, const std::string& name) {
  const auto corrupt = [&](const std::string& why) {
    return fail(Code::kCorruptFile, name + " " + why);
  };
  const std::string wrong = check_structure(file);
  if (!wrong.empty()) return corrupt(wrong);
  const DecodedPng decoded = decode_png(file);
  if (decoded.grey == nullptr) return corrupt("cannot be decoded: " + decoded.reason);
  Image image{decoded.rows, decoded.cols, {}};
  image.grey.assign(decoded.grey.get(), decoded.grey.get() + image.rows * image.cols);
  return image;
}

Result<std::vector<float>> shrink(const Image& image, std::size_t rows, std::size_t cols) {
  if (rows == 0 || cols == 0 || image.rows == 0 || image.cols == 0 || image.rows % rows != 0 ||
      image.cols % cols != 0) {
    return fail(Code::kInvalidArgument,
                "the image has " + std::to_string(image.cols) + " x " + std::to_string(image.rows) +
                    " pixels, the network takes " + std::to_string(cols) + " x " +
                    std::to_string(rows),
                "scale it to a multiple of that");
  }
  const std::size_t high = image.rows / rows;
  const std::size_t wide = image.cols / cols;
  std::vector<float> pixels(rows * cols);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t col = 0; col < cols; ++col) {
      std::uint64_t sum = 0;
      for (std::size_t y = 0; y < high; ++y) {
        for (std::size_t x = 0; x < wide; ++x) {
          sum += image.grey[(row * high + y) * image.cols + col * wide + x];
        }
      }
      pixels[row * cols + col] = static_cast<float>(sum) / static_cast<float>(high * wide);
    }
  }
  return pixels;
}

}  // namespace weft::io
