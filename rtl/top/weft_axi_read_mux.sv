// SPDX-License-Identifier: Apache-2.0
// weft_axi_read_mux: two requesters on one AXI4 read address channel.
//
// Requester 0 wins; an offered address stays offered until it is taken (AXI4 A3.2.1). The identity
// is the requester's number, so memory may answer the two in any order; each alone is in order.
`include "weft_assert.svh"

module weft_axi_read_mux (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [1:0]  valid_i,
  output logic [1:0]  ready_o,
  input  logic [63:0] address_i [2],
  input  logic [7:0]  len_i     [2],

  output logic        ar_valid_o,
  input  logic        ar_ready_i,
  output logic        ar_id_o,
  output logic [63:0] ar_address_o,
  output logic [7:0]  ar_len_o
);
  logic locked_q, locked_id_q;

  assign ar_id_o      = locked_q ? locked_id_q : !valid_i[0];
  assign ar_valid_o   = valid_i[ar_id_o];
  assign ar_address_o = address_i[ar_id_o];
  assign ar_len_o     = len_i[ar_id_o];
  always_comb begin
    ready_o          = 2'b00;
    ready_o[ar_id_o] = ar_ready_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) locked_q <= 1'b0;
    else locked_q <= ar_valid_o && !ar_ready_i;
    locked_id_q <= ar_id_o;
  end

  `WEFT_ASSERT(AddressHeldWhileStalled, ar_valid_o && !ar_ready_i
      |=> ar_valid_o && $stable(ar_address_o) && $stable(ar_len_o) && $stable(ar_id_o))

endmodule
