// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

#include "tests/common/mutate.h"

namespace weft::io {
namespace {

std::vector<std::byte> file_of(const std::string& header, const std::vector<float>& data) {
  std::vector<std::byte> file(8 + header.size() + data.size() * sizeof(float));
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, sizeof length);
  std::memcpy(file.data() + 8, header.data(), header.size());
  std::memcpy(file.data() + 8 + header.size(), data.data(), data.size() * sizeof(float));
  return file;
}

std::string entry(const std::string& shape, std::uint64_t begin, std::uint64_t end,
                  const std::string& type = "F32") {
  return R"({"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":[)" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

const std::string kGood = R"({"__metadata__":{"weft":"x"},"w":)" + entry("[2,2]", 0, 16) +
                          R"(,"b":)" + entry("[2]", 16, 24) + "}";
const std::vector<float> kData{1, 2, 3, 4, 5, 6};

void expect_corrupt(const std::string& header, const std::string& reason) {
  const auto result = Safetensors::parse(file_of(header, kData), "f");
  ASSERT_FALSE(result.has_value()) << header;
  EXPECT_EQ(result.error().code, Code::kCorruptFile);
  EXPECT_NE(result.error().what.find(reason), std::string::npos) << result.error().what;
}

TEST(Safetensors, ReadsTensorsAndMetadata) {
  const auto file = Safetensors::parse(file_of(kGood, kData), "f");
  ASSERT_TRUE(file.has_value()) << file.error().message();
  EXPECT_EQ(file->metadata().at("weft"), "x");
  EXPECT_EQ((*file->find("w"))->shape, (std::vector<std::uint64_t>{2, 2}));
  EXPECT_EQ(*file->floats("w"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(*file->floats("b"), (std::vector<float>{5, 6}));
}

TEST(Safetensors, WidensBf16) {
  const auto file =
      Safetensors::parse(file_of(R"({"w":)" + entry("[2]", 0, 4, "BF16") + "}", {1.0f}), "f");
  ASSERT_TRUE(file.has_value()) << file.error().message();
  EXPECT_EQ(*file->floats("w"), (std::vector<float>{0.0f, 1.0f}));
}

TEST(Safetensors, NamesAMissingTensor) {
  const auto file = Safetensors::parse(file_of(kGood, kData), "f");
  const auto missing = file->floats("q");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().what.find("q"), std::string::npos);
}

TEST(Safetensors, RefusesTypesThatAreNoNumbersOfOurs) {
  const auto file =
      Safetensors::parse(file_of(R"({"w":)" + entry("[6]", 0, 24, "I32") + "}", kData), "f");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->floats("w").error().code, Code::kUnsupported);
}

TEST(Safetensors, RefusesWhatItCannotTrust) {
  expect_corrupt("[1,2]", "not a JSON object");
  expect_corrupt("{", "not a JSON object");
  expect_corrupt(R"({"w":)" + entry("[6]", 0, 24) + R"(,"w":)" + entry("[6]", 0, 24) + "}",
                 "not a JSON object");
  expect_corrupt(R"({"w":{"shape":[6]}})", "no dtype");
  expect_corrupt(R"({"w":)" + entry("[6]", 0, 24, "F7") + "}", "unknown type");
  expect_corrupt(R"({"w":)" + entry("[7]", 0, 28) + "}", "truncated");
  expect_corrupt(R"({"w":)" + entry("[5]", 0, 24) + "}", "its shape needs 20");
  expect_corrupt(R"({"w":)" + entry("[-6]", 0, 24) + "}", "not made of counts");
  expect_corrupt(R"({"w":)" + entry("[4294967296,4294967296]", 0, 24) + "}", "too large");
  expect_corrupt(R"({"w":)" + entry("[6]", 24, 0) + "}", "ends before");
  expect_corrupt(R"({"w":)" + entry("[5]", 0, 20) + "}", "belongs to no tensor");
  expect_corrupt(R"({"w":)" + entry("[5]", 0, 20) + R"(,"b":)" + entry("[2]", 16, 24) + "}",
                 "overlap");
  expect_corrupt(R"({"__metadata__":{"a":1},"w":)" + entry("[6]", 0, 24) + "}", "not text");
}

TEST(Safetensors, EveryTruncationIsRefused) {
  const auto whole = file_of(kGood, kData);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Safetensors::parse(part, "f").has_value()) << size;
  }
}

TEST(Safetensors, DamagedFilesAreRefusedOrReadable) {
  test::Random random(test::chosen_seed());
  const auto whole = file_of(kGood, kData);
  for (int i = 0; i < 20000; ++i) {
    const auto file = Safetensors::parse(test::mutate(random, whole), "f");
    if (!file) continue;
    for (const auto& [name, tensor] : file->tensors()) {
      const auto values = file->floats(name);
      if (values) EXPECT_EQ(values->size(), tensor.elements());
    }
  }
}

}  // namespace
}  // namespace weft::io
