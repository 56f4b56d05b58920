// SPDX-License-Identifier: Apache-2.0
// weft_units_bench: the four units side by side, without scratchpads and memory, which the tests
// of tests/rtl play. Ports carry the name of their unit.
module weft_units_bench
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned Columns = 16,
  parameter  int unsigned ACells  = 128,
  parameter  int unsigned BCells  = 256,
  localparam int unsigned Rows    = 4,
  localparam int unsigned Bytes   = 4 * Columns,
  localparam int unsigned Steps   = Bytes / 8,
  localparam int unsigned Width   = 8 * Bytes
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  // By number of the unit.
  input  logic [NumUnits-1:0] cmd_valid_i,
  output logic [NumUnits-1:0] cmd_ready_o,
  output logic [NumUnits-1:0] retire_o,
  output logic [NumUnits-1:0] active_o,
  output logic [NumUnits-1:0] busy_o,
  output logic [NumUnits-1:0] wait_read_o,
  output logic [NumUnits-1:0] wait_write_o,
  output logic [NumUnits-1:0] wait_bank_o,
  input  load_cmd_t           load_cmd_i,
  input  matmul_cmd_t         matmul_cmd_i,
  input  vector_cmd_t         vector_cmd_i,
  input  store_cmd_t          store_cmd_i,

  // Ports of V, by their numbers in weft_v_pkg.
  output logic [NumReaders-1:0]            v_read_valid_o,
  input  logic [NumReaders-1:0]            v_read_ready_i,
  output logic [NumReaders-1:0][31:0]      v_read_address_o,
  input  logic [NumReaders-1:0]            v_read_data_valid_i,
  input  logic [NumReaders-1:0][Width-1:0] v_read_data_i,
  output logic [NumWriters-1:0]            v_write_valid_o,
  input  logic [NumWriters-1:0]            v_write_ready_i,
  output logic [NumWriters-1:0][31:0]      v_write_address_o,
  output logic [NumWriters-1:0][15:0]      v_write_mask_o,
  output logic [NumWriters-1:0][Width-1:0] v_write_data_o,
  output logic [NumWriters-1:0][31:0]      v_write_where_o,

  // A and B
  output logic                ab_write_o,
  output place_t              ab_place_o,
  output logic [Steps-1:0]    ab_mask_o,
  output logic [Width-1:0]    ab_data_o,
  output logic                operand_read_o,
  output logic [15:0]         a_cell_o,
  output logic [1:0]          a_sub_o,
  output logic [15:0]         b_cell_o,
  output logic [1:0]          b_sub_o,
  output logic [2:0]          operand_step_o,
  input  logic [64*Rows-1:0]  a_data_i,
  input  logic [Rows-1:0][7:0] a_scale_i,
  input  logic [64*Columns-1:0] b_data_i,
  input  logic [Columns-1:0][18:0] b_scale_i,

  // Memory
  output logic                load_error_valid_o,
  output memory_error_t       load_error_o,
  output logic                index_error_valid_o,
  output memory_error_t       index_error_o,
  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [63:0]         ar_address_o,
  output logic [7:0]          ar_len_o,
  input  logic                r_valid_i,
  input  logic [Width-1:0]    r_data_i,
  input  logic                r_error_i,
  input  logic                r_last_i,
  output logic                store_error_valid_o,
  output memory_error_t       store_error_o,
  output logic [31:0]         store_write_where_o,
  output logic                aw_valid_o,
  input  logic                aw_ready_i,
  output logic [63:0]         aw_address_o,
  output logic [7:0]          aw_len_o,
  output logic                w_valid_o,
  input  logic                w_ready_i,
  output logic [Width-1:0]    w_data_o,
  output logic [Bytes-1:0]    w_strobe_o,
  output logic                w_last_o,
  input  logic                b_valid_i,
  input  logic                b_error_i
);
  logic               v_read_valid [NumReaders], v_read_ready [NumReaders];
  logic               v_read_data_valid [NumReaders];
  v_address_t         v_read_address [NumReaders];
  logic [Width-1:0]   v_read_data [NumReaders];
  logic               v_write_valid [NumWriters], v_write_ready [NumWriters];
  v_address_t         v_write_address [NumWriters];
  logic [Columns-1:0] v_write_mask [NumWriters];
  logic [Width-1:0]   v_write_data [NumWriters];
  where_t             v_write_where [NumWriters];
  for (genvar i = 0; i < NumReaders; i++) begin : g_reader
    assign v_read_valid_o[i]    = v_read_valid[i];
    assign v_read_ready[i]      = v_read_ready_i[i];
    assign v_read_address_o[i]  = 32'(v_read_address[i]);
    assign v_read_data_valid[i] = v_read_data_valid_i[i];
    assign v_read_data[i]       = v_read_data_i[i];
  end
  for (genvar i = 0; i < NumWriters; i++) begin : g_writer
    assign v_write_valid_o[i]   = v_write_valid[i];
    assign v_write_ready[i]     = v_write_ready_i[i];
    assign v_write_address_o[i] = 32'(v_write_address[i]);
    assign v_write_mask_o[i]    = 16'(v_write_mask[i]);
    assign v_write_data_o[i]    = v_write_data[i];
    assign v_write_where_o[i]   = v_write_where[i];
  end

  weft_load #(.Bytes(Bytes)) u_load (
    .clk_i, .rst_ni, .cmd_valid_i(cmd_valid_i[IndexLoad]), .cmd_ready_o(cmd_ready_o[IndexLoad]),
    .cmd_i(load_cmd_i), .retire_o(retire_o[IndexLoad]), .active_o(active_o[IndexLoad]),
    .busy_o(busy_o[IndexLoad]), .wait_read_o(wait_read_o[IndexLoad]),
    .wait_bank_o(wait_bank_o[IndexLoad]), .error_valid_o(load_error_valid_o),
    .error_o(load_error_o), .index_error_valid_o, .index_error_o,
    .ar_valid_o, .ar_ready_i, .ar_address_o, .ar_len_o, .r_valid_i,
    .r_data_i, .r_error_i, .r_last_i, .ab_write_o, .ab_place_o, .ab_mask_o, .ab_data_o,
    .v_read_valid_o(v_read_valid[ReadLoad]), .v_read_ready_i(v_read_ready[ReadLoad]),
    .v_read_address_o(v_read_address[ReadLoad]),
    .v_read_data_valid_i(v_read_data_valid[ReadLoad]), .v_read_data_i(v_read_data[ReadLoad]),
    .v_write_valid_o(v_write_valid[WriteLoad]), .v_write_ready_i(v_write_ready[WriteLoad]),
    .v_write_address_o(v_write_address[WriteLoad]), .v_write_mask_o(v_write_mask[WriteLoad]),
    .v_write_data_o(v_write_data[WriteLoad]), .v_write_where_o(v_write_where[WriteLoad])
  );
  assign wait_write_o[IndexLoad] = 1'b0;

  logic [$clog2(ACells)-1:0] a_cell;
  logic [$clog2(BCells)-1:0] b_cell;
  assign a_cell_o = 16'(a_cell);
  assign b_cell_o = 16'(b_cell);
  weft_matmul #(.Rows(Rows), .Columns(Columns), .ACells(ACells), .BCells(BCells)) u_matmul (
    .clk_i, .rst_ni, .cmd_valid_i(cmd_valid_i[IndexMatmul]),
    .cmd_ready_o(cmd_ready_o[IndexMatmul]), .cmd_i(matmul_cmd_i),
    .retire_o(retire_o[IndexMatmul]), .active_o(active_o[IndexMatmul]),
    .busy_o(busy_o[IndexMatmul]), .wait_bank_o(wait_bank_o[IndexMatmul]),
    .read_valid_o(operand_read_o), .a_cell_o(a_cell), .a_sub_o, .b_cell_o(b_cell), .b_sub_o,
    .read_step_o(operand_step_o), .a_data_i, .a_scale_i, .b_data_i, .b_scale_i,
    .v_read_valid_o(v_read_valid[ReadMatmul]), .v_read_ready_i(v_read_ready[ReadMatmul]),
    .v_read_address_o(v_read_address[ReadMatmul]),
    .v_read_data_valid_i(v_read_data_valid[ReadMatmul]), .v_read_data_i(v_read_data[ReadMatmul]),
    .v_write_valid_o(v_write_valid[WriteMatmul]), .v_write_ready_i(v_write_ready[WriteMatmul]),
    .v_write_address_o(v_write_address[WriteMatmul]), .v_write_mask_o(v_write_mask[WriteMatmul]),
    .v_write_data_o(v_write_data[WriteMatmul]), .v_write_where_o(v_write_where[WriteMatmul])
  );
  assign wait_read_o[IndexMatmul]  = 1'b0;
  assign wait_write_o[IndexMatmul] = 1'b0;

  weft_vector #(.Lanes(Columns)) u_vector (
    .clk_i, .rst_ni, .cmd_valid_i(cmd_valid_i[IndexVector]),
    .cmd_ready_o(cmd_ready_o[IndexVector]), .cmd_i(vector_cmd_i),
    .retire_o(retire_o[IndexVector]), .active_o(active_o[IndexVector]),
    .busy_o(busy_o[IndexVector]), .wait_bank_o(wait_bank_o[IndexVector]),
    .v_read_valid_o(v_read_valid[ReadVector:ReadSecond]),
    .v_read_ready_i(v_read_ready[ReadVector:ReadSecond]),
    .v_read_address_o(v_read_address[ReadVector:ReadSecond]),
    .v_read_data_valid_i(v_read_data_valid[ReadVector:ReadSecond]),
    .v_read_data_i(v_read_data[ReadVector:ReadSecond]),
    .v_write_valid_o(v_write_valid[WriteVector]), .v_write_ready_i(v_write_ready[WriteVector]),
    .v_write_address_o(v_write_address[WriteVector]), .v_write_mask_o(v_write_mask[WriteVector]),
    .v_write_data_o(v_write_data[WriteVector]), .v_write_where_o(v_write_where[WriteVector])
  );
  assign wait_read_o[IndexVector]  = 1'b0;
  assign wait_write_o[IndexVector] = 1'b0;

  weft_store #(.Bytes(Bytes)) u_store (
    .clk_i, .rst_ni, .cmd_valid_i(cmd_valid_i[IndexStore]), .cmd_ready_o(cmd_ready_o[IndexStore]),
    .cmd_i(store_cmd_i), .retire_o(retire_o[IndexStore]), .active_o(active_o[IndexStore]),
    .busy_o(busy_o[IndexStore]), .wait_write_o(wait_write_o[IndexStore]),
    .wait_bank_o(wait_bank_o[IndexStore]), .error_valid_o(store_error_valid_o),
    .error_o(store_error_o), .write_where_o(store_write_where_o),
    .v_read_valid_o(v_read_valid[ReadStore]), .v_read_ready_i(v_read_ready[ReadStore]),
    .v_read_address_o(v_read_address[ReadStore]),
    .v_read_data_valid_i(v_read_data_valid[ReadStore]), .v_read_data_i(v_read_data[ReadStore]),
    .aw_valid_o, .aw_ready_i, .aw_address_o, .aw_len_o, .w_valid_o, .w_ready_i, .w_data_o,
    .w_strobe_o, .w_last_o, .b_valid_i, .b_error_i
  );
  assign wait_read_o[IndexStore] = 1'b0;
endmodule
