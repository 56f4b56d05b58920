// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/xilinx/xclbin_file.h"

#include <array>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>

namespace weft::xilinx {
namespace {

// struct axlf of XRT's xclbin.h.
constexpr std::string_view kMagic{"xclbin2\0", 8};
constexpr std::size_t kHeaderBytes = 496;  // the first section header among them
constexpr std::size_t kLengthAt = 304;
constexpr std::size_t kModeAt = 332;
constexpr std::size_t kSectionsAt = 448;  // their number; 456: their headers
constexpr std::size_t kSectionHeadersAt = 456;
constexpr std::size_t kSectionHeaderBytes = 40;
constexpr std::size_t kSectionOffsetAt = 24;  // in its header
constexpr std::size_t kSectionSizeAt = 32;
constexpr std::uint32_t kIpLayout = 8;
constexpr std::size_t kUnitsAt = 8;  // struct ip_layout: a number, then the units
constexpr std::size_t kUnitBytes = 80;
constexpr std::size_t kUnitNameAt = 16;
constexpr std::string_view kUnitOfWeft = "weft:";
constexpr std::uint16_t kHardwareEmulation = 4;
constexpr std::uint16_t kSoftwareEmulation = 5;
constexpr std::uint16_t kHardwareEmulationWithRegion = 6;

// The number at this place; 0 where the file has none.
template <class Number>
Number number_at(std::ifstream& file, std::uint64_t at) {
  Number number = 0;
  file.clear();
  file.seekg(static_cast<std::streamoff>(at));
  file.read(reinterpret_cast<char*>(&number), sizeof number);
  return file ? number : 0;
}

// Where the header of a section is.
std::uint64_t section_header(std::uint32_t number) {
  return kSectionHeadersAt + std::uint64_t{number} * kSectionHeaderBytes;
}

// XRT itself trusts the section headers.
bool sections_inside(std::ifstream& file, std::uint64_t bytes) {
  const auto sections = number_at<std::uint32_t>(file, kSectionsAt);
  if (section_header(sections) > bytes) return false;
  for (std::uint32_t i = 0; i < sections; ++i) {
    const std::uint64_t header = section_header(i);
    const auto offset = number_at<std::uint64_t>(file, header + kSectionOffsetAt);
    const auto size = number_at<std::uint64_t>(file, header + kSectionSizeAt);
    if (offset > bytes || size > bytes - offset) return false;
  }
  return true;
}

// Where the section with the compute units begins; 0 if there is none.
std::uint64_t find_units(std::ifstream& file) {
  const auto sections = number_at<std::uint32_t>(file, kSectionsAt);
  for (std::uint32_t i = 0; i < sections && file; ++i) {
    if (number_at<std::uint32_t>(file, section_header(i)) != kIpLayout) continue;
    return number_at<std::uint64_t>(file, section_header(i) + kSectionOffsetAt);
  }
  return 0;
}

}  // namespace

std::uint32_t xclbin_engines(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::uint64_t section = find_units(file);
  if (section == 0) return 0;
  const auto units = number_at<std::uint32_t>(file, section);
  std::uint32_t engines = 0;
  for (std::uint32_t i = 0; i < units && file; ++i) {
    std::array<char, kUnitOfWeft.size()> name{};
    file.seekg(static_cast<std::streamoff>(section + kUnitsAt + std::uint64_t{i} * kUnitBytes +
                                           kUnitNameAt));
    file.read(name.data(), name.size());
    if (file && std::string_view(name.data(), name.size()) == kUnitOfWeft) ++engines;
  }
  return engines;
}

Result<Target> xclbin_target(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(Code::kNotFound, "no xclbin " + path.string(),
                "make one with weft pack, or name one with xclbin= or in WEFT_XCLBIN");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, kHeaderBytes> header{};
  file.read(header.data(), header.size());
  if (!file || std::string_view(header.data(), kMagic.size()) != kMagic) {
    return fail(Code::kCorruptFile, path.string() + " is not an xclbin",
                "make one with weft pack, or with boards/alveo for a card");
  }
  std::uint64_t length = 0;
  std::uint16_t mode = 0;
  std::memcpy(&length, header.data() + kLengthAt, sizeof length);
  std::memcpy(&mode, header.data() + kModeAt, sizeof mode);
  const auto bytes = std::filesystem::file_size(path, error);
  if (error || length < kHeaderBytes || bytes < length) {
    return fail(
        Code::kCorruptFile,
        path.string() + " has " + std::to_string(bytes) + " bytes of " + std::to_string(length),
        "copy or make it again");
  }
  if (!sections_inside(file, bytes)) {
    return fail(Code::kCorruptFile, path.string() + " has sections outside the file",
                "copy or make it again");
  }
  if (mode == kSoftwareEmulation) {
    return fail(Code::kUnsupported, path.string() + " is for software emulation (sw_emu)",
                "use one for hardware emulation or for a card");
  }
  const bool emulation = mode == kHardwareEmulation || mode == kHardwareEmulationWithRegion;
  return emulation ? Target::kEmulation : Target::kCard;
}

}  // namespace weft::xilinx
