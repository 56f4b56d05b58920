// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/io/hash.h"

namespace weft::io {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(fs::path(testing::TempDir()) / ("weft_file_" + std::to_string(getpid()))) {
    fs::create_directory(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::vector<std::byte> bytes(100000, std::byte{7});
  ASSERT_TRUE(write_file(folder_ / "x", bytes).has_value());
  EXPECT_EQ(*read_file(folder_ / "x"), bytes);
}

TEST_F(FileTest, ReplacesAndLeavesNothingElse) {
  ASSERT_TRUE(write_file(folder_ / "x", std::vector<std::byte>(10)).has_value());
  ASSERT_TRUE(write_file(folder_ / "x", std::vector<std::byte>(5)).has_value());
  EXPECT_EQ(read_file(folder_ / "x")->size(), 5u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(FileTest, AFailedWriteLeavesNothing) {
  fs::create_directory(folder_ / "x");
  EXPECT_EQ(write_file(folder_ / "x", {}).error().code, Code::kIoError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(write_file(folder_ / "none" / "x", {}).error().code, Code::kNotFound);
}

TEST_F(FileTest, NamesWhatCannotBeRead) {
  const auto missing = read_file(folder_ / "none");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().what.find("none"), std::string::npos);
  EXPECT_EQ(read_file(folder_).error().code, Code::kIoError);
}

TEST(Hash, IsFnv1a) {
  const std::string text = "foobar";
  EXPECT_EQ(hash_text(hash_bytes(std::as_bytes(std::span(text)))), "85944171f73967e8");
  EXPECT_EQ(hash_text(hash_bytes({})), "cbf29ce484222325");
}

}  // namespace
}  // namespace weft::io
