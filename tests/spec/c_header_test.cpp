// SPDX-License-Identifier: Apache-2.0
// The C header against the C++ header, and the register map against XRT's.
#include <gtest/gtest.h>

#include "weft/spec.h"

struct weft_launch;
struct weft_completion;
extern "C" {
std::uint64_t weft_c_launch_list(const weft_launch*);
std::uint32_t weft_c_last_retired(const weft_completion*);
std::uint32_t weft_c_fault_stalled();
std::uint64_t weft_c_spec_hash();
std::size_t weft_c_record_register();
}

namespace weft::spec {
namespace {

TEST(CHeader, ReadsWhatCppPacked) {
  // Bytes of a record, aligned as in memory.
  struct alignas(64) Record {
    std::array<std::byte, 64> launch = pack(Launch{.list = 0x123456789a});
    std::array<std::byte, 512> completion = pack(Completion{.retired = {1, 2, 3, 4}});
  } record;
  EXPECT_EQ(weft_c_launch_list(reinterpret_cast<const weft_launch*>(&record.launch)), 0x123456789a);
  EXPECT_EQ(weft_c_last_retired(reinterpret_cast<const weft_completion*>(&record.completion)), 4u);
}

TEST(CHeader, NamesTheSameValues) {
  EXPECT_EQ(weft_c_fault_stalled(), static_cast<std::uint32_t>(Fault::kStalled));
  EXPECT_EQ(weft_c_spec_hash(), kSpecHash);
  EXPECT_EQ(weft_c_record_register(), 0x1cu);
}

}  // namespace
}  // namespace weft::spec
