// SPDX-License-Identifier: Apache-2.0
// channel.h: a socket to XRT's emulation: calls and answers behind headers of fixed size.
//
// A call is a header of 14 bytes (size, fixed64; number of the call, fixed32) and the message; an
// answer a header of 9 bytes (size) and the message. Strictly one answer per call, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/xrt/wire.h"

namespace weft::xrt {

// Numbers of the calls (xcl_macros.h of XRT).
enum class Api : std::uint32_t {
  kClose = 1,
  kLoadBitstream = 3,
  kAllocBuffer = 4,
  kFreeBuffer = 5,
  kCopyToDevice = 6,
  kCopyToHost = 7,
  kWriteDeviceRam = 8,
  kWriteRegister = 9,
  kReadDeviceRam = 10,
  kReadRegister = 11,
  kReadCounters = 14,
  kTraceCount = 15,
  kReadTrace = 16,
  kTimestamp = 17,
  kDebugMessages = 19,
  kSetEnvironment = 20,
};

struct Call {
  Api api{};
  Bytes message;  // until the next receive()
};

class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // One attempt; false if nobody listens there yet.
  [[nodiscard]] bool connect(const std::string& path);
  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  [[nodiscard]] int socket() const { return socket_; }

  // Waits for a call; nothing when the other side is gone or sends what is no call.
  [[nodiscard]] std::optional<Call> receive();

  // The answer, to be filled by a Writer from an empty message; then sent. Failures to send are
  // seen by the next receive().
  [[nodiscard]] std::vector<std::uint8_t>& answer();
  void send_answer();

  // A call without a message, for which no answer is awaited.
  void send_call(Api api);

 private:
  bool read_all(std::span<std::uint8_t> to);
  void write_all(Bytes from);

  int socket_ = -1;
  std::vector<std::uint8_t> received_;
  std::vector<std::uint8_t> answer_;
};

}  // namespace weft::xrt
