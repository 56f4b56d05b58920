// SPDX-License-Identifier: Apache-2.0
// weft_sequencer_bench: the sequencer, whose units and memory the tests of tests/rtl play, and
// beside it a decoder alone, with its table of bindings.
module weft_sequencer_bench
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_sequencer_pkg::*;
#(
  parameter int unsigned Columns = 16,
  parameter int unsigned ABytes  = 131072,
  parameter int unsigned BBytes  = 262144,
  parameter int unsigned VBytes  = 524288,
  localparam int unsigned Bytes  = 4 * Columns
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  // weft_decode
  input  logic [63:0]         decode_arena_i,
  input  logic [5:0]          decode_bindings_i,
  input  binding_t [MaxBindings-1:0] decode_table_i,
  input  logic [15:0][31:0]   decode_scalar_i,
  input  logic                decode_in_valid_i,
  output logic                decode_in_ready_o,
  input  logic [511:0]        decode_command_i,
  input  where_t              decode_where_i,
  input  counts_t             decode_counts_i,
  output logic                decode_out_valid_o,
  input  logic                decode_out_ready_i,
  output fault_e              decode_fault_o,
  output logic [1:0]          decode_unit_o,
  output load_cmd_t           decode_load_o,
  output store_cmd_t          decode_store_o,
  output vector_cmd_t         decode_vector_o,

  // weft_sequencer
  input  logic                start_i,
  output logic                accept_o,
  output logic                done_o,
  output logic                idle_o,
  input  logic [63:0]         arena_i,
  input  logic [63:0]         record_i,
  output fault_e              fault_o,
  output logic [2:0]          fault_unit_o,
  output where_t              fault_where_o,
  output logic                unit_clear_o,
  output logic [NumUnits-1:0] cmd_valid_o,
  input  logic [NumUnits-1:0] cmd_ready_i,
  output where_t [NumUnits-1:0] cmd_where_o,
  input  logic [NumUnits-1:0] retire_i,
  input  logic [NumUnits-1:0] active_i,
  input  logic [NumUnits-1:0] busy_i,
  input  logic [NumUnits-1:0] wait_read_i,
  input  logic [NumUnits-1:0] wait_write_i,
  input  logic [NumUnits-1:0] wait_bank_i,
  input  logic                read_error_valid_i,
  input  memory_error_t       read_error_i,
  input  logic                index_error_valid_i,
  input  memory_error_t       index_error_i,
  input  logic                write_error_valid_i,
  input  memory_error_t       write_error_i,
  input  logic                memory_moves_i,
  output logic                ar_valid_o,
  input  logic                ar_ready_i,
  output logic [63:0]         ar_address_o,
  output logic [7:0]          ar_len_o,
  input  logic                r_valid_i,
  input  logic [8*Bytes-1:0]  r_data_i,
  input  logic                r_error_i,
  output logic                aw_valid_o,
  input  logic                aw_ready_i,
  output logic [63:0]         aw_address_o,
  output logic [7:0]          aw_len_o,
  output logic                w_valid_o,
  input  logic                w_ready_i,
  output logic [8*Bytes-1:0]  w_data_o,
  output logic                w_last_o,
  input  logic                b_valid_i,
  input  logic                b_error_i
);
  logic [4:0]  binding_index;
  head_t       head;
  matmul_cmd_t unused_matmul;
  weft_decode #(.ACells(ABytes/CellBytes), .BCells(BBytes/CellBytes), .VWords(VBytes/WordBytes))
  u_decode (
    .clk_i, .rst_ni, .arena_i(decode_arena_i), .bindings_i(decode_bindings_i),
    .binding_index_o(binding_index), .binding_i(decode_table_i[binding_index]),
    .scalar_i(decode_scalar_i), .in_valid_i(decode_in_valid_i), .in_ready_o(decode_in_ready_o),
    .in_command_i(decode_command_i), .in_where_i(decode_where_i), .in_counts_i(decode_counts_i),
    .out_valid_o(decode_out_valid_o), .out_ready_i(decode_out_ready_i), .fault_o(decode_fault_o),
    .head_o(head), .load_o(decode_load_o), .matmul_o(unused_matmul), .vector_o(decode_vector_o),
    .store_o(decode_store_o)
  );
  assign decode_unit_o = head.unit;

  load_cmd_t   load;
  matmul_cmd_t matmul;
  vector_cmd_t vector;
  store_cmd_t  store;
  weft_sequencer #(
    .Rows(4), .Columns(Columns), .Bytes(Bytes), .ABytes(ABytes), .BBytes(BBytes), .VBytes(VBytes)
  ) u_sequencer (
    .clk_i, .rst_ni, .start_i, .accept_o, .done_o, .idle_o, .arena_i, .record_i, .fault_o,
    .fault_unit_o, .fault_where_o, .unit_clear_o,
    .load_valid_o(cmd_valid_o[IndexLoad]), .load_ready_i(cmd_ready_i[IndexLoad]), .load_o(load),
    .matmul_valid_o(cmd_valid_o[IndexMatmul]), .matmul_ready_i(cmd_ready_i[IndexMatmul]),
    .matmul_o(matmul),
    .vector_valid_o(cmd_valid_o[IndexVector]), .vector_ready_i(cmd_ready_i[IndexVector]),
    .vector_o(vector),
    .store_valid_o(cmd_valid_o[IndexStore]), .store_ready_i(cmd_ready_i[IndexStore]),
    .store_o(store),
    .retire_i, .active_i, .busy_i, .wait_read_i, .wait_write_i, .wait_bank_i, .read_error_valid_i,
    .read_error_i, .index_error_valid_i, .index_error_i, .write_error_valid_i, .write_error_i,
    .memory_moves_i,
    .read_beat_i(r_valid_i), .write_beat_i(w_valid_o && w_ready_i),
    .ar_valid_o, .ar_ready_i, .ar_address_o, .ar_len_o, .r_valid_i, .r_data_i, .r_error_i,
    .aw_valid_o, .aw_ready_i, .aw_address_o, .aw_len_o, .w_valid_o, .w_ready_i, .w_data_o,
    .w_last_o, .b_valid_i, .b_error_i
  );
  assign cmd_where_o = {store.where, vector.where, matmul.where, load.where};

  logic unused;
  assign unused = &{head, unused_matmul, load, matmul, vector, store};
endmodule
