// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/channel.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace weft::xrt {
namespace {

constexpr std::size_t kCallHeader = 14;
constexpr std::size_t kAnswerHeader = 9;
// XRT sends at most packet_size bytes of data and a few fields in a call.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;

}  // namespace

Channel::~Channel() {
  if (socket_ >= 0) ::close(socket_);
}

bool Channel::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return false;
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(made);
    return false;
  }
  socket_ = made;
  return true;
}

bool Channel::read_all(std::span<std::uint8_t> to) {
  while (!to.empty()) {
    const ssize_t got = ::read(socket_, to.data(), to.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

void Channel::write_all(Bytes from) {
  while (!from.empty()) {
    const ssize_t sent = ::send(socket_, from.data(), from.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    from = from.subspan(static_cast<std::size_t>(sent));
  }
}

std::optional<Call> Channel::receive() {
  std::array<std::uint8_t, kCallHeader> header{};
  if (!read_all(header)) return std::nullopt;
  Reader fields(header);
  const auto size = fields.next();
  const auto api = fields.next();
  if (!size || !api || size->number != 1 || api->number != 2 || size->value > kMostBytes) {
    return std::nullopt;
  }
  if (received_.size() < size->value) received_.resize(size->value);
  const auto message = std::span(received_).first(size->value);
  if (!read_all(message)) return std::nullopt;
  return Call{.api = static_cast<Api>(api->value), .message = message};
}

std::vector<std::uint8_t>& Channel::answer() {
  // The header has a fixed size: room for it in front saves a copy of what may be megabytes.
  answer_.assign(kAnswerHeader, 0);
  return answer_;
}

void Channel::send_answer() {
  std::vector<std::uint8_t> header;
  Writer(header).fixed64(1, answer_.size() - kAnswerHeader);
  std::copy(header.begin(), header.end(), answer_.begin());
  write_all(answer_);
}

void Channel::send_call(Api api) {
  std::vector<std::uint8_t> header;
  Writer writer(header);
  writer.fixed64(1, 0);
  writer.fixed32(2, static_cast<std::uint32_t>(api));
  write_all(header);
}

}  // namespace weft::xrt
