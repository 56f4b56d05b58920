// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/layout.h: what an xclbin says about the card: kernel, its place, its memory.
#pragma once

#include <cstdint>

namespace weft::xclbin {

inline constexpr const char* kKernelName = "weft";
inline constexpr const char* kUnitName = "weft_1";
inline constexpr const char* kBankName = "DDR[0]";
inline constexpr std::uint64_t kUnitBase = 0x10000;
inline constexpr std::uint64_t kUnitRange = 0x10000;
inline constexpr std::uint64_t kBankBase = 0x40'0000'0000;
inline constexpr std::uint64_t kBankBytes = std::uint64_t{8} << 30;

}  // namespace weft::xclbin
