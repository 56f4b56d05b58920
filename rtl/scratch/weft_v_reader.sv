// SPDX-License-Identifier: Apache-2.0
// weft_v_reader: streams a matrix out of V, word by word, in one of the orders of weft_v_walk.
//
// A command names the first word, the distance of rows, the words of a row and the order; it is
// taken only while the reader is idle, and cmd_ready_o says so. Words leave in order through a
// small queue, one per cycle as long as the bank is granted and the consumer takes them. A read is
// requested only when its word has a place in the queue.
`include "weft_assert.svh"

module weft_v_reader
  import weft_v_pkg::*;
#(
  parameter int unsigned WordWidth = 512
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  v_address_t           cmd_base_i,
  input  v_address_t           cmd_pitch_i,
  input  logic [15:0]          cmd_rows_i,   // at least 1
  input  logic [15:0]          cmd_words_i,  // of a row, at least 1
  input  v_order_e             cmd_order_i,

  output logic                 v_valid_o,
  input  logic                 v_ready_i,
  output v_address_t           v_address_o,
  input  logic                 v_data_valid_i,
  input  logic [WordWidth-1:0] v_data_i,

  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output logic [WordWidth-1:0] out_data_o
);
  localparam int unsigned Depth = 4;

  logic        active_q;
  logic [2:0]  reserved_q;  // requested and not yet taken by the consumer
  logic        request, take, last;
  logic [15:0] unused_row, unused_word, unused_next_row, unused_next_word;
  logic        unused_pass_end;

  assign cmd_ready_o = !active_q;
  assign v_valid_o   = active_q && 32'(reserved_q) != Depth;
  assign request     = v_valid_o && v_ready_i;
  assign take        = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      reserved_q <= '0;
    end else begin
      reserved_q <= reserved_q + 3'(request) - 3'(take);
      if (!active_q) active_q <= cmd_valid_i;
      else if (request && last) active_q <= 1'b0;
    end
  end

  weft_v_walk u_walk (
    .clk_i, .start_i(cmd_valid_i && cmd_ready_o), .base_i(cmd_base_i), .pitch_i(cmd_pitch_i),
    .rows_i(cmd_rows_i), .words_i(cmd_words_i), .order_i(cmd_order_i),
    .advance_i(request), .address_o(v_address_o), .row_o(unused_row), .word_o(unused_word),
    .next_row_o(unused_next_row), .next_word_o(unused_next_word), .pass_end_o(unused_pass_end),
    .last_o(last)
  );

  logic       queue_ready;
  logic [2:0] unused_used;
  weft_fifo #(.Width(WordWidth), .Depth(Depth)) u_queue (
    .clk_i, .rst_ni,
    .in_valid_i(v_data_valid_i), .in_ready_o(queue_ready), .in_data_i(v_data_i),
    .out_valid_o, .out_ready_i, .out_data_o, .used_o(unused_used)
  );

  `WEFT_ASSERT(PlaceForEveryWord, v_data_valid_i |-> queue_ready)

endmodule
