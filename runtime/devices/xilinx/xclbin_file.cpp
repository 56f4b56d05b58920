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
constexpr std::size_t kSectionsAt = 448;
constexpr std::size_t kSectionHeadersAt = 456;
constexpr std::size_t kSectionHeaderBytes = 40;  // offset and size are the last 16
constexpr std::size_t kLengthAt = 304;
constexpr std::size_t kModeAt = 332;
constexpr std::uint16_t kHardwareEmulation = 4;
constexpr std::uint16_t kSoftwareEmulation = 5;
constexpr std::uint16_t kHardwareEmulationWithRegion = 6;

// XRT itself trusts the section headers.
bool sections_inside(std::ifstream& file, std::uint64_t bytes) {
  std::uint32_t sections = 0;
  file.seekg(kSectionsAt);
  file.read(reinterpret_cast<char*>(&sections), sizeof sections);
  file.seekg(kSectionHeadersAt);
  for (std::uint32_t i = 0; file && i < sections; ++i) {
    std::array<char, kSectionHeaderBytes> header{};
    file.read(header.data(), header.size());
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::memcpy(&offset, header.data() + kSectionHeaderBytes - 16, sizeof offset);
    std::memcpy(&size, header.data() + kSectionHeaderBytes - 8, sizeof size);
    if (!file || offset > bytes || size > bytes - offset) return false;
  }
  return static_cast<bool>(file);
}

}  // namespace

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
