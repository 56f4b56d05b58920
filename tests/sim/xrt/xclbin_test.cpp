// SPDX-License-Identifier: Apache-2.0
// The files for XRT's emulation, read back by what their formats say.
#include "runtime/xclbin/xclbin.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/xclbin/zip.h"

namespace weft::xclbin {
namespace {

class File {
 public:
  explicit File(const std::vector<std::byte>& bytes)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}
  [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    std::memcpy(&value, text_.substr(at, size).data(), size);
    return value;
  }
  [[nodiscard]] std::string_view text(std::size_t at, std::size_t size) const {
    return text_.substr(at, size);
  }
  [[nodiscard]] std::size_t size() const { return text_.size(); }

 private:
  std::string_view text_;
};

const Card kCard{"small", "native", "/some/where/weft-xrt-card"};

std::map<std::uint64_t, std::string> sections(const File& file) {
  std::map<std::uint64_t, std::string> found;
  for (std::size_t i = 0; i < file.number(448, 4); ++i) {
    const std::size_t at = 456 + 40 * i;
    const std::uint64_t offset = file.number(at + 24, 8);
    EXPECT_EQ(offset % 8, 0u);
    found[file.number(at, 4)] = file.text(offset, file.number(at + 32, 8));
  }
  return found;
}

TEST(Xclbin, HasTheHeaderAndTheSectionsEmulationAsksFor) {
  const auto bytes = make_xclbin(kCard);
  const File file(bytes);
  EXPECT_EQ(file.text(0, 8), std::string_view("xclbin2\0", 8));
  EXPECT_EQ(file.number(304, 8), file.size());
  EXPECT_EQ(file.number(332, 2), 4u) << "mode: hardware emulation";
  const auto all = sections(file);
  for (const std::uint64_t kind : {0, 2, 6, 7, 8}) EXPECT_TRUE(all.contains(kind)) << kind;
  EXPECT_EQ(all.at(6).size(), 48u);
  EXPECT_EQ(all.at(7).size(), 16u);
  EXPECT_EQ(all.at(8).size(), 88u);
  EXPECT_EQ(all.at(8).substr(24, 12), "weft:weft_1" + std::string(1, '\0'));
  EXPECT_NE(all.at(2).find(R"(name="arena" addressQualifier="1" id="0")"), std::string::npos);
  EXPECT_NE(all.at(2).find(R"(offset="0x1c")"), std::string::npos);
  EXPECT_NE(all.at(0).find("--config small --arith native"), std::string::npos);
}

TEST(Xclbin, TheSameCardGivesTheSameBytesAndAnotherAnotherIdentity) {
  EXPECT_EQ(make_xclbin(kCard), make_xclbin(kCard));
  Card other = kCard;
  other.config = "default";
  const auto one = make_xclbin(kCard);
  const auto two = make_xclbin(other);
  EXPECT_NE(File(one).text(416, 16), File(two).text(416, 16));
}

TEST(Zip, DirectoryAndFilesAgree) {
  const std::vector<ZipFile> files{{"a/b.sh", "#!/bin/sh\n", true}, {"c", "", false}};
  const auto bytes = make_zip(files);
  const File zip(bytes);
  const std::size_t end = zip.size() - 22;
  ASSERT_EQ(zip.number(end, 4), 0x06054b50u);
  EXPECT_EQ(zip.number(end + 10, 2), 2u);
  std::size_t entry = zip.number(end + 16, 4);
  EXPECT_EQ(entry + zip.number(end + 12, 4), end);
  for (const ZipFile& file : files) {
    ASSERT_EQ(zip.number(entry, 4), 0x02014b50u);
    const std::size_t at = zip.number(entry + 42, 4);
    ASSERT_EQ(zip.number(at, 4), 0x04034b50u);
    EXPECT_EQ(zip.text(entry + 6, 24), zip.text(at + 4, 24));
    EXPECT_EQ(zip.text(at + 30, file.path.size()), file.path);
    EXPECT_EQ(zip.text(at + 30 + file.path.size(), file.contents.size()), file.contents);
    EXPECT_EQ(zip.number(entry + 38, 4) >> 16, file.executable ? 0100755u : 0100644u);
    entry += 46 + file.path.size();
  }
  EXPECT_EQ(entry, end);
  // The check value of this polynomial.
  const std::vector<ZipFile> digits{{"d", "123456789"}};
  const auto checked = make_zip(digits);
  EXPECT_EQ(File(checked).number(14, 4), 0xcbf43926u);
}

TEST(Support, TheFirstMessageIsLongerThanAnyLater) {
  const std::string ini = make_ini();
  const auto value = [&](const std::string& key) {
    const std::size_t at = ini.find("\n" + key + "=") + key.size() + 2;
    return ini.substr(at, ini.find('\n', at) - at);
  };
  EXPECT_GE(value("pad").size(), std::stoul(value("packet_size")) + 4096);
}

TEST(Support, EmconfigIsJsonWithThatManyDevices) {
  const auto json = nlohmann::json::parse(make_emconfig(3));
  const auto& device = json.at("Platform").at("Boards").at(0).at("Devices").at(0);
  EXPECT_EQ(device.at("NumDevices"), "3");
  EXPECT_EQ(device.at("DdrBanks").at(0).at("Size"), "8GB");
}

}  // namespace
}  // namespace weft::xclbin
