// SPDX-License-Identifier: Apache-2.0
// weft_fetch: reads consecutive 64-byte lines from memory into a queue.
//
// A request (aligned address, number of lines) is taken while idle_o; lines leave in order. Bursts
// are requested only when all their lines have a place, so read data is always taken. cancel_i
// drops what has not been requested; the consumer drains the queue until idle_o. line_error_o marks
// a line memory answered with an error.
`include "weft_assert.svh"

module weft_fetch #(
  parameter int unsigned Bytes = 64
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               request_i,
  input  logic [63:0]        request_address_i,
  input  logic [16:0]        request_lines_i,
  input  logic               cancel_i,
  output logic               idle_o,          // nothing requested, outstanding or queued

  output logic               line_valid_o,
  input  logic               line_ready_i,
  output logic [511:0]       line_o,
  output logic               line_error_o,
  output logic [63:0]        line_address_o,

  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [63:0]        ar_address_o,
  output logic [7:0]         ar_len_o,
  input  logic               r_valid_i,
  input  logic [8*Bytes-1:0] r_data_i,
  input  logic               r_error_i
);
  localparam int unsigned Depth    = 16;  // lines
  localparam int unsigned MaxLines = 8;   // of a burst
  localparam int unsigned Beats    = 64 / Bytes;

  logic [63:0] address_q;
  logic [16:0] left_q;
  logic [4:0]  reserved_q, used;
  logic [6:0]  to_boundary;
  logic [3:0]  burst;
  logic        take, drop;

  assign to_boundary = 7'd64 - 7'(address_q[11:6]);
  always_comb begin
    burst = 4'(MaxLines);
    if (left_q < 17'(burst)) burst = left_q[3:0];
    if (to_boundary < 7'(burst)) burst = to_boundary[3:0];
  end

  assign ar_valid_o   = left_q != 0 && 32'(reserved_q) + 32'(burst) <= Depth;
  assign ar_address_o = address_q;
  assign ar_len_o     = 8'(32'(burst) * Beats - 1);
  assign take         = ar_valid_o && ar_ready_i;
  assign drop         = line_valid_o && line_ready_i;
  assign idle_o       = left_q == 0 && reserved_q == 0;

  // cancel_i waits for a request under way: valid must hold until it is taken.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q     <= '0;
      reserved_q <= '0;
    end else begin
      if (request_i && idle_o) left_q <= request_lines_i;
      else if (take) left_q <= cancel_i ? '0 : left_q - 17'(burst);
      else if (cancel_i && !ar_valid_o) left_q <= '0;
      reserved_q <= reserved_q + (take ? 5'(burst) : 5'd0) - 5'(drop);
    end
    if (request_i && idle_o) address_q <= request_address_i;
    else if (take) address_q <= address_q + {54'd0, burst, 6'd0};
  end

  logic [63:0] line_address_q;  // of the line that leaves next
  assign line_address_o = line_address_q;
  always_ff @(posedge clk_i) begin
    if (request_i && idle_o) line_address_q <= request_address_i;
    else if (drop) line_address_q <= line_address_q + 64'd64;
  end

  // Beats to lines.
  logic [511:0] line;
  logic         line_error, line_complete, queue_ready;
  if (Beats == 1) begin : g_wide
    assign line          = r_data_i;
    assign line_error    = r_error_i;
    assign line_complete = r_valid_i;
  end else begin : g_narrow
    logic [511-8*Bytes:0]     collect_q;
    logic                     error_q;
    logic [$clog2(Beats)-1:0] beat_q;
    assign line          = {r_data_i, collect_q};
    assign line_error    = r_error_i || error_q;
    assign line_complete = r_valid_i && 32'(beat_q) == Beats - 1;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        beat_q  <= '0;
        error_q <= 1'b0;
      end else if (r_valid_i) begin
        beat_q  <= beat_q + 1'b1;
        error_q <= !line_complete && line_error;
      end
      if (r_valid_i) collect_q <= line[511:8*Bytes];
    end
  end

  weft_fifo #(.Width(513), .Depth(Depth)) u_lines (
    .clk_i, .rst_ni, .in_valid_i(line_complete), .in_ready_o(queue_ready),
    .in_data_i({line_error, line}), .out_valid_o(line_valid_o), .out_ready_i(line_ready_i),
    .out_data_o({line_error_o, line_o}), .used_o(used)
  );
  `WEFT_ASSERT(PlaceForEveryLine, line_complete |-> queue_ready)
  `WEFT_ASSERT(ReservedCoversUsed, used <= reserved_q)

endmodule
