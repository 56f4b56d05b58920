// SPDX-License-Identifier: Apache-2.0
// weft_write_probe: shows a simulator every write into A, B, V and memory with its command.
//
// Bound into weft_top; not part of the engine. It asks once whether anybody wants to know.
module weft_write_probe
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
#(
  parameter int unsigned AxiBytes = 64
) (
  input logic                  clk_i,
  input logic                  ab_write_i,
  input place_t                ab_place_i,
  input logic [AxiBytes/8-1:0] ab_mask_i,
  input logic [8*AxiBytes-1:0] ab_data_i,
  input logic                  v_write_valid_i   [NumWriters],
  input logic                  v_write_ready_i   [NumWriters],
  input v_address_t            v_write_address_i [NumWriters],
  input logic [AxiBytes/4-1:0] v_write_mask_i    [NumWriters],
  input logic [8*AxiBytes-1:0] v_write_data_i    [NumWriters],
  input where_t                v_write_where_i   [NumWriters],
  input logic                  store_beat_i,
  input where_t                store_where_i
);
  import "DPI-C" context function bit weft_probe_wanted();
  import "DPI-C" context function void weft_probe_operand(
      input int unsigned where, input bit to_b, input int unsigned cell_index,
      input int unsigned row, input int unsigned step, input int unsigned mask,
      input bit [511:0] data, input int unsigned scale_mask, input int unsigned scales);
  import "DPI-C" context function void weft_probe_v(
      input int unsigned where, input int unsigned byte_address, input int unsigned mask,
      input bit [511:0] data);
  import "DPI-C" context function void weft_probe_store(input int unsigned where);

  bit wanted;
  initial wanted = weft_probe_wanted();

  always_ff @(posedge clk_i) begin
    if (wanted) begin
      if (ab_write_i) begin
        weft_probe_operand(ab_place_i.where, ab_place_i.to_b, 32'(ab_place_i.cell_index),
                           32'(ab_place_i.row), 32'(ab_place_i.step), 32'(ab_mask_i),
                           512'(ab_data_i), 32'(ab_place_i.scale_write), 32'(ab_place_i.scale));
      end
      for (int unsigned i = 0; i < NumWriters; i++) begin
        if (v_write_valid_i[i] && v_write_ready_i[i]) begin
          weft_probe_v(v_write_where_i[i], 32'(v_write_address_i[i]) * AxiBytes,
                       32'(v_write_mask_i[i]), 512'(v_write_data_i[i]));
        end
      end
      if (store_beat_i) weft_probe_store(store_where_i);
    end
  end
endmodule

bind weft_top weft_write_probe #(.AxiBytes(AxiBytes)) u_write_probe (
  .clk_i(clk_i), .ab_write_i(ab_write), .ab_place_i(ab_place), .ab_mask_i(ab_mask),
  .ab_data_i(ab_data), .v_write_valid_i(v_write_valid), .v_write_ready_i(v_write_ready),
  .v_write_address_i(v_write_address), .v_write_mask_i(v_write_mask),
  .v_write_data_i(v_write_data), .v_write_where_i(v_write_where),
  .store_beat_i(store_w_valid && m_axi_wready && !record_w_valid), .store_where_i(write_where)
);
