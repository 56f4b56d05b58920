// SPDX-License-Identifier: Apache-2.0
// weft-xrt-card: the card's process in XRT's hardware emulation; see docs/xrt.md.
//
//   weft-xrt-card --config NAME [--arith native|rtl] [--engines N]
//   weft-xrt-card --check      does nothing: whether the program can be run
//
// Started by XRT from an xclbin. WEFT_XRT_LOG=FILE appends a line of JSON per launch: its engine
// and number, whether it wrote a completion record, fault, cycles, and the simulator's own
// nanoseconds.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/xclbin/layout.h"
#include "sim/xrt/card_memory.h"
#include "sim/xrt/channel.h"
#include "sim/xrt/front.h"
#include "sim/xrt/places.h"
#include "sim/xrt/registers.h"
#include "sim/xrt/simulator.h"

namespace {

using namespace weft::xrt;
using namespace weft::xclbin;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kConnectBound{60};
constexpr int kWatchMilliseconds = std::chrono::milliseconds(Watchdog::kInterval).count();

// Of the host only stderr is kept; its descriptors would keep sockets of other cards open.
void leave_host_behind() {
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, 0);
  ::dup2(2, 1);
  ::syscall(SYS_close_range, 3u, ~0u, 0u);
  // What is sent to the process group of the host is the host's to decide about.
  for (const int number : {SIGINT, SIGHUP, SIGQUIT, SIGTERM, SIGPIPE, SIGABRT, SIGSEGV, SIGXFSZ}) {
    ::signal(number, SIG_IGN);
  }
  ::signal(SIGCHLD, SIG_DFL);  // a host that ignores it would have passed that on
}

struct Engine {
  Engine(CardMemory& memory, const std::string& library, unsigned number, std::FILE* log)
      : simulator(memory, library, number), registers(memory, simulator, number, log) {}
  Simulator simulator;
  Registers registers;
};

class Card {
 public:
  Card(const Places& places, const std::string& library, unsigned engines)
      : places_(places),
        host_process_(static_cast<int>(::syscall(SYS_pidfd_open, places.host, 0u))),
        memory_(kBankBase, engines * kBankBytes),
        engines_(start(library, engines)),
        front_(memory_, registers_of(engines_)) {}

  int run() {
    const bool connected = connect();
    if (connected) serve();
    remove_sockets(places_);
    return connected ? 0 : 1;
  }

 private:
  // XRT has changed the folder: a relative path is the host's.
  [[nodiscard]] std::FILE* open_log() const {
    const char* path = std::getenv("WEFT_XRT_LOG");
    if (path == nullptr || *path == '\0') return nullptr;
    const std::string folder = "/proc/" + std::to_string(places_.host) + "/cwd/";
    return std::fopen((*path == '/' ? path : folder + path).c_str(), "ae");
  }

  std::list<Engine> start(const std::string& library, unsigned engines) {
    std::FILE* log = open_log();
    std::list<Engine> started;
    for (unsigned i = 1; i <= engines; ++i) started.emplace_back(memory_, library, i, log);
    return started;
  }

  static std::vector<Registers*> registers_of(std::list<Engine>& engines) {
    std::vector<Registers*> found;
    for (Engine& engine : engines) found.push_back(&engine.registers);
    return found;
  }

  // Its number may be another's by now; being its child is what counts.
  [[nodiscard]] bool host_gone() const { return ::getppid() != places_.host; }

  // XRT binds its sockets after it started this process.
  bool connect() {
    const auto until = Clock::now() + kConnectBound;
    while (!calls_.connect(places_.calls)) {
      if (host_gone()) return false;
      ::poll(nullptr, 0, 1);
      if (Clock::now() > until) {
        std::fprintf(stderr, "weft-xrt-card: XRT does not listen at %s\n", places_.calls.c_str());
        return false;
      }
    }
    return true;
  }

  // Until the host closes or is gone.
  void serve() {
    const auto until = Clock::now() + kConnectBound;
    for (;;) {
      const bool connecting = !host_memory_.connected() && Clock::now() < until;
      if (connecting && host_memory_.connect(places_.host_memory)) continue;
      std::vector<pollfd> waited{{.fd = calls_.socket(), .events = POLLIN, .revents = 0},
                                 {.fd = host_process_, .events = POLLIN, .revents = 0}};
      bool running = false;
      for (const Engine& engine : engines_) {
        waited.push_back({.fd = engine.simulator.event(), .events = POLLIN, .revents = 0});
        running = running || engine.registers.running();
      }
      const int pause = connecting ? 1 : running ? kWatchMilliseconds : -1;
      if (::poll(waited.data(), waited.size(), pause) < 0) continue;
      auto event = waited.begin() + 2;
      for (Engine& engine : engines_) {
        engine.registers.watch();
        if ((event++)->revents != 0) engine.registers.on_simulator_event();
      }
      if (waited[0].revents != 0) {
        const auto call = calls_.receive();
        if (!call) return;  // closed, or no call at all
        if (call->api == Api::kClose && host_memory_.connected()) {
          host_memory_.send_call(Api::kClose);
        }
        front_.handle(*call, calls_.answer());
        calls_.send_answer();
        if (call->api == Api::kClose) return;
      } else if (waited[1].revents != 0) {
        return;
      }
    }
  }

  Places places_;
  int host_process_;
  CardMemory memory_;
  std::list<Engine> engines_;
  Front front_;
  Channel calls_;
  Channel host_memory_;
};

}  // namespace

int main(int argc, char** argv) {
  std::string config = "default";
  std::string arithmetic = "native";
  unsigned engines = 1;
  if (argc == 2 && std::string_view(argv[1]) == "--check") return 0;  // it can be run
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view value = argv[i + 1];
    if (std::string_view(argv[i]) == "--config") config = value;
    if (std::string_view(argv[i]) == "--arith") arithmetic = value;
    if (std::string_view(argv[i]) == "--engines") {
      std::from_chars(value.data(), value.data() + value.size(), engines);
    }
  }
  engines = std::clamp(engines, 1u, kMostEngines);
  leave_host_behind();
  const Places places = find_places();
  // A host that died while this was started: nobody to serve.
  if (::getppid() != places.host) {
    remove_sockets(places);
    return 1;
  }
  try {
    return Card(places, "libweft_card_" + config + "_" + arithmetic + ".so", engines).run();
  } catch (const std::exception& error) {
    // XRT would wait for it.
    std::fprintf(stderr, "weft-xrt-card: %s\n", error.what());
    ::kill(places.host, SIGTERM);
    return 1;
  }
}
