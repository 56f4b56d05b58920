// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/registers.h"

#include <poll.h>

#include <cstddef>
#include <optional>
#include <span>

#include "weft/spec.h"
#include "weft/weft_regs.h"

namespace weft::xrt {
namespace {

constexpr int kWaitMilliseconds = 1;
constexpr std::uint32_t kSequencer = spec::kNumUnits;
constexpr auto kCardLost = static_cast<std::uint32_t>(spec::Fault::kCardLost);

constexpr std::uint32_t kCtrl = offsetof(weft_regs_t, ctrl);
constexpr std::uint32_t kArena = offsetof(weft_regs_t, arena_lo);
constexpr std::uint32_t kRecord = offsetof(weft_regs_t, record_lo);
constexpr std::uint32_t kFault = offsetof(weft_regs_t, fault);
constexpr std::uint32_t kFaultAt = offsetof(weft_regs_t, fault_at);

std::span<std::uint8_t> as_bytes(std::span<std::byte> bytes) {
  return {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

// Where the launch record says its completion record belongs; nothing if it is no launch record.
std::optional<std::uint64_t> completion_address(const CardMemory& memory, const Start& start) {
  std::array<std::byte, 64> bytes{};
  if (!memory.read(start.arena + start.record, as_bytes(bytes))) return std::nullopt;
  const spec::Launch launch = spec::unpack_launch(bytes);
  if (launch.magic != spec::kMagic || launch.completion % 512 != 0) return std::nullopt;
  return start.arena + launch.completion;
}

}  // namespace

std::uint64_t Registers::pair(std::uint32_t low) const {
  return held_[low / 4] | std::uint64_t{held_[low / 4 + 1]} << 32;
}

void Registers::write(std::uint32_t address, std::uint32_t value) {
  if (address == kCtrl) {
    if ((value & WEFT_REGS__CTRL__START_bm) != 0 && !running_) start();
    return;
  }
  // Arguments of the next launch, and the interrupt registers, which nobody here looks at.
  if (address % 4 == 0 && address < kFault) held_[address / 4] = value;
}

std::uint32_t Registers::read(std::uint32_t address) {
  if (address % 4 != 0 || address / 4 >= held_.size()) return 0;
  if (address != kCtrl) return held_[address / 4];
  if (running_) wait_a_little();
  std::uint32_t value = 0;
  if (!running_) value |= WEFT_REGS__CTRL__IDLE_bm | WEFT_REGS__CTRL__READY_bm;
  if (done_) value |= WEFT_REGS__CTRL__DONE_bm;
  done_ = false;
  return value;
}

void Registers::wait_a_little() {
  pollfd waited{.fd = simulator_.event(), .events = POLLIN, .revents = 0};
  if (::poll(&waited, 1, kWaitMilliseconds) > 0) on_simulator_event();
}

void Registers::start() {
  // The hardware ignores the low bits of the arena's address.
  started_ = {.arena = pair(kArena) & ~std::uint64_t{0xfff}, .record = pair(kRecord)};
  running_ = true;
  done_ = false;
  ++launches_;
  watchdog_.restart();
  if (simulator_.alive()) {
    simulator_.start(started_);
  } else {
    end_lost();
  }
}

void Registers::on_simulator_event() {
  const auto ended = simulator_.take();
  if (!running_) return;
  if (ended) {
    end(*ended);
  } else {
    end_lost();
  }
}

void Registers::watch() {
  if (running_ && simulator_.alive() && watchdog_.hung(simulator_.process())) {
    simulator_.end("the simulator used no processor time for 10 s while a launch runs");
  }
}

void Registers::end(const Ended& ended) {
  held_[kFault / 4] = ended.fault;
  held_[kFaultAt / 4] = ended.fault_at;
  running_ = false;
  done_ = true;
  if (log_ == nullptr) return;
  std::fprintf(
      log_,
      "{\"engine\": %u, \"launch\": %llu, \"record\": %s, \"fault\": %u, \"cycles\": %llu, "
      "\"simulator_ns\": %llu}\n",
      engine_, static_cast<unsigned long long>(launches_), ended.has_record ? "true" : "false",
      ended.fault & WEFT_REGS__FAULT__CODE_bm, static_cast<unsigned long long>(ended.cycles),
      static_cast<unsigned long long>(ended.nanoseconds));
  std::fflush(log_);
}

void Registers::end_lost() {
  const auto completion = completion_address(memory_, started_);
  if (completion) {
    auto record = spec::pack(spec::Completion{.magic = spec::kMagic,
                                              .status = spec::Status::kFault,
                                              .spec_hash = spec::kSpecHash,
                                              .fault = kCardLost,
                                              .fault_unit = kSequencer});
    (void)memory_.write(*completion, as_bytes(record));
  }
  end({.has_record = completion.has_value(),
       .fault = kCardLost | kSequencer << WEFT_REGS__FAULT__UNIT_bp});
}

}  // namespace weft::xrt
