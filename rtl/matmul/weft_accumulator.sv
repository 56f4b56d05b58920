// SPDX-License-Identifier: Apache-2.0
// weft_accumulator: block sums of a tile in, accumulators of a quad, finished rows out.
//
// in_valid_i marks the first of 4 cycles in which sum_i, the scales and in_tag_i hold. Row q of the
// tile goes through the lanes in cycle q; one lane serves one column. The element's accumulator
// comes from the preload (initial_i) or is 0 at its first block, else it is what the lane wrote 16
// cycles ago or earlier; the result of its last block goes to the result memory instead.
// end_o follows the last row of the last slot of a quad's last block: the quad may be drained.
`include "weft_assert.svh"

module weft_accumulator
  import weft_matmul_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Rows    = 4,
  parameter  int unsigned Columns = 16,
  localparam int unsigned WordWidth = 32 * Columns
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,

  input  logic                     in_valid_i,
  input  logic                     in_used_i,   // the slot holds a tile
  input  logic                     in_first_i,  // block of the quad
  input  logic                     in_last_i,
  input  logic                     in_fp_i,
  input  logic                     in_preload_i,
  input  context_t                 in_context_i,
  input  logic [1:0]               in_slot_i,
  input  logic signed [20:0]       sum_i [Rows*Columns],
  input  logic [Rows-1:0][7:0]     scale_a_i,
  input  logic [Columns-1:0][18:0] scale_b_i,

  output context_t                 initial_context_o,
  output logic [1:0]               initial_slot_o,
  output logic [1:0]               initial_row_o,
  input  logic [WordWidth-1:0]     initial_i,

  output logic                     result_valid_o,
  output context_t                 result_context_o,
  output logic [1:0]               result_slot_o,
  output logic [1:0]               result_row_o,
  output logic [WordWidth-1:0]     result_o,
  output logic                     end_o
);
  localparam int unsigned Latency = BlockAccumulateLatency;
  `WEFT_REQUIRE(RowsFillABlock, Rows == 4)
  `WEFT_REQUIRE(LaneMeetsItsElementInTime, Latency <= 14)

  typedef struct packed {
    logic       used;
    logic       last;
    context_t   ctx;
    logic [1:0] slot;
    logic [1:0] row;
  } tag_t;

  logic [1:0]   row_q;      // next row when busy
  logic         serving;
  logic [1:0]   row;
  tag_t         tag_in, tag_out;
  logic [Latency-1:0] valid_q;

  logic [31:0]  acc_q [16][Columns];  // by slot and row
  logic [31:0]  lane_acc [Columns], lane_out [Columns];
  logic [20:0]  lane_sum [Columns];
  logic [7:0]   lane_scale_a [Columns];
  logic [18:0]  lane_scale_b [Columns];
  logic         lane_fp [Columns];

  assign serving = in_valid_i || row_q != 0;
  assign row     = in_valid_i ? 2'd0 : row_q;
  assign initial_context_o = in_context_i;
  assign initial_slot_o    = in_slot_i;
  assign initial_row_o     = row;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q   <= '0;
      valid_q <= '0;
    end else begin
      if (serving) row_q <= row + 1'b1;
      valid_q <= {valid_q[Latency-2:0], serving};
    end
  end

  always_comb begin
    for (int unsigned c = 0; c < Columns; c++) begin
      lane_sum[c]     = sum_i[32'(row)*Columns + c];
      lane_scale_a[c] = scale_a_i[row];
      lane_scale_b[c] = scale_b_i[c];
      lane_fp[c]      = in_fp_i;
      lane_acc[c]     = !in_first_i ? acc_q[{in_slot_i, row}][c]
                      : in_preload_i ? initial_i[32*c +: 32] : 32'd0;
    end
  end

  weft_block_accumulate #(.Lanes(Columns)) u_lanes (
    .clk_i, .fp_i(lane_fp), .sum_i(lane_sum), .scale_a_i(lane_scale_a), .scale_b_i(lane_scale_b),
    .acc_i(lane_acc), .result_o(lane_out)
  );

  assign tag_in = '{used: in_used_i, last: in_last_i, ctx: in_context_i, slot: in_slot_i, row: row};
  weft_delay #(.Width($bits(tag_t)), .Cycles(Latency)) u_tag (
    .clk_i, .in_i(tag_in), .out_o(tag_out)
  );

  always_ff @(posedge clk_i) begin
    if (valid_q[Latency-1] && tag_out.used && !tag_out.last) begin
      acc_q[{tag_out.slot, tag_out.row}] <= lane_out;
    end
  end

  assign result_valid_o   = valid_q[Latency-1] && tag_out.used && tag_out.last;
  assign result_context_o = tag_out.ctx;
  assign result_slot_o    = tag_out.slot;
  assign result_row_o     = tag_out.row;
  always_comb begin
    for (int unsigned c = 0; c < Columns; c++) result_o[32*c +: 32] = lane_out[c];
  end
  assign end_o = valid_q[Latency-1] && tag_out.last && tag_out.slot == 2'd3 && tag_out.row == 2'd3;

  `WEFT_ASSERT(OneTileAtATime, in_valid_i |-> row_q == 0)

endmodule
