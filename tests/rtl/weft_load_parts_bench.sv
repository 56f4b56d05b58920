// SPDX-License-Identifier: Apache-2.0
// weft_load_parts_bench: the stages of the load unit, each with ports of its own.
module weft_load_parts_bench
  import weft_unit_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Width = 8 * Bytes,
  localparam int unsigned Lanes = Bytes / 4,
  localparam int unsigned PartBits = $clog2(weft_spec_pkg::Block / Lanes)
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  // weft_load_aligner
  input  logic             aligner_cmd_valid_i,
  output logic             aligner_cmd_ready_o,
  input  load_cmd_t        aligner_cmd_i,
  output logic             aligner_from_v_o,
  input  logic             aligner_beat_valid_i,
  output logic             aligner_beat_ready_o,
  input  logic [Width-1:0] aligner_beat_i,
  output logic             aligner_chunk_valid_o,
  input  logic             aligner_chunk_ready_i,
  output chunk_t           aligner_chunk_o,
  output detail_t          aligner_detail_o,
  output logic [Width-1:0] aligner_chunk_data_o,

  // weft_load_transposer
  input  logic             transposer_chunk_valid_i,
  output logic             transposer_chunk_ready_o,
  input  chunk_t           transposer_chunk_i,
  input  detail_t          transposer_detail_i,
  input  logic [Width-1:0] transposer_chunk_data_i,
  output logic             transposer_idle_o,
  output logic             transposer_chunk_valid_o,
  input  logic             transposer_chunk_ready_i,
  output chunk_t           transposer_chunk_o,
  output detail_t          transposer_detail_o,
  output logic [Width-1:0] transposer_chunk_data_o,
  input  logic [TileBits-1:0]    transposer_index_tile_i,
  input  logic [PartBits-1:0]    transposer_index_part_i,
  output logic [Lanes-1:0][31:0] transposer_index_o,

  // weft_load_quantiser
  input  logic             quantiser_chunk_valid_i,
  output logic             quantiser_chunk_ready_o,
  input  chunk_t           quantiser_chunk_i,
  input  detail_t          quantiser_detail_i,
  input  logic [Width-1:0] quantiser_chunk_data_i,
  output logic [TileBits-1:0]    quantiser_index_tile_o,
  output logic [PartBits-1:0]    quantiser_index_part_o,
  input  logic [Lanes-1:0][31:0] quantiser_index_i,
  output logic             quantiser_block_valid_o,
  output logic [255:0]     quantiser_block_o,
  output place_t           quantiser_block_place_o,
  output logic             quantiser_block_last_o,

  // weft_load_to_v
  input  logic             to_v_chunk_valid_i,
  output logic             to_v_chunk_ready_o,
  input  chunk_t           to_v_chunk_i,
  input  logic [Width-1:0] to_v_chunk_data_i,
  output logic             to_v_valid_o,
  input  logic             to_v_ready_i,
  output logic [31:0]      to_v_address_o,
  output logic [15:0]      to_v_mask_o,
  output logic [Width-1:0] to_v_data_o,
  output where_t           to_v_where_o,
  output logic             to_v_last_o
);
  logic unused_shift_ready;  // rows of this bench are not gathered
  weft_load_aligner #(.Bytes(Bytes)) u_aligner (
    .clk_i, .rst_ni, .cmd_valid_i(aligner_cmd_valid_i), .cmd_ready_o(aligner_cmd_ready_o),
    .cmd_i(aligner_cmd_i), .shift_valid_i(1'b0), .shift_ready_o(unused_shift_ready),
    .shift_i('0), .from_v_o(aligner_from_v_o), .beat_valid_i(aligner_beat_valid_i),
    .beat_ready_o(aligner_beat_ready_o), .beat_i(aligner_beat_i),
    .chunk_valid_o(aligner_chunk_valid_o), .chunk_ready_i(aligner_chunk_ready_i),
    .chunk_o(aligner_chunk_o), .detail_o(aligner_detail_o), .chunk_data_o(aligner_chunk_data_o)
  );

  logic [31:0] transposer_index [Lanes], quantiser_index [Lanes];
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      transposer_index_o[l] = transposer_index[l];
      quantiser_index[l]    = quantiser_index_i[l];
    end
  end

  weft_load_transposer #(.Bytes(Bytes)) u_transposer (
    .clk_i, .rst_ni, .chunk_valid_i(transposer_chunk_valid_i),
    .chunk_ready_o(transposer_chunk_ready_o), .chunk_i(transposer_chunk_i),
    .detail_i(transposer_detail_i), .chunk_data_i(transposer_chunk_data_i),
    .idle_o(transposer_idle_o), .chunk_valid_o(transposer_chunk_valid_o),
    .chunk_ready_i(transposer_chunk_ready_i), .chunk_o(transposer_chunk_o),
    .detail_o(transposer_detail_o), .chunk_data_o(transposer_chunk_data_o),
    .index_tile_i(transposer_index_tile_i), .index_part_i(transposer_index_part_i),
    .index_o(transposer_index)
  );

  weft_load_quantiser #(.Bytes(Bytes), .MinGap(Bytes < 32 ? 32 / Bytes : 1)) u_quantiser (
    .clk_i, .rst_ni, .chunk_valid_i(quantiser_chunk_valid_i),
    .chunk_ready_o(quantiser_chunk_ready_o), .chunk_i(quantiser_chunk_i),
    .detail_i(quantiser_detail_i), .chunk_data_i(quantiser_chunk_data_i),
    .index_tile_o(quantiser_index_tile_o), .index_part_o(quantiser_index_part_o),
    .index_i(quantiser_index),
    .block_valid_o(quantiser_block_valid_o), .block_o(quantiser_block_o),
    .block_place_o(quantiser_block_place_o), .block_last_o(quantiser_block_last_o)
  );

  weft_v_pkg::v_address_t address;
  logic [Bytes/4-1:0]     mask;
  weft_load_to_v #(.Bytes(Bytes)) u_to_v (
    .clk_i, .rst_ni, .chunk_valid_i(to_v_chunk_valid_i), .chunk_ready_o(to_v_chunk_ready_o),
    .chunk_i(to_v_chunk_i), .chunk_data_i(to_v_chunk_data_i), .v_valid_o(to_v_valid_o),
    .v_ready_i(to_v_ready_i), .v_address_o(address), .v_mask_o(mask), .v_data_o(to_v_data_o),
    .v_where_o(to_v_where_o), .last_o(to_v_last_o)
  );
  assign to_v_address_o = 32'(address);
  assign to_v_mask_o    = 16'(mask);
endmodule
