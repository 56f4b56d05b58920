// SPDX-License-Identifier: Apache-2.0
// weft_fifo: a queue of Depth elements, first word visible without a request. For shallow queues:
// it is read without a clock edge, which block memories cannot; weft_deep_fifo is for those.
//
// Latency 1 cycle, one element per cycle in and out. in_ready_o and out_valid_o are registered
// state only: no combinational path from one side to the other. used_o counts stored elements.
`include "weft_assert.svh"

module weft_fifo #(
  parameter  int unsigned Width = 32,
  parameter  int unsigned Depth = 4,
  localparam int unsigned CountWidth = $clog2(Depth + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic                  in_valid_i,
  output logic                  in_ready_o,
  input  logic [Width-1:0]      in_data_i,

  output logic                  out_valid_o,
  input  logic                  out_ready_i,
  output logic [Width-1:0]      out_data_o,

  output logic [CountWidth-1:0] used_o
);
  localparam int unsigned PointerWidth = Depth > 1 ? $clog2(Depth) : 1;
  typedef logic [PointerWidth-1:0] pointer_t;

  logic [Width-1:0]      store_q [Depth];
  pointer_t              write_q, read_q;
  logic [CountWidth-1:0] used_q;
  logic                  push, pop;

  function automatic pointer_t next(pointer_t p);
    return (32'(p) == Depth - 1) ? '0 : p + 1'b1;
  endfunction

  assign in_ready_o  = 32'(used_q) != Depth;
  assign out_valid_o = used_q != 0;
  assign out_data_o  = store_q[read_q];
  assign used_o      = used_q;
  assign push        = in_valid_i && in_ready_o;
  assign pop         = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      used_q  <= '0;
    end else begin
      if (push) write_q <= next(write_q);
      if (pop) read_q <= next(read_q);
      used_q <= used_q + CountWidth'(push) - CountWidth'(pop);
    end
  end

  // Payload has no reset: nobody may look at it while out_valid_o is low.
  always_ff @(posedge clk_i) begin
    if (push) store_q[write_q] <= in_data_i;
  end

  // The word shown is the one read_q points at; sampling the whole store would be slow.
  `WEFT_ASSERT(OutputHeldWhileStalled,
      out_valid_o && !out_ready_i |=> out_valid_o && $stable(read_q))

endmodule
