// SPDX-License-Identifier: Apache-2.0
// Every field of every command and record from C++ through SystemVerilog and back, bit by bit.
#include <gtest/gtest.h>
#include <verilated.h>

#include <cstring>
#include <vector>

#include "Vweft_spec_carry.h"
#include "weft/spec.h"
#include "weft/spec_fields.h"

namespace weft::spec {
namespace {

using Bytes = std::vector<std::byte>;

// The ports of one layout.
struct Ports {
  std::uint32_t* in;
  const std::uint32_t* fields;
  const std::uint32_t* out;
  const CData* reserved_zero;
  const CData* ranges_ok;
};

class Carry : public testing::Test {
 protected:
  Ports ports(std::string_view name) {
#define WEFT_PORTS(x)                                                       \
  if (name == #x) {                                                         \
    return {dut_.x##_i.data(), dut_.x##_fields_o.data(), dut_.x##_o.data(), \
            &dut_.x##_reserved_zero_o, &dut_.x##_ranges_ok_o};              \
  }
    WEFT_PORTS(load)
    WEFT_PORTS(matmul)
    WEFT_PORTS(vector)
    WEFT_PORTS(store)
    WEFT_PORTS(launch)
    WEFT_PORTS(entry)
    WEFT_PORTS(binding)
    WEFT_PORTS(completion)
#undef WEFT_PORTS
    ADD_FAILURE() << "the bench lacks " << name;
    return {};
  }

  void drive(const Ports& ports, const Bytes& bytes) {
    std::memcpy(ports.in, bytes.data(), bytes.size());
    dut_.eval();
  }

  static Bytes bytes_out(const Ports& ports, std::size_t size) {
    Bytes bytes(size);
    std::memcpy(bytes.data(), ports.out, size);
    return bytes;
  }

  // Value of a field of the packed structure: its first member is the highest.
  static std::uint64_t member(const Ports& ports, const Layout& layout, const Field& field,
                              std::size_t index) {
    std::size_t low = 0;
    for (auto other = layout.fields.rbegin(); other->name != field.name; ++other) {
      low += other->bits * other->count;
    }
    low += index * field.bits;
    std::uint64_t value = 0;
    for (std::size_t bit = 0; bit < field.bits; ++bit) {
      const auto at = low + bit;
      value |= std::uint64_t{ports.fields[at / 32] >> (at % 32) & 1} << bit;
    }
    return value;
  }

  template <class Visit>
  void each_layout(Visit visit) {
    for (const auto& layout : kCommands) visit(layout, ports(layout.name));
    for (const auto& layout : kRecords) visit(layout, ports(layout.name));
  }

  Vweft_spec_carry dut_;
};

// visit(structure) for the bytes of a layout.
template <class Visit>
auto unpacked(const Layout& layout, const Bytes& bytes, Visit visit) {
  const auto as = [&]<std::size_t kSize>() {
    return std::span<const std::byte, kSize>(bytes.data(), kSize);
  };
  if (layout.name == "load") return visit(unpack_load(as.template operator()<64>()));
  if (layout.name == "matmul") return visit(unpack_matmul(as.template operator()<64>()));
  if (layout.name == "vector") return visit(unpack_vector(as.template operator()<64>()));
  if (layout.name == "store") return visit(unpack_store(as.template operator()<64>()));
  if (layout.name == "launch") return visit(unpack_launch(as.template operator()<64>()));
  if (layout.name == "entry") return visit(unpack_entry(as.template operator()<128>()));
  if (layout.name == "binding") return visit(unpack_binding(as.template operator()<32>()));
  return visit(unpack_completion(as.template operator()<512>()));
}

// Through the C++ structure and back.
Bytes repacked(const Layout& layout, const Bytes& bytes) {
  return unpacked(layout, bytes, [](const auto& structure) {
    const auto packed = pack(structure);
    return Bytes(packed.begin(), packed.end());
  });
}

bool ranges_ok_in_cpp(const Layout& layout, const Bytes& bytes) {
  return unpacked(layout, bytes, [](const auto& structure) { return ranges_ok(structure); });
}

TEST_F(Carry, EveryBitOfEveryFieldArrivesInItsMemberAndComesBack) {
  each_layout([&](const Layout& layout, const Ports& ports) {
    for (const auto& field : layout.fields) {
      for (std::size_t index = 0; index < field.count; ++index) {
        for (std::size_t bit = 0; bit < field.bits; ++bit) {
          Bytes bytes(layout.bytes);
          put(bytes, field, std::uint64_t{1} << bit, index);
          drive(ports, bytes);
          for (const auto& other : layout.fields) {
            for (std::size_t i = 0; i < other.count; ++i) {
              const bool here = other.name == field.name && i == index;
              ASSERT_EQ(member(ports, layout, other, i), here ? std::uint64_t{1} << bit : 0)
                  << layout.name << "." << field.name << " bit " << bit << " seen in "
                  << other.name;
            }
          }
          ASSERT_EQ(bytes_out(ports, layout.bytes), bytes) << layout.name << "." << field.name;
          ASSERT_EQ(repacked(layout, bytes), bytes) << layout.name << "." << field.name;
          ASSERT_TRUE(*ports.reserved_zero) << layout.name << "." << field.name;
        }
      }
    }
  });
}

TEST_F(Carry, EveryReservedBitIsSeenAndDropped) {
  each_layout([&](const Layout& layout, const Ports& ports) {
    std::vector<bool> named(layout.bytes);
    for (const auto& field : layout.fields) {
      for (std::size_t i = 0; i < field.bits / 8 * field.count; ++i) named[field.at + i] = true;
    }
    for (std::size_t at = 0; at < layout.bytes; ++at) {
      for (int bit = 0; bit < 8 && !named[at]; ++bit) {
        Bytes bytes(layout.bytes);
        bytes[at] = static_cast<std::byte>(1 << bit);
        drive(ports, bytes);
        ASSERT_FALSE(*ports.reserved_zero) << layout.name << " byte " << at;
        ASSERT_EQ(bytes_out(ports, layout.bytes), Bytes(layout.bytes));
        ASSERT_EQ(repacked(layout, bytes), Bytes(layout.bytes));
      }
    }
  });
}

TEST_F(Carry, BothLanguagesDrawTheSameBounds) {
  each_layout([&](const Layout& layout, const Ports& ports) {
    Bytes lowest(layout.bytes);
    for (const auto& field : layout.fields) {
      for (std::size_t i = 0; i < field.count; ++i) put(lowest, field, field.min, i);
    }
    for (const auto& field : layout.fields) {
      for (const auto value : {field.min, field.max, field.min - 1, field.max + 1}) {
        auto bytes = lowest;
        put(bytes, field, value);
        const auto held = get(bytes, field);
        const bool inside = held >= field.min && held <= field.max;
        drive(ports, bytes);
        EXPECT_EQ(*ports.ranges_ok, inside) << layout.name << "." << field.name << "=" << held;
        EXPECT_EQ(ranges_ok_in_cpp(layout, bytes), inside) << layout.name << "." << field.name;
      }
    }
  });
}

TEST_F(Carry, TheHashIsTheSame) {
  dut_.eval();
  EXPECT_EQ(dut_.spec_hash_o, kSpecHash);
}

// A few places by hand, so that generator and tables cannot be wrong together.
TEST(Specification, FieldsLieWhereTheReferenceSays) {
  Load load;
  load.rows = 0x1234;
  load.offset = 0x1122334455667788;
  load.target = Target::kV;
  const auto bytes = pack(load);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[1], std::byte{2});
  EXPECT_EQ(bytes[12], std::byte{0x34});
  EXPECT_EQ(bytes[13], std::byte{0x12});
  EXPECT_EQ(bytes[16], std::byte{0x88});
  EXPECT_EQ(bytes[23], std::byte{0x11});
  Completion completion;
  completion.counter[39] = 0xab;
  EXPECT_EQ(pack(completion)[128 + 39 * 8], std::byte{0xab});
  EXPECT_EQ(pack(Store{})[0], std::byte{4});
}

TEST(Specification, NamesAreThoseOfTheReference) {
  EXPECT_EQ(name(Fault::kScratchRange), "scratch_range");
  EXPECT_EQ(name(State::kWaitBank), "wait_bank");
  EXPECT_EQ(name(Unit::kSequencer), "sequencer");
  EXPECT_EQ(name(static_cast<Target>(9)), "?");
  EXPECT_FALSE(advice(Fault::kStalled).empty());
}

}  // namespace
}  // namespace weft::spec
