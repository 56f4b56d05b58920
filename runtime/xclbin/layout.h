// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/layout.h: what an xclbin says about the card: kernel, its place, its memory; and
// what a host may find in a completion record that no card wrote.
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

// The fault in a completion record that the emulation wrote because its simulator is gone. No card
// raises it: faults of the card are positions in the list of the spec.
inline constexpr std::uint32_t kFaultCardLost = 0xff;

}  // namespace weft::xclbin
