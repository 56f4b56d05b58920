// SPDX-License-Identifier: Apache-2.0
// weft_vector_tree: one level of the tree that folds the lanes of a row: element i of the first
// half with element i of the second.
//
// The first half comes with in_valid_i and in_second_i low, the second at any time later; the
// first half of the next row at least one cycle behind that. Results leave in two halves as well,
// in consecutive cycles: Half / 2 elements each; with Half = 1 there is one, with out_second_o low.
module weft_vector_tree
  import weft_hls_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Half = 8,
  localparam int unsigned Lanes = Half > 1 ? Half / 2 : 1
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic [2:0] reduce_i,

  input  logic       in_valid_i,
  input  logic       in_second_i,
  input  folded_t    in_data_i [Half],

  output logic       out_valid_o,
  output logic       out_second_o,
  output folded_t    out_data_o [Lanes]
);
  folded_t first_q [Half], low [Lanes], high [Lanes];
  logic    start, again;  // the lanes fold the lower, the upper elements

  assign start = in_valid_i && in_second_i;
  always_ff @(posedge clk_i) begin
    if (in_valid_i && !in_second_i) first_q <= in_data_i;
  end

  if (Half == 1) begin : g_one
    assign again = 1'b0;
    assign low   = first_q;
    assign high  = in_data_i;
  end else begin : g_two
    // The upper elements of the second half wait for the lanes; those of the first are in first_q.
    folded_t upper_q [Lanes];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) again <= 1'b0;
      else again <= start;
      if (start) upper_q <= in_data_i[Lanes +: Lanes];
    end
    always_comb begin
      for (int unsigned l = 0; l < Lanes; l++) begin
        low[l]  = again ? first_q[Lanes + l] : first_q[l];
        high[l] = again ? upper_q[l] : in_data_i[l];
      end
    end
  end

  // The element of the lower index is the one that is multiplied by 1.
  weft_vector_fold #(.Lanes(Lanes)) u_fold (
    .clk_i, .reduce_i, .g_i(low), .acc_i(high), .result_o(out_data_o)
  );

  logic [Fp32FmaLatency-1:0] valid_q, second_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Fp32FmaLatency-2:0], start || again};
    second_q <= {second_q[Fp32FmaLatency-2:0], again};
  end
  assign out_valid_o  = valid_q[Fp32FmaLatency-1];
  assign out_second_o = second_q[Fp32FmaLatency-1];
endmodule
