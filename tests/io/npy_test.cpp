// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "tests/common/mutate.h"

namespace weft::io {
namespace {

// A version 1 file as numpy writes it: the header padded so that the data starts at 64 bytes.
std::vector<std::byte> file_of(std::string header, std::size_t data_bytes) {
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string text = std::string("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() & 255);
  text += static_cast<char>(header.size() >> 8);
  text += header;
  std::vector<std::byte> file(text.size() + data_bytes);
  std::memcpy(file.data(), text.data(), text.size());
  for (std::size_t i = 0; i < data_bytes; ++i) file[text.size() + i] = static_cast<std::byte>(i);
  return file;
}

const std::string kBytes = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";

TEST(Npy, ReadsShapeAndValues) {
  const auto array = parse_npy(file_of(kBytes, 6), "f");
  ASSERT_TRUE(array.has_value()) << array.error().message();
  EXPECT_EQ(array->shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(array->values, (std::vector<double>{0, 1, 2, 3, 4, 5}));
}

TEST(Npy, ReadsSignedAndWideTypes) {
  const auto header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }";
  auto file = file_of(header, 4);
  file[file.size() - 1] = std::byte{0xff};
  const auto array = parse_npy(file, "f");
  ASSERT_TRUE(array.has_value()) << array.error().message();
  EXPECT_EQ(array->values, (std::vector<double>{256, -254}));
}

TEST(Npy, ReadsAScalar) {
  const auto array =
      parse_npy(file_of("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1), "f");
  ASSERT_TRUE(array.has_value()) << array.error().message();
  EXPECT_TRUE(array->shape.empty());
  EXPECT_EQ(array->values.size(), 1u);
}

TEST(Npy, RefusesWhatItDoesNotRead) {
  const auto code = [](const std::string& header, std::size_t bytes) {
    const auto array = parse_npy(file_of(header, bytes), "f");
    return array ? std::string("read") : std::string(name(array.error().code));
  };
  EXPECT_EQ(code("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", 4), "unsupported");
  EXPECT_EQ(code("{'descr': '|u1', 'fortran_order': True, 'shape': (1,), }", 1), "unsupported");
  EXPECT_EQ(code("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", 2), "corrupt file");
  EXPECT_EQ(code("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }", 1), "corrupt file");
  EXPECT_EQ(code("{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807,), }", 8),
            "corrupt file");
  EXPECT_EQ(code("{'descr': '|u1', 'shape': (1,), }", 1), "corrupt file");
  EXPECT_EQ(code("", 1), "corrupt file");
}

TEST(Npy, EveryTruncationIsRefused) {
  const auto whole = file_of(kBytes, 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_npy(part, "f").has_value()) << size;
  }
}

TEST(Npy, DamagedFilesAreRefusedOrReadable) {
  test::Random random(test::chosen_seed());
  const auto whole = file_of(kBytes, 6);
  for (int i = 0; i < 20000; ++i) {
    const auto array = parse_npy(test::mutate(random, whole), "f");
    if (!array) continue;
    std::uint64_t count = 1;
    for (const std::uint64_t extent : array->shape) count *= extent;
    EXPECT_EQ(array->values.size(), count);
  }
}

}  // namespace
}  // namespace weft::io
