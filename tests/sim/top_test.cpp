// SPDX-License-Identifier: Apache-2.0
// The card pin by pin: its registers, its interrupt, and a reset in the middle of a launch.
#include "Vweft_top.h"
#include "sim/axi_memory.h"
#include "sim/write_probe.h"
#include "tests/rtl/support/bench.h"
#include "tests/rtl/support/bits.h"
#include "tests/sim/sample_launch.h"

namespace weft::test {
namespace {

constexpr std::uint64_t kArena = 0x77'0000'0000;
constexpr std::uint32_t kCtrl = 0x00;
constexpr std::uint32_t kGlobalInterrupt = 0x04;
constexpr std::uint32_t kInterruptEnable = 0x08;
constexpr std::uint32_t kInterruptStatus = 0x0c;
constexpr std::uint32_t kArenaLow = 0x10;
constexpr std::uint32_t kRecordLow = 0x1c;
constexpr std::uint32_t kFault = 0x40;
constexpr std::uint32_t kStart = 1;
constexpr std::uint32_t kDone = 2;
constexpr std::uint32_t kIdle = 4;

// The model reports writes to a probe, which must be there before its first cycle.
struct Probe {
  Probe() { probe.make_current(); }
  sim::WriteProbe probe{false};
};

class Top : private Probe, public Bench<Vweft_top> {
 protected:
  Top() : arena(kArenaBytes) {
    memory = std::make_unique<sim::AxiMemory>(
        arena, kArena, kBytes,
        sim::MemoryTiming{.latency = static_cast<std::uint32_t>(dice.between(1, 80)),
                          .bytes_per_cycle = kBytes,
                          .reorder_seed = dice.bits()});
    dut->s_axil_bready = 1;
    dut->s_axil_rready = 1;
    reset_card();
  }

  void step() {
    const auto& slave = memory->drive(cycle);
    dut->m_axi_arready = slave.ar_ready;
    dut->m_axi_awready = slave.aw_ready;
    dut->m_axi_wready = slave.w_ready;
    dut->m_axi_rvalid = slave.r_valid;
    dut->m_axi_rid = slave.r_id;
    dut->m_axi_rresp = slave.r_resp;
    dut->m_axi_rlast = slave.r_last;
    if (slave.r_valid) set_bytes(dut->m_axi_rdata, slave.r_data);
    dut->m_axi_bvalid = slave.b_valid;
    dut->m_axi_bid = slave.b_id;
    dut->m_axi_bresp = slave.b_resp;
    settle();
    const auto data = bytes_of(dut->m_axi_wdata);
    memory->sample({.ar_valid = dut->m_axi_arvalid != 0,
                    .ar_id = dut->m_axi_arid,
                    .ar_address = dut->m_axi_araddr,
                    .ar_len = dut->m_axi_arlen,
                    .aw_valid = dut->m_axi_awvalid != 0,
                    .aw_id = dut->m_axi_awid,
                    .aw_address = dut->m_axi_awaddr,
                    .aw_len = dut->m_axi_awlen,
                    .w_valid = dut->m_axi_wvalid != 0,
                    .w_data = data.data(),
                    .w_strobe = dut->m_axi_wstrb,
                    .w_last = dut->m_axi_wlast != 0},
                   cycle);
    edge();
  }

  void reset_card() {
    dut->s_axil_awvalid = dut->s_axil_wvalid = dut->s_axil_arvalid = 0;
    dut->m_axi_rvalid = dut->m_axi_bvalid = 0;
    reset();
    memory->reset();
  }

  void write(std::uint32_t address, std::uint32_t value) {
    dut->s_axil_awvalid = dut->s_axil_wvalid = 1;
    dut->s_axil_awaddr = static_cast<std::uint8_t>(address);
    dut->s_axil_wdata = value;
    dut->s_axil_wstrb = 15;
    for (int i = 0; i < 50 && (dut->s_axil_awvalid || dut->s_axil_wvalid); ++i) {
      settle();
      const bool aw = dut->s_axil_awready;
      const bool w = dut->s_axil_wready;
      step();
      if (aw) dut->s_axil_awvalid = 0;
      if (w) dut->s_axil_wvalid = 0;
    }
    for (int i = 0; i < 4; ++i) step();
  }

  std::uint32_t read(std::uint32_t address) {
    dut->s_axil_arvalid = 1;
    dut->s_axil_araddr = static_cast<std::uint8_t>(address);
    for (int i = 0; i < 50; ++i) {
      settle();
      const bool taken = dut->s_axil_arready;
      const bool valid = dut->s_axil_rvalid;
      const std::uint32_t value = dut->s_axil_rdata;
      step();
      if (taken) dut->s_axil_arvalid = 0;
      if (valid) return value;
    }
    ADD_FAILURE() << "register " << address << " does not answer";
    return 0;
  }

  void start(const SampleLaunch& sample) {
    std::copy(sample.arena.begin(), sample.arena.end(), arena.begin());
    write(kArenaLow, static_cast<std::uint32_t>(kArena));
    write(kArenaLow + 4, static_cast<std::uint32_t>(kArena >> 32));
    write(kRecordLow, kRecord);
    write(kRecordLow + 4, 0);
    write(kCtrl, kStart);
  }

  void expect_sound() {
    const auto sample = sample_launch(dice, kConfig, 1);
    start(sample);
    std::uint32_t control = 0;
    for (int i = 0; i < 5000 && (control & kDone) == 0; ++i) control = read(kCtrl);
    ASSERT_EQ(control & (kDone | kIdle | kStart), kDone | kIdle);
    EXPECT_EQ(read(kCtrl) & kDone, 0u) << "done is cleared by reading";
    EXPECT_EQ(read(kFault), 4u << 8) << "no fault, of the sequencer";
    EXPECT_EQ(memory->violation(), nullptr);
    EXPECT_TRUE(std::equal(sample.expected.begin(), sample.expected.end(), &arena[kResult]));
    EXPECT_EQ(completion_in(arena).status, spec::Status::kDone);
  }

  std::vector<std::uint8_t> arena;
  std::unique_ptr<sim::AxiMemory> memory;
};

TEST_F(Top, RegistersAreReadable) {
  for (const std::uint32_t address : {kArenaLow, kArenaLow + 4, kRecordLow, kRecordLow + 4}) {
    const auto value = static_cast<std::uint32_t>(dice.bits());
    write(address, value);
    EXPECT_EQ(read(address), value);
  }
  EXPECT_EQ(read(kCtrl), 0xcu) << "idle and ready";
  EXPECT_EQ(read(kInterruptStatus), 0u);
}

TEST_F(Top, InterruptRisesAtTheEndOfALaunchAndFallsWhenAcknowledged) {
  write(kGlobalInterrupt, 1);
  write(kInterruptEnable, 1);
  const auto sample = sample_launch(dice, kConfig, 1);
  start(sample);
  EXPECT_EQ(read(kCtrl) & kIdle, 0u);
  for (int i = 0; i < 50000 && !dut->interrupt_o; ++i) step();
  ASSERT_TRUE(dut->interrupt_o);
  EXPECT_EQ(read(kInterruptStatus), 1u);
  write(kInterruptStatus, 1);
  EXPECT_FALSE(dut->interrupt_o);
  EXPECT_EQ(read(kCtrl) & kDone, kDone);
}

TEST_F(Top, ResetInTheMiddleOfALaunchAndThenACorrectLaunch) {
  for (int round = 0; round < 25 && !HasFailure(); ++round) {
    start(sample_launch(dice, kConfig, 3));
    for (auto i = dice.between(1, 1500); i > 0; --i) step();
    reset_card();
    EXPECT_EQ(read(kCtrl) & (kStart | kIdle), kIdle);
    expect_sound();
  }
}

}  // namespace
}  // namespace weft::test
