// SPDX-License-Identifier: Apache-2.0
// weft_load_gather: where the rows are that a load gathers.
//
// Reads the vector of indices out of V, checks each and multiplies it by the distance of rows: four
// steps behind a word of V, up to one row per cycle, in order. An index the table does not have is
// reported (error_valid_o, a pulse, before its row is offered) and becomes row 0, so what is read
// always lies in the table. cmd_ready_o: idle, the last row of the command before is taken.
`include "weft_assert.svh"

module weft_load_gather
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Lanes = Bytes / 4
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  load_cmd_t          cmd_i,

  output logic               v_valid_o,
  input  logic               v_ready_i,
  output v_address_t         v_address_o,
  input  logic               v_data_valid_i,
  input  logic [8*Bytes-1:0] v_data_i,

  output logic               row_valid_o,
  input  logic               row_ready_i,
  output logic [63:0]        row_address_o,
  output logic [17:0]        row_bytes_o,  // of each row of the command

  output logic               error_valid_o,
  output memory_error_t      error_o        // address: the index
);
  localparam int unsigned WordParts = 16 / Lanes;
  localparam int unsigned Depth     = 8;  // rows on their way or waiting
  localparam int unsigned LaneBits  = $clog2(Lanes);

  logic                active_q, start, enter, row_take, reader_ready, word_valid, word_take;
  logic [8*Bytes-1:0]  word;
  logic [15:0]         to_enter_q, to_take_q;  // rows
  logic [LaneBits-1:0] lane_q;
  logic [3:0]          reserved_q;
  where_t              where_q;
  logic [63:0]         base_q;
  logic [31:0]         stride_q, table_rows_q;

  assign cmd_ready_o = !active_q;
  assign start       = cmd_valid_i && cmd_ready_o;
  assign enter       = active_q && to_enter_q != 0 && word_valid && 32'(reserved_q) != Depth;
  assign word_take   = enter && (32'(lane_q) == Lanes - 1 || to_enter_q == 1);
  assign row_take    = row_valid_o && row_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q   <= 1'b0;
      reserved_q <= '0;
    end else begin
      if (start) active_q <= 1'b1;
      else if (row_take && to_take_q == 1) active_q <= 1'b0;
      reserved_q <= reserved_q + 4'(enter) - 4'(row_take);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start) begin
      to_enter_q   <= cmd_i.rows;
      to_take_q    <= cmd_i.rows;
      lane_q       <= '0;
      where_q      <= cmd_i.where;
      base_q       <= cmd_i.address;
      stride_q     <= cmd_i.row_stride;
      table_rows_q <= cmd_i.table_rows;
      row_bytes_o  <= cmd_i.format == 2'(LoadFormatBf16) ? 18'(cmd_i.cols) << 1
                                                         : 18'(cmd_i.cols) << 2;
    end else begin
      if (enter) begin
        to_enter_q <= to_enter_q - 1'b1;
        lane_q     <= lane_q + 1'b1;
      end
      if (row_take) to_take_q <= to_take_q - 1'b1;
    end
  end

  weft_v_reader #(.WordWidth(8 * Bytes)) u_reader (
    .clk_i, .rst_ni, .cmd_valid_i(start), .cmd_ready_o(reader_ready),
    .cmd_base_i(v_address_t'(32'(cmd_i.src) * WordParts)), .cmd_pitch_i('0), .cmd_rows_i(16'd1),
    .cmd_words_i(16'((32'(cmd_i.rows) + Lanes - 1) / Lanes)), .cmd_order_i(OrderPlain),
    .v_valid_o, .v_ready_i, .v_address_o, .v_data_valid_i, .v_data_i,
    .out_valid_o(word_valid), .out_ready_i(word_take), .out_data_o(word)
  );

  // The index; the index if it is one, a negative one being greater than any table; its product
  // with the stride in halves; their sum.
  logic [3:0]  valid_q;
  logic [31:0] index_q, checked_q, last_index_q;
  logic        known, bad_q;
  logic [47:0] low_q, high_q;
  logic [63:0] offset_q;
  assign known = index_q < table_rows_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q <= '0;
      bad_q   <= 1'b0;
    end else begin
      valid_q <= 4'({valid_q, enter});
      bad_q   <= valid_q[0] && !known;
    end
    index_q      <= word[32*32'(lane_q) +: 32];
    last_index_q <= index_q;
    checked_q    <= known ? index_q : '0;
    low_q        <= 48'(checked_q[15:0]) * 48'(stride_q);
    high_q       <= 48'(checked_q[31:16]) * 48'(stride_q);
    offset_q     <= 64'(low_q) + {high_q, 16'd0};
  end
  assign error_valid_o = bad_q;
  assign error_o       = '{where: where_q, address: 64'(last_index_q)};

  logic       queue_ready;
  logic [3:0] unused_used;
  weft_fifo #(.Width(64), .Depth(Depth)) u_rows (
    .clk_i, .rst_ni, .in_valid_i(valid_q[3]), .in_ready_o(queue_ready),
    .in_data_i(base_q + offset_q), .out_valid_o(row_valid_o), .out_ready_i(row_ready_i),
    .out_data_o(row_address_o), .used_o(unused_used)
  );

  `WEFT_ASSERT(PlaceForEveryRow, valid_q[3] |-> queue_ready)
  `WEFT_ASSERT(ReaderFreeAtStart, start |-> reader_ready)
endmodule
