// SPDX-License-Identifier: Apache-2.0
// The front of an emulated card by itself: messages, memory, registers, and a simulator that is not
// there.
#include "sim/xrt/front.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/xclbin/layout.h"
#include "sim/xrt/registers.h"
#include "sim/xrt/wire.h"
#include "weft/spec.h"

namespace weft::xrt {
namespace {

using Message = std::vector<std::uint8_t>;

TEST(Wire, ReadsWhatItWrites) {
  Message message;
  Writer writer(message);
  writer.number(1, 0);
  writer.number(2, ~std::uint64_t{0});
  writer.fixed64(3, 0x0123456789abcdef);
  writer.fixed32(4, 0x89abcdef);
  writer.text(300, "text");
  Reader reader(message);
  EXPECT_EQ(reader.next()->value, 0u);
  EXPECT_EQ(reader.next()->value, ~std::uint64_t{0});
  EXPECT_EQ(reader.next()->value, 0x0123456789abcdefu);
  EXPECT_EQ(reader.next()->value, 0x89abcdefu);
  const auto text = reader.next();
  ASSERT_TRUE(text);
  EXPECT_EQ(text->number, 300u);
  EXPECT_EQ(std::string(text->bytes.begin(), text->bytes.end()), "text");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.malformed());
}

// XRT reads headers by their size: 14 and 9 bytes whatever they hold.
TEST(Wire, HeadersHaveAFixedSize) {
  for (const std::uint64_t size : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    Message header;
    Writer writer(header);
    writer.fixed64(1, size);
    EXPECT_EQ(header.size(), 9u);
    writer.fixed32(2, 7);
    EXPECT_EQ(header.size(), 14u);
  }
}

TEST(Wire, WhatIsCutShortIsMalformed) {
  Message message;
  Writer writer(message);
  writer.number(1, 300);
  writer.fixed64(2, 1);
  writer.text(3, "abc");
  for (std::size_t size = 1; size < message.size(); ++size) {
    Reader reader(Bytes(message).first(size));
    std::size_t fields = 0;
    while (reader.next()) ++fields;
    EXPECT_LT(fields, 3u);
    EXPECT_EQ(reader.malformed(), size != 3 && size != 12) << size;
  }
}

class FrontTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kBase = 0x40'0000'0000;
  static constexpr std::uint64_t kBytes = std::uint64_t{8} << 30;

  Message call(Api api, const Message& message) {
    Message answer;
    front.handle({.api = api, .message = message}, answer);
    return answer;
  }
  Message allocate(std::uint64_t address, std::uint64_t size) {
    Message message;
    Writer writer(message);
    writer.number(1, address);
    writer.number(2, size);
    return call(Api::kAllocBuffer, message);
  }
  void free(std::uint64_t address) {
    Message message;
    Writer(message).number(1, address);
    (void)call(Api::kFreeBuffer, message);
  }
  void copy_in(std::uint64_t address, std::uint64_t seek, std::string_view bytes) {
    Message message;
    Writer writer(message);
    writer.number(3, address);
    writer.text(4, bytes);
    writer.number(5, bytes.size());
    writer.number(6, seek);
    (void)call(Api::kCopyToDevice, message);
  }
  std::string copy_out(std::uint64_t address, std::uint64_t skip, std::uint64_t size) {
    Message message;
    Writer writer(message);
    writer.text(3, std::string(size, '?'));
    writer.number(4, address);
    writer.number(5, size);
    writer.number(6, skip);
    const Message answer = call(Api::kCopyToHost, message);
    Reader reader(answer);
    while (const auto field = reader.next()) {
      if (field->number == 2) return {field->bytes.begin(), field->bytes.end()};
    }
    return "nothing";
  }
  void write_register(std::uint32_t address, std::uint32_t value, unsigned engine = 1) {
    Message message;
    Writer writer(message);
    writer.number(2, xclbin::unit_base(engine) + address);
    writer.number(3, 4);
    std::memcpy(writer.room(4, 4).data(), &value, 4);
    (void)call(Api::kWriteRegister, message);
  }
  std::uint32_t read_register(std::uint32_t address, unsigned engine = 1) {
    Message message;
    Writer writer(message);
    writer.number(2, xclbin::unit_base(engine) + address);
    writer.number(3, 4);
    const Message answer = call(Api::kReadRegister, message);
    Reader reader(answer);
    std::uint32_t value = ~0u;
    while (const auto field = reader.next()) {
      if (field->number == 2) std::memcpy(&value, field->bytes.data(), 4);
    }
    return value;
  }

  CardMemory memory{kBase, kBytes};
  Simulator simulator{memory, "libweft_card_that_does_not_exist.so", 1};
  Simulator other_simulator{memory, "libweft_card_that_does_not_exist.so", 2};
  Registers registers{memory, simulator, 1, nullptr};
  Registers other_registers{memory, other_simulator, 2, nullptr};
  Front front{memory, {&registers, &other_registers}};
};

TEST_F(FrontTest, CopiesAddTheirOffset) {
  copy_in(kBase + 4096, 3, "weft");
  EXPECT_EQ(copy_out(kBase, 4096, 8), std::string("\0\0\0weft\0", 8));
}

TEST_F(FrontTest, TheLastByteOfMemoryIsThereAndTheNextIsNot) {
  copy_in(kBase + kBytes - 1, 0, "x");
  EXPECT_EQ(copy_out(kBase + kBytes - 1, 0, 1), "x");
  EXPECT_EQ(copy_out(kBase + kBytes - 1, 0, 2), "nothing");
  EXPECT_EQ(copy_out(kBase - 1, 0, 2), "nothing");
  EXPECT_EQ(copy_out(kBase, ~std::uint64_t{0}, 2), "nothing");
}

TEST_F(FrontTest, AFreedBufferIsZerosAgainAndItsNeighboursAreNot) {
  EXPECT_EQ(allocate(kBase + 4096, 4096), (Message{0x08, 1}));
  copy_in(kBase + 4092, 0, std::string(4104, 'x'));
  free(kBase + 4096);
  EXPECT_EQ(copy_out(kBase + 4092, 0, 4104),
            std::string(4, 'x') + std::string(4096, '\0') + std::string(4, 'x'));
}

TEST_F(FrontTest, ABufferOutsideOfMemoryIsRefused) {
  EXPECT_EQ(allocate(kBase + kBytes - 4096, 8192), (Message{0x08, 0}));
}

TEST_F(FrontTest, RegistersKeepTheArgumentsAndIdleIsRead) {
  write_register(0x10, 0x12345000);
  write_register(0x20, 7);
  EXPECT_EQ(read_register(0x10), 0x12345000u);
  EXPECT_EQ(read_register(0x20), 7u);
  EXPECT_EQ(read_register(0x00), 4u | 8u);
  write_register(0x40, 1);  // reading only
  EXPECT_EQ(read_register(0x40), 0u);
  EXPECT_EQ(read_register(0x1000), 0u);
}

TEST_F(FrontTest, EveryEngineHasRegistersOfItsOwn) {
  write_register(0x10, 0x11111000, 1);
  write_register(0x10, 0x22222000, 2);
  write_register(0x10, 0x33333000, 3);  // there is none
  EXPECT_EQ(read_register(0x10, 1), 0x11111000u);
  EXPECT_EQ(read_register(0x10, 2), 0x22222000u);
  EXPECT_EQ(read_register(0x10, 3), 0u);
  EXPECT_EQ(read_register(0x10, 0), 0u);
  // The launch of one, whose simulator is gone, leaves the other idle.
  write_register(0x00, 1, 2);
  std::uint32_t ctrl = 0;
  for (int i = 0; i < 10000 && (ctrl & 2) == 0; ++i) ctrl = read_register(0x00, 2);
  EXPECT_EQ(ctrl & 2, 2u);
  EXPECT_EQ(read_register(0x40, 2) & 0xff, static_cast<std::uint32_t>(spec::Fault::kCardLost));
  EXPECT_EQ(read_register(0x00, 1), 4u | 8u);
  EXPECT_EQ(read_register(0x40, 1), 0u);
}

TEST_F(FrontTest, WithoutASimulatorALaunchEndsWithCardLost) {
  constexpr std::uint64_t kArena = kBase + 0x10000;
  const auto record = spec::pack(
      spec::Launch{.magic = spec::kMagic, .mode = spec::LaunchMode::kIdentify, .completion = 512});
  copy_in(kArena + 4096, 0, {reinterpret_cast<const char*>(record.data()), record.size()});
  for (int round = 0; round < 2; ++round) {
    copy_in(kArena + 512, 0, std::string(512, '\0'));
    write_register(0x10, static_cast<std::uint32_t>(kArena));
    write_register(0x14, static_cast<std::uint32_t>(kArena >> 32));
    write_register(0x1c, 4096);
    write_register(0x20, 0);
    write_register(0x00, 1);
    std::uint32_t ctrl = 0;
    for (int i = 0; i < 10000 && (ctrl & 2) == 0; ++i) ctrl = read_register(0x00);
    EXPECT_EQ(ctrl, 2u | 4u | 8u);
    EXPECT_EQ(read_register(0x00), 4u | 8u) << "done is cleared by reading it";
    const std::string bytes = copy_out(kArena + 512, 0, 512);
    std::array<std::byte, 512> packed{};
    std::memcpy(packed.data(), bytes.data(), packed.size());
    const auto completion = spec::unpack_completion(packed);
    EXPECT_EQ(completion.magic, spec::kMagic);
    EXPECT_EQ(completion.status, spec::Status::kFault);
    EXPECT_EQ(completion.fault, static_cast<std::uint32_t>(spec::Fault::kCardLost));
    EXPECT_EQ(read_register(0x40) & 0xff, static_cast<std::uint32_t>(spec::Fault::kCardLost));
    EXPECT_FALSE(simulator.alive());
  }
}

// Nothing in memory says where a completion record would belong: nothing is written.
TEST_F(FrontTest, WithoutALaunchRecordALostLaunchStillEnds) {
  write_register(0x10, static_cast<std::uint32_t>(kBase));
  write_register(0x14, static_cast<std::uint32_t>(kBase >> 32));
  write_register(0x00, 1);
  std::uint32_t ctrl = 0;
  for (int i = 0; i < 10000 && (ctrl & 2) == 0; ++i) ctrl = read_register(0x00);
  EXPECT_EQ(ctrl & 2, 2u);
  EXPECT_EQ(copy_out(kBase, 0, 4096), std::string(4096, '\0'));
}

TEST_F(FrontTest, MessagesOfAnyBytesAreSafe) {
  testing::internal::CaptureStderr();  // each bad copy says so
  std::uint32_t state = 1;
  for (int round = 0; round < 5000; ++round) {
    Message message(round % 40);
    for (auto& byte : message) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<std::uint8_t>(state >> 24);
    }
    for (const Api api : {Api::kAllocBuffer, Api::kFreeBuffer, Api::kCopyToDevice,
                          Api::kWriteRegister, Api::kReadRegister, Api::kWriteDeviceRam}) {
      (void)call(api, message);
    }
  }
  (void)testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace weft::xrt
