// SPDX-License-Identifier: Apache-2.0
// weft_progress: tells when a launch will not end by itself.
//
// deadlock_o: not all commands have retired, yet no unit works, none is being handed a command and
// a head waits, for three cycles: a command needs one to reach its unit. stalled_o: nothing moved
// for limit_i cycles (0: the default of the specification). Both hold only while running_i.
module weft_progress
  import weft_spec_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        running_i,
  input  logic        all_retired_i,
  input  logic        moves_i,    // a unit is busy, a command retires, or the memory port moves
  input  logic        works_i,    // a unit has a command, or is offered one
  input  logic        waiting_i,  // the head of a queue waits for a retire count
  input  logic [31:0] limit_i,
  output logic        deadlock_o,
  output logic        stalled_o
);
  localparam logic [1:0] QuietCycles = 2'd3;
  logic [31:0] still_q, limit;
  logic [1:0]  quiet_q;

  assign limit      = limit_i == 0 ? StallLimit : limit_i;
  assign stalled_o  = running_i && still_q >= limit;
  assign deadlock_o = running_i && !all_retired_i && quiet_q == QuietCycles;

  always_ff @(posedge clk_i) begin
    if (!running_i || stalled_o || moves_i) still_q <= '0;
    else still_q <= still_q + 1'b1;
    if (!rst_ni || works_i || !waiting_i) quiet_q <= '0;
    else if (quiet_q != QuietCycles) quiet_q <= quiet_q + 1'b1;
  end
endmodule
