// SPDX-License-Identifier: Apache-2.0
// weft_deep_fifo: a queue whose body is a block memory (one write port, one clocked read port).
//
// Like weft_fifo, with a latency of 3 cycles through an empty queue; one element per cycle in and
// out. Holds Depth elements in the memory and up to 3 behind it.
`include "weft_assert.svh"

module weft_deep_fifo #(
  parameter  int unsigned Width = 512,
  parameter  int unsigned Depth = 512,
  localparam int unsigned PointerWidth = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,

  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o
);
  localparam int unsigned OutDepth = 3;
  typedef logic [PointerWidth-1:0] pointer_t;
  `WEFT_REQUIRE(DepthIsAPowerOfTwo, (1 << PointerWidth) == Depth)

  logic [Width-1:0]      store_q [Depth];
  logic [Width-1:0]      read_data_q;
  pointer_t              write_q, read_q;
  logic [PointerWidth:0] used_q;      // in the memory
  logic [1:0]            reserved_q;  // read and not yet taken
  logic                  push, read, take, read_valid_q, out_ready;
  logic [1:0]            unused_used;

  assign in_ready_o = 32'(used_q) != Depth;
  assign push       = in_valid_i && in_ready_o;
  assign read       = used_q != 0 && 32'(reserved_q) != OutDepth;
  assign take       = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q      <= '0;
      read_q       <= '0;
      used_q       <= '0;
      reserved_q   <= '0;
      read_valid_q <= 1'b0;
    end else begin
      if (push) write_q <= write_q + 1'b1;
      if (read) read_q <= read_q + 1'b1;
      used_q       <= used_q + (PointerWidth+1)'(push) - (PointerWidth+1)'(read);
      reserved_q   <= reserved_q + 2'(read) - 2'(take);
      read_valid_q <= read;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) store_q[write_q] <= in_data_i;
    if (read) read_data_q <= store_q[read_q];
  end

  weft_fifo #(.Width(Width), .Depth(OutDepth)) u_out (
    .clk_i, .rst_ni, .in_valid_i(read_valid_q), .in_ready_o(out_ready), .in_data_i(read_data_q),
    .out_valid_o, .out_ready_i, .out_data_o, .used_o(unused_used)
  );

  `WEFT_ASSERT(PlaceForEveryRead, read_valid_q |-> out_ready)

endmodule
