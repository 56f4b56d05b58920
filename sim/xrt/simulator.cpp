// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/simulator.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "runtime/devices/sim/card_library.h"
#include "runtime/xclbin/layout.h"
#include "weft/spec.h"
#include "weft/weft_regs.h"

namespace weft::xrt {
namespace {

// A message of either direction is one packet of the socket.
template <class Message>
bool receive(int socket, Message& message) {
  ssize_t got = 0;
  do {
    got = ::recv(socket, &message, sizeof message, 0);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof message);
}

template <class Message>
bool send(int socket, const Message& message) {
  return ::send(socket, &message, sizeof message, MSG_NOSIGNAL) ==
         static_cast<ssize_t>(sizeof message);
}

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "weft-xrt-card: %s\n", what);
  ::_exit(1);
}

Ended run(sim::CardLibrary& library, weft_card* card, const Start& start) {
  library.write_register(card, offsetof(weft_regs_t, arena_lo),
                         static_cast<std::uint32_t>(start.arena));
  library.write_register(card, offsetof(weft_regs_t, arena_hi),
                         static_cast<std::uint32_t>(start.arena >> 32));
  const auto before = std::chrono::steady_clock::now();
  const int outcome = library.launch(card, start.record);
  const std::chrono::nanoseconds taken = std::chrono::steady_clock::now() - before;
  if (outcome == 1) give_up(library.error(card));
  Ended ended{.has_record = outcome == 0,
              .fault = library.read_register(card, offsetof(weft_regs_t, fault)),
              .fault_at = library.read_register(card, offsetof(weft_regs_t, fault_at)),
              .cycles = library.last_cycles(card),
              .nanoseconds = static_cast<std::uint64_t>(taken.count())};
  // After a stall the card takes no launch until its reset line was pulled.
  if (static_cast<spec::Fault>(library.fault(card)) == spec::Fault::kStalled) library.reset(card);
  return ended;
}

[[noreturn]] void simulate(CardMemory& memory, const std::string& name, unsigned engine,
                           int socket) {
  ::prctl(PR_SET_NAME, ("weft-engine-" + std::to_string(engine)).c_str());
  auto library = sim::CardLibrary::load(name);
  if (!library) give_up(library.error().message().c_str());
  weft_card_options options{};
  options.arena_bytes = xclbin::kBankBytes;
  options.memory_base = xclbin::bank_base(engine);
  options.memory = memory.map(options.memory_base, options.arena_bytes);
  if (options.memory == nullptr) give_up("the card's memory cannot be mapped");
  std::array<char, 512> error{};
  weft_card* card = library->open(&options, error.data(), error.size());
  if (card == nullptr) give_up(error.data());
  for (Start start; receive(socket, start);) {
    if (!send(socket, run(*library, card, start))) break;
  }
  library->close(card);
  ::_exit(0);
}

}  // namespace

Simulator::Simulator(CardMemory& memory, const std::string& library, unsigned engine)
    : engine_(engine) {
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    std::perror("weft-xrt-card: socketpair");
    return;
  }
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::close(sockets[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it ended before it could be watched
    simulate(memory, library, engine, sockets[1]);
  }
  if (process_ < 0) std::perror("weft-xrt-card: fork");
  ::close(sockets[1]);
  if (process_ > 0) {
    socket_ = sockets[0];
  } else {
    ::close(sockets[0]);
  }
}

Simulator::~Simulator() {
  if (!alive()) return;
  ::kill(process_, SIGKILL);
  ::close(socket_);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Simulator::start(const Start& start) {
  // If it is gone, take() finds out.
  if (alive()) (void)send(socket_, start);
}

std::optional<Ended> Simulator::take() {
  Ended ended;
  if (alive() && receive(socket_, ended)) return ended;
  if (alive()) lost();
  return std::nullopt;
}

void Simulator::end(const char* why) {
  if (!alive()) return;
  std::fprintf(stderr, "weft-xrt-card: %s\n", why);
  ::kill(process_, SIGKILL);
}

void Simulator::lost() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    std::fprintf(stderr, "weft-xrt-card: engine %u: the simulator was ended by signal %d (%s)\n",
                 engine_, WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  } else {
    std::fprintf(stderr, "weft-xrt-card: engine %u: the simulator ended with exit code %d\n",
                 engine_, WEXITSTATUS(status));
  }
  std::fprintf(stderr, "weft-xrt-card: engine %u: every launch now ends with the fault card_lost\n",
               engine_);
  ::close(socket_);
  socket_ = -1;
  process_ = -1;
}

}  // namespace weft::xrt
