// SPDX-License-Identifier: Apache-2.0
// weft_load_from_v: reads the source of a load out of V, words in the order the aligner walks.
//
// cmd_ready_o: idle, all words of the command before are requested. Rows begin with a word of
// their own; a transposed source is read strip by strip.
module weft_load_from_v
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
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

  output logic               word_valid_o,
  input  logic               word_ready_i,
  output logic [8*Bytes-1:0] word_o
);
  localparam int unsigned WordParts    = 16 / Lanes;
  localparam int unsigned StripColumns = StripBytes / 4;

  function automatic v_address_t address(logic [15:0] value);
    return v_address_t'(32'(value) * WordParts);
  endfunction

  logic        active_q, transpose_q, reader_ready, strip;
  v_address_t  base_q, pitch_q;
  logic [15:0] rows_q, left_q, columns;  // left_q: columns from the strip on

  assign strip       = transpose_q && 32'(left_q) > StripColumns;  // and another behind it
  assign columns     = strip ? 16'(StripColumns) : left_q;
  assign cmd_ready_o = !active_q && reader_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (cmd_ready_o) active_q <= cmd_valid_i;
    else if (reader_ready) active_q <= strip;
  end

  always_ff @(posedge clk_i) begin
    if (cmd_ready_o) begin
      if (cmd_valid_i) begin
        transpose_q <= cmd_i.transpose;
        base_q      <= address(cmd_i.src);
        pitch_q     <= address(cmd_i.src_pitch);
        rows_q      <= cmd_i.rows;
        left_q      <= cmd_i.cols;
      end
    end else if (reader_ready) begin
      base_q <= base_q + v_address_t'(WordParts);
      left_q <= left_q - 16'(StripColumns);
    end
  end

  weft_v_reader #(.WordWidth(8 * Bytes)) u_reader (
    .clk_i, .rst_ni, .cmd_valid_i(active_q), .cmd_ready_o(reader_ready), .cmd_base_i(base_q),
    .cmd_pitch_i(pitch_q), .cmd_rows_i(rows_q),
    .cmd_words_i(16'((32'(columns) + Lanes - 1) / Lanes)), .cmd_order_i(OrderPlain),
    .v_valid_o, .v_ready_i, .v_address_o, .v_data_valid_i, .v_data_i,
    .out_valid_o(word_valid_o), .out_ready_i(word_ready_i), .out_data_o(word_o)
  );
endmodule
