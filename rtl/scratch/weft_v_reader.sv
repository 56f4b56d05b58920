// SPDX-License-Identifier: Apache-2.0
// weft_v_reader: streams a matrix out of V, word by word, row after row.
//
// A command names the first word, the distance of rows and the words of a row; it is taken only
// while the reader is idle, and cmd_ready_o says so. Words leave in order through a small queue,
// one per cycle as long as the bank is granted and the consumer takes them. A read is requested
// only when its word has a place in the queue.
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
  v_address_t  row_q, address_q, pitch_q;
  logic [15:0] rows_q, words_q, word_q;  // rows and words still to request; words of a row
  logic [2:0]  reserved_q;               // requested and not yet taken by the consumer
  logic        request, take;

  assign cmd_ready_o = !active_q;
  assign v_valid_o   = active_q && 32'(reserved_q) != Depth;
  assign v_address_o = address_q;
  assign request     = v_valid_o && v_ready_i;
  assign take        = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      reserved_q <= '0;
    end else begin
      reserved_q <= reserved_q + 3'(request) - 3'(take);
      if (!active_q) active_q <= cmd_valid_i;
      else if (request && word_q == 1 && rows_q == 1) active_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      row_q     <= cmd_base_i;
      address_q <= cmd_base_i;
      pitch_q   <= cmd_pitch_i;
      rows_q    <= cmd_rows_i;
      words_q   <= cmd_words_i;
      word_q    <= cmd_words_i;
    end else if (request) begin
      if (word_q != 1) begin
        word_q    <= word_q - 1'b1;
        address_q <= address_q + 1'b1;
      end else begin
        word_q    <= words_q;
        rows_q    <= rows_q - 1'b1;
        row_q     <= row_q + pitch_q;
        address_q <= row_q + pitch_q;
      end
    end
  end

  logic       queue_ready;
  logic [2:0] unused_used;
  weft_fifo #(.Width(WordWidth), .Depth(Depth)) u_queue (
    .clk_i, .rst_ni,
    .in_valid_i(v_data_valid_i), .in_ready_o(queue_ready), .in_data_i(v_data_i),
    .out_valid_o, .out_ready_i, .out_data_o, .used_o(unused_used)
  );

  `WEFT_ASSERT(PlaceForEveryWord, v_data_valid_i |-> queue_ready)

endmodule
