// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/image.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "tests/common/mutate.h"

namespace weft::io {
namespace {

std::uint32_t crc(const std::string& bytes) {
  std::uint32_t sum = 0xffffffffu;
  for (const char byte : bytes) {
    sum ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum & 1 ? sum >> 1 ^ 0xedb88320u : sum >> 1;
  }
  return ~sum;
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data +
         big_endian(crc(type + data));
}

// A zlib stream of one stored block.
std::string stored(const std::string& data) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : data) {
    a = (a + static_cast<std::uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<std::uint16_t>(data.size());
  const auto not_size = static_cast<std::uint16_t>(~size);
  std::string text("\x78\x01\x01", 3);
  text += static_cast<char>(size & 255);
  text += static_cast<char>(size >> 8);
  text += static_cast<char>(not_size & 255);
  text += static_cast<char>(not_size >> 8);
  return text + data + big_endian(b << 16 | a);
}

// 8 bit grey, no filter: pixel (r, c) is 16 r + c.
std::string png(std::uint32_t rows, std::uint32_t cols) {
  std::string data;
  for (std::uint32_t r = 0; r < rows; ++r) {
    data += '\0';
    for (std::uint32_t c = 0; c < cols; ++c) data += static_cast<char>(16 * r + c);
  }
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR", big_endian(cols) + big_endian(rows) + std::string("\x08\0\0\0\0", 5)) +
         chunk("IDAT", stored(data)) + chunk("IEND", "");
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

TEST(Image, ReadsGreyLevels) {
  const auto image = parse_png(bytes_of(png(2, 3)), "f");
  ASSERT_TRUE(image.has_value()) << image.error().message();
  EXPECT_EQ(image->rows, 2u);
  EXPECT_EQ(image->cols, 3u);
  EXPECT_EQ(image->grey, (std::vector<std::uint8_t>{0, 1, 2, 16, 17, 18}));
}

TEST(Image, ShrinksByBoxes) {
  const auto image = parse_png(bytes_of(png(4, 4)), "f");
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(*shrink(*image, 2, 2), (std::vector<float>{8.5f, 10.5f, 40.5f, 42.5f}));
  EXPECT_EQ(shrink(*image, 3, 2).error().code, Code::kInvalidArgument);
}

TEST(Image, ADamagedByteAnywhereIsRefused) {
  const auto whole = bytes_of(png(4, 4));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] ^= std::byte{0x10};
    const auto image = parse_png(damaged, "f");
    ASSERT_FALSE(image.has_value()) << at;
    EXPECT_EQ(image.error().code, Code::kCorruptFile);
  }
}

TEST(Image, EveryTruncationIsRefused) {
  const auto whole = bytes_of(png(4, 4));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_png(part, "f").has_value()) << size;
  }
}

TEST(Image, RefusesHugeSidesAndBadPixelData) {
  const auto header = [](std::uint32_t side) {
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR", big_endian(side) + big_endian(side) + std::string("\x08\0\0\0\0", 5));
  };
  for (const std::string& text :
       {header(5000) + chunk("IEND", ""), header(4) + chunk("IEND", ""),
        header(4) + chunk("IDAT", "nothing that inflates") + chunk("IEND", ""),
        header(64) + chunk("IDAT", stored("short")) + chunk("IEND", "")}) {
    EXPECT_FALSE(parse_png(bytes_of(text), "f").has_value());
  }
}

// With right checksums, damage reaches the decoder behind the structural checks.
TEST(Image, DamagedPixelDataNeverCrashesTheDecoder) {
  test::Random random(test::chosen_seed());
  std::string data;
  for (int i = 0; i < 200; ++i) data += static_cast<char>(i);
  const auto stream = bytes_of(stored(data));
  const auto ihdr = bytes_of(big_endian(8) + big_endian(8) + std::string("\x08\2\0\0\0", 5));
  for (int i = 0; i < 20000; ++i) {
    const auto pixels = test::mutate(random, stream);
    auto fields = ihdr;
    if (i % 4 == 0) fields[test::below(random, fields.size())] = test::random_bytes(random, 1)[0];
    const auto text = [](const std::vector<std::byte>& bytes) {
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    const auto image = parse_png(bytes_of("\x89PNG\r\n\x1a\n" + chunk("IHDR", text(fields)) +
                                          chunk("IDAT", text(pixels)) + chunk("IEND", "")),
                                 "f");
    if (image) EXPECT_EQ(image->grey.size(), image->rows * image->cols);
  }
}

}  // namespace
}  // namespace weft::io
