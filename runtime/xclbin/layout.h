// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/layout.h: what an xclbin says about the card: kernel, its engines, where their
// registers and memories are.
//
// Engine E is compute unit weft_E and reaches bank DDR[E-1], which no other engine reaches.
#pragma once

#include <cstdint>
#include <string>

namespace weft::xclbin {

inline constexpr const char* kPlatform = "weft_emulation";
inline constexpr const char* kKernelName = "weft";
inline constexpr unsigned kMostEngines = 8;
inline constexpr std::uint64_t kUnitBase = 0x10000;  // of engine 1
inline constexpr std::uint64_t kUnitRange = 0x10000;
inline constexpr std::uint64_t kBankBase = 0x40'0000'0000;  // of engine 1
inline constexpr std::uint64_t kBankBytes = std::uint64_t{8} << 30;

// Engines count from 1.
[[nodiscard]] inline std::string unit_name(unsigned engine) {
  return kKernelName + ("_" + std::to_string(engine));
}
[[nodiscard]] inline std::string bank_name(unsigned engine) {
  return "DDR[" + std::to_string(engine - 1) + "]";
}
[[nodiscard]] constexpr std::uint64_t unit_base(unsigned engine) {
  return kUnitBase + (engine - 1) * kUnitRange;
}
[[nodiscard]] constexpr std::uint64_t bank_base(unsigned engine) {
  return kBankBase + (engine - 1) * kBankBytes;
}

}  // namespace weft::xclbin
