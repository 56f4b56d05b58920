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
constexpr std::size_t kHeaderBytes = 496;
constexpr std::size_t kLengthAt = 304;
constexpr std::size_t kModeAt = 332;
constexpr std::uint16_t kHardwareEmulation = 4;
constexpr std::uint16_t kSoftwareEmulation = 5;
constexpr std::uint16_t kHardwareEmulationWithRegion = 6;

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
  if (const auto bytes = std::filesystem::file_size(path, error); error || bytes < length) {
    return fail(
        Code::kCorruptFile,
        path.string() + " has " + std::to_string(bytes) + " bytes of " + std::to_string(length),
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
