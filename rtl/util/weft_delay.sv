// SPDX-License-Identifier: Apache-2.0
// weft_delay: out_o is in_i as it was Cycles clock edges ago. No reset, no stall.
//
// A memory with one rotating pointer, which is what an FPGA makes of a long shift register and
// what a simulator runs without moving every stage on every cycle.
module weft_delay #(
  parameter int unsigned Width  = 32,
  parameter int unsigned Cycles = 4
) (
  input  logic             clk_i,
  input  logic [Width-1:0] in_i,
  output logic [Width-1:0] out_o
);
  if (Cycles == 0) begin : g_wire
    logic unused_clk;
    assign unused_clk = clk_i;
    assign out_o = in_i;
  end else if (Cycles == 1) begin : g_register
    always_ff @(posedge clk_i) out_o <= in_i;
  end else begin : g_ring
    // The element written at an edge is read into the output register Cycles - 1 edges later.
    localparam int unsigned Depth = Cycles - 1;
    localparam int unsigned PointerWidth = Depth > 1 ? $clog2(Depth) : 1;
    logic [Width-1:0]        ring_q [Depth];
    logic [PointerWidth-1:0] pointer_q;
    initial pointer_q = '0;  // any start will do: the pointer only has to go round

    always_ff @(posedge clk_i) begin
      out_o             <= ring_q[pointer_q];
      ring_q[pointer_q] <= in_i;
      pointer_q         <= (32'(pointer_q) == Depth - 1) ? '0 : pointer_q + 1'b1;
    end
  end
endmodule
