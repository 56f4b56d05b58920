// SPDX-License-Identifier: Apache-2.0
// weft_unit_queue: commands of one unit, in order, each held until what it waits for has retired.
//
// out_valid_o rises when retired_i has reached the head's `after` in every unit; waiting_o says
// that it has not, waits_for_o for which unit (the first of those that lack).
module weft_unit_queue
  import weft_sequencer_pkg::*;
#(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  counts_t          retired_i,

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  counts_t          in_after_i,
  input  logic [Width-1:0] in_data_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o,

  output logic             waiting_o,
  output logic [1:0]       waits_for_o
);
  logic    head_valid, met;
  counts_t after;
  logic [$clog2(Depth+1)-1:0] unused_used;

  weft_fifo #(.Width(Width + $bits(counts_t)), .Depth(Depth)) u_queue (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o, .in_data_i({in_after_i, in_data_i}),
    .out_valid_o(head_valid), .out_ready_i(out_ready_i && met), .out_data_o({after, out_data_o}),
    .used_o(unused_used)
  );

  always_comb begin
    met         = 1'b1;
    waits_for_o = 2'd0;
    for (int i = 3; i >= 0; i--) begin
      if (retired_i[i] < after[i]) begin
        met         = 1'b0;
        waits_for_o = 2'(i);
      end
    end
  end
  assign out_valid_o = head_valid && met;
  assign waiting_o   = head_valid && !met;
endmodule
