// SPDX-License-Identifier: Apache-2.0
// weft_counters: how many cycles each unit spent in each state, and totals of a launch.
//
// Counts while running_i; clear_i starts anew. Each unit is in exactly one state per cycle: its
// queue and its own signals are ranked here, once, for all units.
`include "weft_assert.svh"

module weft_counters
  import weft_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        running_i,

  input  logic [NumUnits-1:0]      active_i,      // has taken commands and not retired them
  input  logic [NumUnits-1:0]      busy_i,
  input  logic [NumUnits-1:0]      wait_read_i,
  input  logic [NumUnits-1:0]      wait_write_i,
  input  logic [NumUnits-1:0]      wait_bank_i,
  input  logic [NumUnits-1:0]      waiting_i,     // idle, and its next command waits
  input  logic [NumUnits-1:0][1:0] waits_for_i,
  input  logic [NumUnits-1:0]      retire_i,
  input  logic                     read_beat_i,
  input  logic                     write_beat_i,

  output logic [63:0]                              cycles_o,
  output logic [NumUnits-1:0][31:0]                retired_o,
  output logic [63:0]                              read_beats_o,
  output logic [63:0]                              write_beats_o,
  output logic [NumUnits*NumStates-1:0][63:0]      counter_o
);
  // 48 bits last ten days at 300 MHz.
  typedef logic [47:0] count_t;
  count_t      count_q [NumUnits][NumStates];
  count_t      cycles_q, read_q, write_q;
  logic [31:0] retired_q [NumUnits];
  state_e      state [NumUnits];

  always_comb begin
    for (int unsigned u = 0; u < NumUnits; u++) begin
      if (busy_i[u])            state[u] = StateBusy;
      else if (wait_bank_i[u])  state[u] = StateWaitBank;
      else if (wait_write_i[u]) state[u] = StateWaitWrite;
      else if (wait_read_i[u])  state[u] = StateWaitRead;
      else if (active_i[u])     state[u] = StateFlush;
      else if (waiting_i[u]) begin
        unique case (waits_for_i[u])
          2'(UnitLoad):   state[u] = StateWaitLoad;
          2'(UnitMatmul): state[u] = StateWaitMatmul;
          2'(UnitVector): state[u] = StateWaitVector;
          default:        state[u] = StateWaitStore;
        endcase
      end else                  state[u] = StateIdle;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      cycles_q <= '0;
      read_q   <= '0;
      write_q  <= '0;
      for (int unsigned u = 0; u < NumUnits; u++) begin
        retired_q[u] <= '0;
        for (int unsigned s = 0; s < NumStates; s++) count_q[u][s] <= '0;
      end
    end else if (running_i) begin
      cycles_q <= cycles_q + 1'b1;
      if (read_beat_i) read_q <= read_q + 1'b1;
      if (write_beat_i) write_q <= write_q + 1'b1;
      for (int unsigned u = 0; u < NumUnits; u++) begin
        if (retire_i[u]) retired_q[u] <= retired_q[u] + 1'b1;
        count_q[u][state[u]] <= count_q[u][state[u]] + 1'b1;
      end
    end
  end

  assign cycles_o      = 64'(cycles_q);
  assign read_beats_o  = 64'(read_q);
  assign write_beats_o = 64'(write_q);
  always_comb begin
    for (int unsigned u = 0; u < NumUnits; u++) begin
      retired_o[u] = retired_q[u];
      for (int unsigned s = 0; s < NumStates; s++) begin
        counter_o[u*NumStates + s] = 64'(count_q[u][s]);
      end
    end
  end
endmodule
