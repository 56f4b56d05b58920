// SPDX-License-Identifier: Apache-2.0
// The files for XRT's emulation, read back by what their formats say.
#include "runtime/xclbin/xclbin.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/xclbin/environment.h"
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

TEST(Xclbin, EveryEngineHasRegistersAndAMemoryOfItsOwn) {
  Card card = kCard;
  card.engines = 2;
  const auto bytes = make_xclbin(card);
  const auto all = sections(File(bytes));
  const auto number = [](const std::string& section, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    std::memcpy(&value, section.substr(at, size).data(), size);
    return value;
  };
  const std::string& memories = all.at(6);
  ASSERT_EQ(memories.size(), 8 + 2 * 40u);
  EXPECT_EQ(number(memories, 0, 4), 2u);
  EXPECT_EQ(memories.substr(8 + 24, 7), "DDR[0]" + std::string(1, '\0'));
  EXPECT_EQ(memories.substr(48 + 24, 7), "DDR[1]" + std::string(1, '\0'));
  EXPECT_EQ(number(memories, 48 + 16, 8),
            number(memories, 8 + 16, 8) + (number(memories, 8 + 8, 8) << 10));
  const std::string& units = all.at(8);
  ASSERT_EQ(units.size(), 8 + 2 * 80u);
  EXPECT_EQ(number(units, 0, 4), 2u);
  EXPECT_EQ(number(units, 8 + 8, 8), 0x10000u);
  EXPECT_EQ(number(units, 88 + 8, 8), 0x20000u);
  EXPECT_EQ(units.substr(88 + 16, 12), "weft:weft_2" + std::string(1, '\0'));
  const std::string& connections = all.at(7);
  ASSERT_EQ(connections.size(), 4 + 2 * 12u);
  EXPECT_EQ(number(connections, 0, 4), 2u);
  for (const std::size_t unit : {0u, 1u}) {
    EXPECT_EQ(number(connections, 4 + 12 * unit, 4), 0u) << "argument";
    EXPECT_EQ(number(connections, 8 + 12 * unit, 4), unit) << "unit";
    EXPECT_EQ(number(connections, 12 + 12 * unit, 4), unit) << "memory";
  }
  const std::string& xml = all.at(2);
  EXPECT_NE(xml.find(R"(numComputeUnits="2")"), std::string::npos);
  EXPECT_NE(xml.find(R"(<instance name="weft_2">
            <addrRemap base="0x20000")"),
            std::string::npos)
      << xml;
  EXPECT_NE(all.at(0).find("--engines 2"), std::string::npos);
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

TEST(Support, AnEmconfigOfAnotherPlatformStays) {
  std::string pattern = (std::filesystem::temp_directory_path() / "weft-pack-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const std::filesystem::path config = std::filesystem::path(pattern) / "emconfig.json";
  std::ofstream(config) << "{}";
  const auto written = write_support(pattern, 1);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kInvalidArgument);
  EXPECT_EQ(std::filesystem::file_size(config), 2u);
  std::ofstream(config) << make_emconfig(3);
  const auto again = write_support(pattern, 1);
  EXPECT_TRUE(again || again.error().code == Code::kNotFound) << again.error().message();
  std::filesystem::remove_all(pattern);
}

TEST(Support, EmconfigIsJsonWithThatManyDevices) {
  const auto json = nlohmann::json::parse(make_emconfig(3));
  const auto& device = json.at("Platform").at("Boards").at(0).at("Devices").at(0);
  EXPECT_EQ(device.at("NumDevices"), "3");
  EXPECT_EQ(device.at("DdrBanks").at(0).at("Size"), "8GB");
}

}  // namespace
}  // namespace weft::xclbin
