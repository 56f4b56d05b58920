// SPDX-License-Identifier: Apache-2.0
// The simulated card: the Verilated top, its clock, its registers and its memory.
#include <unistd.h>
#include <verilated.h>
#include <verilated_fst_c.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "Vweft_top.h"
#if VM_COVERAGE
#include <verilated_cov.h>
#endif
#include "axi_memory.h"
#include "weft/weft_regs.h"
#include "weft_card.h"
#include "write_probe.h"

namespace {

using weft::sim::AxiMemory;
using weft::sim::MasterSignals;
using weft::sim::MemoryTiming;
using weft::sim::SlaveSignals;
using weft::sim::WriteProbe;

constexpr std::uint64_t kDefaultBase = 0x40'0000'0000;
constexpr std::uint64_t kDefaultArenaBytes = 64u << 20;
constexpr std::uint64_t kResetCycles = 4;
// The card itself ends a launch that makes no progress for its stall limit; a command may compute
// for long without using the bus. Only a card that is broken is silent for this many cycles.
constexpr std::uint64_t kSilenceBound = std::uint64_t{1} << 36;

// Register offsets: XRT's ap_ctrl_hs block (docs/reference/registers).
constexpr std::uint32_t kCtrl = 0x00;
constexpr std::uint32_t kArenaLow = 0x10;
constexpr std::uint32_t kRecordLow = 0x1c;
constexpr std::uint32_t kFault = 0x40;
constexpr std::uint32_t kStart = 1;
constexpr std::uint32_t kDone = 2;

}  // namespace

struct weft_card {
  explicit weft_card(const weft_card_options& options)
      : memory_base(options.memory_base ? options.memory_base : kDefaultBase),
        memory_bytes(options.arena_bytes ? options.arena_bytes : kDefaultArenaBytes),
        own_storage(options.memory ? nullptr : std::calloc(memory_bytes, 1), &std::free),
        storage(options.memory ? options.memory : static_cast<std::uint8_t*>(own_storage.get())),
        probe(options.digests != 0),
        hang_after(options.hang_after),
        trace_begin(options.trace_begin),
        trace_end(options.trace_end ? options.trace_end : ~std::uint64_t{0}) {
    if (!storage) throw std::bad_alloc();
    const char* none[] = {""};
    context.commandArgs(0, none);
    context.assertOn(true);
    context.fatalOnError(false);
    if (options.trace_path != nullptr) context.traceEverOn(true);
    top = std::make_unique<Vweft_top>(&context, "weft");

    constexpr std::uint32_t beat = sizeof(top->m_axi_wdata);
    MemoryTiming timing;
    timing.latency = options.latency ? options.latency : timing.latency;
    timing.bytes_per_cycle = options.bytes_per_cycle ? options.bytes_per_cycle : beat;
    timing.reorder_seed = options.reorder_seed;
    if (options.error_address != 0) timing.error_address = memory_base + options.error_address;
    memory =
        std::make_unique<AxiMemory>(std::span(storage, memory_bytes), memory_base, beat, timing);
    enter();
    if (probe.wanted()) {
      memory->observe_writes(
          [this](std::uint64_t offset, std::span<const std::uint8_t> bytes, std::uint64_t strobe) {
            probe.memory_write(offset, bytes, strobe);
          });
    }
    if (options.trace_path != nullptr) {
      // The waveform writer does not say when it cannot write.
      std::FILE* file = std::fopen(options.trace_path, "wb");
      if (file == nullptr) {
        throw std::runtime_error(std::string("waveform ") + options.trace_path + ": " +
                                 std::strerror(errno));
      }
      std::fclose(file);
      trace = std::make_unique<VerilatedFstC>();
      top->trace(trace.get(), 99);
      trace->open(options.trace_path);
    }
    reset();
    point_at_memory();
  }

  ~weft_card() {
    enter();
    if (trace) trace->close();
    top->final();
#if VM_COVERAGE
    write_coverage();
#endif
    top.reset();  // its scopes leave the context that is current
  }

  // Verilator and the probe keep one current card per thread: this one, whoever was before.
  void enter() {
    Verilated::threadContextp(&context);
    probe.make_current();
  }

#if VM_COVERAGE
  // What this card met, to a file of its own in the folder ./dev coverage names.
  void write_coverage() {
    static int number = 0;
    const char* folder = std::getenv("WEFT_COVERAGE_FOLDER");
    if (folder == nullptr) return;
    const std::string name = std::string(folder) + "/card-" + std::to_string(::getpid()) + "-" +
                             std::to_string(number++) + ".dat";
    context.coveragep()->write(name.c_str());
  }
#endif

  // One clock cycle: inputs change while the clock is low, both sides see the same edge.
  void cycle() {
    const bool hung = hang_after != 0 && launch_cycle >= hang_after;
    const SlaveSignals& slave = hung ? silent : memory->drive(now);
    top->clk_i = 0;
    top->m_axi_arready = slave.ar_ready;
    top->m_axi_awready = slave.aw_ready;
    top->m_axi_wready = slave.w_ready;
    top->m_axi_rvalid = slave.r_valid;
    top->m_axi_bvalid = slave.b_valid;
    if (slave.r_valid) {
      top->m_axi_rid = slave.r_id;
      top->m_axi_rresp = slave.r_resp;
      top->m_axi_rlast = slave.r_last;
      std::memcpy(&top->m_axi_rdata, slave.r_data, sizeof(top->m_axi_rdata));
    }
    if (slave.b_valid) {
      top->m_axi_bid = slave.b_id;
      top->m_axi_bresp = slave.b_resp;
    }
    evaluate();

    MasterSignals master;
    master.ar_valid = top->m_axi_arvalid;
    master.ar_id = top->m_axi_arid;
    master.ar_address = top->m_axi_araddr;
    master.ar_len = top->m_axi_arlen;
    master.aw_valid = top->m_axi_awvalid;
    master.aw_id = top->m_axi_awid;
    master.aw_address = top->m_axi_awaddr;
    master.aw_len = top->m_axi_awlen;
    master.w_valid = top->m_axi_wvalid;
    // The edge changes the port; what was offered before it counts.
    if (master.w_valid) std::memcpy(w_data, &top->m_axi_wdata, sizeof(top->m_axi_wdata));
    master.w_data = w_data;
    master.w_strobe = top->m_axi_wstrb;
    master.w_last = top->m_axi_wlast;
    if (slave.b_valid && slave.b_id == 1 && !record_answered) {
      record_answered = true;
      last_cycles = launch_cycle + 1;
    }
    moved = slave.r_valid || slave.b_valid || (master.w_valid && slave.w_ready) ||
            (master.ar_valid && slave.ar_ready) || (master.aw_valid && slave.aw_ready);
    top->clk_i = 1;
    evaluate_edge();
    if (!hung) memory->sample(master, now);
    ++now;
    ++launch_cycle;
  }

  void evaluate() {
    top->eval();
    if (tracing()) trace->dump(2 * now);
  }
  void evaluate_edge() {
    top->eval();
    if (tracing()) trace->dump(2 * now + 1);
    context.timeInc(1);
  }
  [[nodiscard]] bool tracing() const { return trace && now >= trace_begin && now < trace_end; }

  void reset() {
    memory->reset();
    enter();
    context.gotError(false);
    context.gotFinish(false);
    context.errorCount(0);
    error.clear();
    top->rst_ni = 0;
    top->s_axil_awvalid = 0;
    top->s_axil_wvalid = 0;
    top->s_axil_arvalid = 0;
    top->s_axil_bready = 1;
    top->s_axil_rready = 1;
    for (std::uint64_t i = 0; i < kResetCycles; ++i) cycle();
    memory->reset();
    top->rst_ni = 1;
    cycle();
  }

  void point_at_memory() {
    write_register(kArenaLow, static_cast<std::uint32_t>(memory_base));
    write_register(kArenaLow + 4, static_cast<std::uint32_t>(memory_base >> 32));
  }

  // The launch counter starts in the cycle the bus accepts the write.
  void write_register(std::uint32_t address, std::uint32_t value) {
    top->s_axil_awvalid = 1;
    top->s_axil_awaddr = address;
    top->s_axil_wvalid = 1;
    top->s_axil_wdata = value;
    top->s_axil_wstrb = 0xf;
    bool aw = false;
    bool w = false;
    for (int i = 0; i < 64 && !(aw && w); ++i) {
      top->clk_i = 0;
      top->eval();
      const bool aw_taken = top->s_axil_awvalid && top->s_axil_awready;
      const bool w_taken = top->s_axil_wvalid && top->s_axil_wready;
      if (!(aw || aw_taken) || !(w || w_taken)) launch_cycle = 0;
      cycle();
      if (aw_taken) top->s_axil_awvalid = 0;
      if (w_taken) top->s_axil_wvalid = 0;
      aw = aw || aw_taken;
      w = w || w_taken;
      if (aw && w) launch_cycle = 0;
    }
  }

  std::uint32_t read_register(std::uint32_t address) {
    enter();
    top->s_axil_arvalid = 1;
    top->s_axil_araddr = address;
    bool taken = false;
    for (int i = 0; i < 64; ++i) {
      top->clk_i = 0;
      top->eval();
      const bool now_taken = top->s_axil_arvalid && top->s_axil_arready;
      const bool valid = (taken || now_taken) && top->s_axil_rvalid;
      const std::uint32_t data = top->s_axil_rdata;
      cycle();
      if (now_taken) top->s_axil_arvalid = 0;
      taken = taken || now_taken;
      if (valid) return data;
    }
    return ~std::uint32_t{0};
  }

  int launch(std::uint64_t record) {
    enter();
    probe.clear();
    write_register(kRecordLow, static_cast<std::uint32_t>(record));
    write_register(kRecordLow + 4, static_cast<std::uint32_t>(record >> 32));
    write_register(kCtrl, kStart);
    last_cycles = 0;
    record_answered = false;
    std::uint64_t silence = 0;
    // The interrupt line is not enabled: done is read once the card is quiet or has answered.
    for (;;) {
      cycle();
      silence = moved ? 0 : silence + 1;
      if (record_answered) {
        while ((read_register(kCtrl) & kDone) == 0) {
        }
        return check();
      }
      // A launch without a completion record ends without traffic.
      if (silence != 0 && silence % 1024 == 0 && (read_register(kCtrl) & kDone) != 0) {
        if (record_answered) return check();
        last_cycles = launch_cycle;
        return check() != 0 ? 1 : 2;
      }
      if (silence > kSilenceBound) {
        error = "the card never said done: no traffic for " + std::to_string(silence) + " cycles";
        return 1;
      }
    }
  }

  int check() {
    if (memory->violation() != nullptr) {
      error = std::string("AXI protocol: ") + memory->violation();
      return 1;
    }
    if (context.gotError() || context.errorCount() != 0) {
      error = "an assertion in the RTL failed; see stderr";
      return 1;
    }
    return 0;
  }

  VerilatedContext context;
  std::unique_ptr<Vweft_top> top;
  std::uint64_t memory_base;
  std::uint64_t memory_bytes;
  std::unique_ptr<void, decltype(&std::free)> own_storage;  // zero, and lazily so
  std::uint8_t* storage;
  std::unique_ptr<AxiMemory> memory;
  std::unique_ptr<VerilatedFstC> trace;
  std::uint8_t w_data[sizeof(Vweft_top::m_axi_wdata)] = {};
  SlaveSignals silent;
  WriteProbe probe;
  std::uint64_t hang_after;
  std::uint64_t trace_begin;
  std::uint64_t trace_end;
  std::uint64_t now = 0;
  std::uint64_t launch_cycle = 0;
  std::uint64_t last_cycles = 0;
  bool record_answered = false;
  bool moved = false;
  std::string error;
};

extern "C" {

weft_card* weft_card_open(const weft_card_options* options, char* error, uint64_t size) {
  try {
    return new weft_card(options != nullptr ? *options : weft_card_options{});
  } catch (const std::bad_alloc&) {
    std::snprintf(error, size, "not enough host memory for the card's arena");
  } catch (const std::exception& e) {
    std::snprintf(error, size, "%s", e.what());
  }
  return nullptr;
}

void weft_card_close(weft_card* card) {
  delete card;
}
uint8_t* weft_card_memory(weft_card* card) {
  return card->storage;
}
uint64_t weft_card_memory_bytes(const weft_card* card) {
  return card->memory_bytes;
}
uint64_t weft_card_memory_base(const weft_card* card) {
  return card->memory_base;
}
void weft_card_write_register(weft_card* card, uint32_t address, uint32_t value) {
  card->enter();
  card->write_register(address, value);
}
uint32_t weft_card_read_register(weft_card* card, uint32_t address) {
  return card->read_register(address);
}
int weft_card_launch(weft_card* card, uint64_t record_offset) {
  try {
    return card->launch(record_offset);
  } catch (const std::exception& e) {
    card->error = e.what();
    return 1;
  }
}
uint64_t weft_card_last_cycles(const weft_card* card) {
  return card->last_cycles;
}
uint64_t weft_card_total_cycles(const weft_card* card) {
  return card->now;
}
uint32_t weft_card_fault(weft_card* card) {
  return card->read_register(kFault) & 0xff;
}
const char* weft_card_error(const weft_card* card) {
  return card->error.c_str();
}

uint64_t weft_card_digests(const weft_card* card, weft_card_digest* to, uint64_t capacity) {
  const weft::core::Digests& digests = card->probe.digests();
  uint64_t i = 0;
  for (const auto& [where, digest] : digests) {
    if (i < capacity) to[i] = {where.first, where.second, digest.value, digest.bytes};
    ++i;
  }
  return digests.size();
}

void weft_card_reset(weft_card* card) {
  card->reset();
  card->point_at_memory();
}

}  // extern "C"
