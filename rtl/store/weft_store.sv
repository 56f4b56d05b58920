// SPDX-License-Identifier: Apache-2.0
// weft_store: executes store commands, V to memory.
//
// Words of V pass the conversion, the packer and a queue to the write data channel; the addresses
// run beside them, in the same order; neither channel waits for the other (AXI4 A3.3.1). A command
// retires (retire_o, one cycle) when memory has answered all its bursts; the next one may be under
// way by then. A memory error is reported once per burst with the burst's address.
// cmd_ready_o depends on no input.
`include "weft_assert.svh"

module weft_store
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Lanes = Bytes / 4,
  localparam int unsigned WordWidth = 8 * Bytes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  store_cmd_t           cmd_i,
  output logic                 retire_o,
  output logic                 active_o,
  output logic                 busy_o,        // a beat of data is taken by memory
  output logic                 wait_write_o,  // memory does not take data, or an answer is due
  output logic                 wait_bank_o,
  output logic                 error_valid_o,
  output memory_error_t        error_o,
  output where_t               write_where_o, // command of the beat on the write data channel

  output logic                 v_read_valid_o,
  input  logic                 v_read_ready_i,
  output v_address_t           v_read_address_o,
  input  logic                 v_read_data_valid_i,
  input  logic [WordWidth-1:0] v_read_data_i,

  output logic                 aw_valid_o,
  input  logic                 aw_ready_i,
  output logic [63:0]          aw_address_o,
  output logic [7:0]           aw_len_o,
  output logic                 w_valid_o,
  input  logic                 w_ready_i,
  output logic [WordWidth-1:0] w_data_o,
  output logic [Bytes-1:0]     w_strobe_o,
  output logic                 w_last_o,
  input  logic                 b_valid_i,
  input  logic                 b_error_i
);
  localparam int unsigned WordParts = 16 / Lanes;
  localparam int unsigned MaxBursts = 32;  // unanswered
  localparam int unsigned PieceDepth = 4;
  localparam int unsigned Latency = Fp32ToBf16Latency;
  `WEFT_REQUIRE(ConversionsAreEquallyLong, Int32ToInt8Latency == Latency)

  function automatic v_address_t address(logic [15:0] value);
    return v_address_t'(32'(value) * WordParts);
  endfunction
  function automatic logic [1:0] size_log2(logic [1:0] format);
    unique case (format)
      2'(StoreFormatBf16): return 2'd1;
      2'(StoreFormatInt8): return 2'd0;
      default:             return 2'd2;
    endcase
  endfunction

  logic        bursts_ready, reader_ready, packer_ready, start;
  logic [17:0] row_bytes;
  logic [1:0]  format_q;
  where_t      where_q;

  assign cmd_ready_o = bursts_ready && reader_ready && packer_ready;
  assign start       = cmd_valid_i && cmd_ready_o;
  assign row_bytes   = 18'(cmd_i.cols) << size_log2(cmd_i.format);

  always_ff @(posedge clk_i) begin
    if (start) begin
      format_q <= cmd_i.format;
      where_q  <= cmd_i.where;
    end
  end

  // Addresses, and what is remembered of a burst until its answer.
  logic        burst_valid, burst_last, burst_take, open_ready, open_valid;
  logic [63:0] burst_address;
  logic [7:0]  burst_len;
  logic        answered_last;
  logic [$clog2(MaxBursts+1)-1:0] open_used;
  memory_error_t answered;

  weft_bursts #(.Bytes(Bytes)) u_bursts (
    .clk_i, .rst_ni, .cmd_valid_i(start), .cmd_ready_o(bursts_ready),
    .cmd_address_i(cmd_i.address), .cmd_stride_i(cmd_i.row_stride), .cmd_rows_i(cmd_i.rows),
    .cmd_extra_groups_i(cmd_i.extra_groups), .cmd_group_stride_i(cmd_i.group_stride),
    .cmd_row_bytes_i(48'(row_bytes)), .cmd_turns_i(16'd1), .cmd_turn_stride_i('0),
    .cmd_last_bytes_i(48'(row_bytes)),
    .burst_valid_o(burst_valid), .burst_ready_i(burst_take), .burst_address_o(burst_address),
    .burst_len_o(burst_len), .last_o(burst_last)
  );
  assign aw_valid_o   = burst_valid && open_ready;
  assign aw_address_o = burst_address;
  assign aw_len_o     = burst_len;
  assign burst_take   = aw_valid_o && aw_ready_i;

  weft_fifo #(.Width($bits(memory_error_t) + 1), .Depth(MaxBursts)) u_open (
    .clk_i, .rst_ni, .in_valid_i(burst_take), .in_ready_o(open_ready),
    .in_data_i({burst_last, where_q, burst_address}),
    .out_valid_o(open_valid), .out_ready_i(b_valid_i), .out_data_o({answered_last, answered}),
    .used_o(open_used)
  );
  assign retire_o      = b_valid_i && open_valid && answered_last;
  assign error_valid_o = b_valid_i && open_valid && b_error_i;
  assign error_o       = answered;

  // Words, converted to pieces.
  logic                 word_valid, word_take, piece_valid, piece_take, piece_space;
  logic [WordWidth-1:0] word, word_late, piece_in, piece;
  logic [31:0]          lane_word [Lanes];
  logic [15:0]          lane_bf16 [Lanes];
  logic [7:0]           lane_int8 [Lanes];
  logic [2:0]           reserved_q, unused_used;
  logic [Latency-1:0]   converted_q;

  weft_v_reader #(.WordWidth(WordWidth)) u_reader (
    .clk_i, .rst_ni, .cmd_valid_i(start), .cmd_ready_o(reader_ready),
    .cmd_base_i(address(cmd_i.src)), .cmd_pitch_i(address(cmd_i.src_pitch)),
    .cmd_rows_i(cmd_i.all_rows), .cmd_words_i(16'((32'(cmd_i.cols) + Lanes - 1) / Lanes)),
    .cmd_order_i(OrderPlain),
    .v_valid_o(v_read_valid_o), .v_ready_i(v_read_ready_i), .v_address_o(v_read_address_o),
    .v_data_valid_i(v_read_data_valid_i), .v_data_i(v_read_data_i),
    .out_valid_o(word_valid), .out_ready_i(word_take), .out_data_o(word)
  );
  assign piece_space = 32'(reserved_q) != PieceDepth;
  // A word of the next command must not meet pieces of this one: formats differ.
  assign word_take   = word_valid && piece_space && !packer_ready;

  always_comb for (int unsigned l = 0; l < Lanes; l++) lane_word[l] = word[32*l +: 32];
  weft_fp32_to_bf16 #(.Lanes(Lanes)) u_bf16 (.clk_i, .x_i(lane_word), .result_o(lane_bf16));
  weft_int32_to_int8 #(.Lanes(Lanes)) u_int8 (.clk_i, .x_i(lane_word), .result_o(lane_int8));
  weft_delay #(.Width(WordWidth), .Cycles(Latency)) u_word (
    .clk_i, .in_i(word), .out_o(word_late)
  );
  always_comb begin
    piece_in = word_late;
    if (format_q == 2'(StoreFormatBf16)) begin
      piece_in = '0;
      for (int unsigned l = 0; l < Lanes; l++) piece_in[16*l +: 16] = lane_bf16[l];
    end else if (format_q == 2'(StoreFormatInt8)) begin
      piece_in = '0;
      for (int unsigned l = 0; l < Lanes; l++) piece_in[8*l +: 8] = lane_int8[l];
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      converted_q <= '0;
      reserved_q  <= '0;
    end else begin
      converted_q <= Latency'({converted_q, word_take});
      reserved_q  <= reserved_q + 3'(word_take) - 3'(piece_valid && piece_take);
    end
  end

  logic piece_ready;
  weft_fifo #(.Width(WordWidth), .Depth(PieceDepth)) u_pieces (
    .clk_i, .rst_ni, .in_valid_i(converted_q[Latency-1]), .in_ready_o(piece_ready),
    .in_data_i(piece_in), .out_valid_o(piece_valid), .out_ready_i(piece_take),
    .out_data_o(piece), .used_o(unused_used)
  );

  // Beats.
  localparam int unsigned PieceBits = $clog2(Bytes) + 1;
  logic                 beat_valid, beat_ready, beat_last;
  logic [WordWidth-1:0] beat_data;
  logic [Bytes-1:0]     beat_strobe;
  logic [2:0]           unused_queue_used;

  weft_store_packer #(.Bytes(Bytes)) u_packer (
    .clk_i, .rst_ni, .cmd_valid_i(start), .cmd_ready_o(packer_ready),
    .cmd_address_i(cmd_i.address[11:0]), .cmd_stride_i(cmd_i.row_stride[11:0]),
    .cmd_rows_i(cmd_i.rows), .cmd_extra_groups_i(cmd_i.extra_groups),
    .cmd_group_stride_i(cmd_i.group_stride[11:0]), .cmd_row_bytes_i(row_bytes),
    .cmd_piece_bytes_i(PieceBits'(Lanes << size_log2(cmd_i.format))),
    .in_valid_i(piece_valid), .in_ready_o(piece_take), .in_data_i(piece),
    .out_valid_o(beat_valid), .out_ready_i(beat_ready), .out_data_o(beat_data),
    .out_strobe_o(beat_strobe), .out_last_o(beat_last)
  );
  weft_fifo #(.Width(WordWidth + Bytes + 1 + $bits(where_t)), .Depth(4)) u_beats (
    .clk_i, .rst_ni, .in_valid_i(beat_valid), .in_ready_o(beat_ready),
    .in_data_i({where_q, beat_last, beat_strobe, beat_data}),
    .out_valid_o(w_valid_o), .out_ready_i(w_ready_i),
    .out_data_o({write_where_o, w_last_o, w_strobe_o, w_data_o}), .used_o(unused_queue_used)
  );
  assign active_o     = !cmd_ready_o || open_used != 0;
  assign busy_o       = w_valid_o && w_ready_i;
  assign wait_write_o = (w_valid_o && !w_ready_i) || (cmd_ready_o && open_used != 0);
  assign wait_bank_o  = v_read_valid_o && !v_read_ready_i;

  `WEFT_ASSERT(PlaceForEveryPiece, converted_q[Latency-1] |-> piece_ready)
  `WEFT_ASSERT(AnswerOnlyToABurst, b_valid_i |-> open_valid)

endmodule
