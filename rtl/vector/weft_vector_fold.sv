// SPDX-License-Identifier: Apache-2.0
// weft_vector_fold: one step of a reduction on Lanes lanes: result = g folded into acc.
//
// ReduceSum: fma(g, 1, acc). ReduceSumSquares: fma(g, g, acc). ReduceMax, ReduceArgmax: the larger
// of the two, NaN above every number, -0 below +0, subnormals as zero of their sign; of equals, as
// of NaNs, the one of the lower index. Latency Fp32FmaLatency for all; no stall, no reset.
module weft_vector_fold
  import weft_spec_pkg::*;
  import weft_hls_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter int unsigned Lanes = 16
) (
  input  logic       clk_i,
  input  logic [2:0] reduce_i,  // reduce_e
  input  folded_t    g_i      [Lanes],
  input  folded_t    acc_i    [Lanes],
  output folded_t    result_o [Lanes]
);
  localparam logic [31:0] One = 32'h3f800000;

  function automatic logic [31:0] flush(logic [31:0] x);
    return x[30:23] == 0 ? {x[31], 31'd0} : x;
  endfunction
  function automatic logic is_nan(logic [31:0] x);
    return x[30:23] == '1 && x[22:0] != 0;
  endfunction
  // As fp32_compare orders them; neither is NaN.
  function automatic logic above(logic [31:0] x, logic [31:0] y);
    if (x[31] != y[31]) return y[31];
    return x[31] ? x[30:0] < y[30:0] : x[30:0] > y[30:0];
  endfunction
  function automatic folded_t extreme(folded_t g, folded_t acc);
    logic [31:0] x, y;
    logic        lower, take;
    x     = flush(g.value);
    y     = flush(acc.value);
    lower = g.index < acc.index;
    if (is_nan(x) || is_nan(y)) take = is_nan(x) && (!is_nan(y) || lower);
    else take = above(x, y) || (x == y && lower);
    extreme.value = take ? (is_nan(x) ? 32'h7fc00000 : x) : (is_nan(y) ? 32'h7fc00000 : y);
    extreme.index = take ? g.index : acc.index;
  endfunction

  logic [31:0] a [Lanes], b [Lanes], c [Lanes], sum [Lanes];
  folded_t     larger [Lanes];
  logic        sums, squares;

  assign squares = 8'(reduce_i) == ReduceSumSquares;
  assign sums    = 8'(reduce_i) == ReduceSum || squares;
  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    assign a[l] = g_i[l].value;
    assign b[l] = squares ? g_i[l].value : One;
    assign c[l] = acc_i[l].value;
    weft_delay #(.Width($bits(folded_t)), .Cycles(Fp32FmaLatency)) u_delay (
      .clk_i, .in_i(extreme(g_i[l], acc_i[l])), .out_o(larger[l])
    );
    assign result_o[l] = '{value: sums ? sum[l] : larger[l].value, index: larger[l].index};
  end
  weft_fp32_fma #(.Lanes(Lanes)) u_fma (.clk_i, .a_i(a), .b_i(b), .c_i(c), .result_o(sum));
endmodule
