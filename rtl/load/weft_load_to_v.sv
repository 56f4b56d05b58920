// SPDX-License-Identifier: Apache-2.0
// weft_load_to_v: chunks in, words of V out: 32-bit data unchanged, BF16 widened to FP32.
//
// A BF16 chunk makes two words, one per cycle. Words wait in a queue for their bank; a word is
// converted only when it has a place there. last_o marks the last word of a command.
`include "weft_assert.svh"

module weft_load_to_v
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Lanes = Bytes / 4
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               chunk_valid_i,
  output logic               chunk_ready_o,
  input  chunk_t             chunk_i,
  input  logic [8*Bytes-1:0] chunk_data_i,

  output logic               v_valid_o,
  input  logic               v_ready_i,
  output v_address_t         v_address_o,
  output logic [Lanes-1:0]   v_mask_o,
  output logic [8*Bytes-1:0] v_data_o,
  output where_t             v_where_o,
  output logic               last_o
);
  localparam int unsigned WordParts = 16 / Lanes;
  localparam int unsigned Latency   = Bf16ToFp32Latency;
  localparam int unsigned Depth     = 8;

  typedef struct packed {
    v_address_t       address;
    logic [Lanes-1:0] mask;
    where_t           where;
    logic             last;
    logic             bf16;
  } tag_t;

  chunk_t             chunk_q;
  logic [8*Bytes-1:0] data_q;
  logic               valid_q, half_q, space, word_take, word_end, more;
  logic [3:0]         reserved_q, unused_used;
  logic [16:0]        left;  // elements of the row from this word on
  logic [8*Bytes-1:0] word;
  tag_t               tag_in, tag_out;

  assign left      = half_q ? chunk_q.left - 17'(Lanes) : chunk_q.left;
  assign more      = chunk_q.bf16 && !half_q && 32'(chunk_q.left) > Lanes;
  assign space     = 32'(reserved_q) != Depth;
  assign word_take = valid_q && space;
  assign word_end  = word_take && !more;
  assign word      = chunk_q.bf16 ? (8*Bytes)'(half_q ? data_q >> (4*Bytes) : data_q) : data_q;
  assign chunk_ready_o = !valid_q || word_end;

  always_comb begin
    tag_in.address = v_address_t'(32'(chunk_q.base) * WordParts + 32'(chunk_q.position) / Lanes
                                  + 32'(half_q));
    for (int unsigned l = 0; l < Lanes; l++) tag_in.mask[l] = l < 32'(left);
    tag_in.where   = chunk_q.where;
    tag_in.last    = chunk_q.last && !more;
    tag_in.bf16    = chunk_q.bf16;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      half_q  <= 1'b0;
    end else begin
      if (chunk_ready_o) valid_q <= chunk_valid_i;
      if (word_take) half_q <= more;
    end
    if (chunk_ready_o) begin
      chunk_q <= chunk_i;
      data_q  <= chunk_data_i;
    end
  end

  logic [15:0]        half_word [Lanes];
  logic [31:0]        widened [Lanes];
  logic [8*Bytes-1:0] word_late, word_out;
  logic [Latency-1:0] converted_q;

  always_comb for (int unsigned l = 0; l < Lanes; l++) half_word[l] = word[16*l +: 16];
  weft_bf16_to_fp32 #(.Lanes(Lanes)) u_widen (.clk_i, .x_i(half_word), .result_o(widened));
  weft_delay #(.Width(8 * Bytes + $bits(tag_t)), .Cycles(Latency)) u_word (
    .clk_i, .in_i({tag_in, word}), .out_o({tag_out, word_late})
  );
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      word_out[32*l +: 32] = tag_out.bf16 ? widened[l] : word_late[32*l +: 32];
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      converted_q <= '0;
      reserved_q  <= '0;
    end else begin
      converted_q <= Latency'({converted_q, word_take});
      reserved_q  <= reserved_q + 4'(word_take) - 4'(v_valid_o && v_ready_i);
    end
  end

  logic unused_bf16, queue_ready;
  weft_fifo #(.Width(8 * Bytes + $bits(tag_t)), .Depth(Depth)) u_queue (
    .clk_i, .rst_ni, .in_valid_i(converted_q[Latency-1]), .in_ready_o(queue_ready),
    .in_data_i({tag_out, word_out}), .out_valid_o(v_valid_o), .out_ready_i(v_ready_i),
    .out_data_o({v_address_o, v_mask_o, v_where_o, last_o, unused_bf16, v_data_o}),
    .used_o(unused_used)
  );

  `WEFT_ASSERT(PlaceForEveryWord, converted_q[Latency-1] |-> queue_ready)

endmodule
