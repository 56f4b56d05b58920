// SPDX-License-Identifier: Apache-2.0
// weft_vector_function: the functions of the vector chain, on FunctionLanes lanes.
//
// A word of Lanes elements passes the function lanes in Groups cycles, so in_valid_i may come every
// Groups cycles at most. Its result is whole at the output the latency of the function and
// Groups - 1 cycles later; no stall. function_i may change only while nothing is inside; only the
// function it names has a clock.
`include "weft_assert.svh"

module weft_vector_function
  import weft_spec_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  parameter  int unsigned FunctionLanes = 4,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  function_t            function_i,

  input  logic                 in_valid_i,
  input  logic [WordWidth-1:0] z_i,
  input  logic [WordWidth-1:0] divisor_i,

  output logic                 out_valid_o,
  output logic [WordWidth-1:0] out_data_o
);
  localparam int unsigned Groups       = Lanes / FunctionLanes;
  localparam int unsigned GroupWidth   = 32 * FunctionLanes;
  localparam int unsigned MaxLatency   = MaxFunctionLatency + Groups - 1;
  localparam int unsigned LatencyWidth = $clog2(MaxLatency + 1);
  `WEFT_REQUIRE(WordsAreWholeGroups, Groups * FunctionLanes == Lanes)

  typedef logic [31:0] lanes_t [FunctionLanes];
  logic [GroupWidth-1:0] group_z, group_divisor, group_result;
  lanes_t                lane_z, lane_divisor, exp2, log2, divide, root, sigmoid, tanh, gelu,
                         gelu_gradient;

  weft_vector_valid #(.Max(MaxLatency)) u_valid (
    .clk_i, .rst_ni,
    .latency_i(LatencyWidth'(function_latency(function_i) + Groups - 1)),
    .in_i(in_valid_i), .out_o(out_valid_o)
  );

  // In: the first group at once, the others one after another. Out: the last group at once, the
  // others wait for it.
  if (Groups == 1) begin : g_whole
    assign group_z       = z_i;
    assign group_divisor = divisor_i;
    assign out_data_o    = group_result;
  end else begin : g_groups
    localparam int unsigned RestWidth = WordWidth - GroupWidth;
    logic [RestWidth-1:0] z_q, divisor_q, result_q;
    logic [Groups-2:0]    busy_q;  // groups of a word still to go

    assign group_z       = in_valid_i ? z_i[GroupWidth-1:0] : z_q[GroupWidth-1:0];
    assign group_divisor = in_valid_i ? divisor_i[GroupWidth-1:0] : divisor_q[GroupWidth-1:0];
    assign out_data_o    = {group_result, result_q};
    always_ff @(posedge clk_i) begin
      if (!rst_ni) busy_q <= '0;
      else busy_q <= in_valid_i ? '1 : busy_q >> 1;
      if (in_valid_i) begin
        z_q       <= z_i[WordWidth-1:GroupWidth];
        divisor_q <= divisor_i[WordWidth-1:GroupWidth];
      end else if (busy_q[0]) begin
        z_q       <= z_q >> GroupWidth;
        divisor_q <= divisor_q >> GroupWidth;
      end
      result_q <= RestWidth'({group_result, result_q} >> GroupWidth);
    end
    `WEFT_ASSERT(WordsKeepTheirDistance, in_valid_i |-> !busy_q[0])
  end

  always_comb begin
    for (int unsigned l = 0; l < FunctionLanes; l++) begin
      lane_z[l]       = group_z[32*l +: 32];
      lane_divisor[l] = group_divisor[32*l +: 32];
      unique case (8'(function_i))
        FunctionExp2:    group_result[32*l +: 32] = exp2[l];
        FunctionLog2:    group_result[32*l +: 32] = log2[l];
        FunctionDivide:  group_result[32*l +: 32] = divide[l];
        FunctionSqrt:    group_result[32*l +: 32] = root[l];
        FunctionSigmoid: group_result[32*l +: 32] = sigmoid[l];
        FunctionTanh:    group_result[32*l +: 32] = tanh[l];
        FunctionGelu:    group_result[32*l +: 32] = gelu[l];
        default:         group_result[32*l +: 32] = gelu_gradient[l];
      endcase
    end
  end

  logic exp2_clk, log2_clk, divide_clk, sqrt_clk, sigmoid_clk, tanh_clk, gelu_clk, gradient_clk;
  weft_clock_gate u_exp2_gate (
    .clk_i, .en_i(8'(function_i) == FunctionExp2), .clk_o(exp2_clk)
  );
  weft_clock_gate u_log2_gate (
    .clk_i, .en_i(8'(function_i) == FunctionLog2), .clk_o(log2_clk)
  );
  weft_clock_gate u_divide_gate (
    .clk_i, .en_i(8'(function_i) == FunctionDivide), .clk_o(divide_clk)
  );
  weft_clock_gate u_sqrt_gate (
    .clk_i, .en_i(8'(function_i) == FunctionSqrt), .clk_o(sqrt_clk)
  );
  weft_clock_gate u_sigmoid_gate (
    .clk_i, .en_i(8'(function_i) == FunctionSigmoid), .clk_o(sigmoid_clk)
  );
  weft_clock_gate u_tanh_gate (
    .clk_i, .en_i(8'(function_i) == FunctionTanh), .clk_o(tanh_clk)
  );
  weft_clock_gate u_gelu_gate (
    .clk_i, .en_i(8'(function_i) == FunctionGelu), .clk_o(gelu_clk)
  );
  weft_clock_gate u_gradient_gate (
    .clk_i, .en_i(8'(function_i) == FunctionGeluGradient), .clk_o(gradient_clk)
  );

  weft_fp32_exp2 #(.Lanes(FunctionLanes)) u_exp2 (
    .clk_i(exp2_clk), .x_i(lane_z), .result_o(exp2)
  );
  weft_fp32_log2 #(.Lanes(FunctionLanes)) u_log2 (
    .clk_i(log2_clk), .x_i(lane_z), .result_o(log2)
  );
  weft_fp32_divide #(.Lanes(FunctionLanes)) u_divide (
    .clk_i(divide_clk), .z_i(lane_z), .divisor_i(lane_divisor), .result_o(divide)
  );
  weft_fp32_sqrt #(.Lanes(FunctionLanes)) u_sqrt (
    .clk_i(sqrt_clk), .x_i(lane_z), .result_o(root)
  );
  weft_fp32_sigmoid #(.Lanes(FunctionLanes)) u_sigmoid (
    .clk_i(sigmoid_clk), .x_i(lane_z), .result_o(sigmoid)
  );
  weft_fp32_tanh #(.Lanes(FunctionLanes)) u_tanh (
    .clk_i(tanh_clk), .x_i(lane_z), .result_o(tanh)
  );
  weft_fp32_gelu #(.Lanes(FunctionLanes)) u_gelu (
    .clk_i(gelu_clk), .x_i(lane_z), .result_o(gelu)
  );
  weft_fp32_gelu_gradient #(.Lanes(FunctionLanes)) u_gelu_gradient (
    .clk_i(gradient_clk), .x_i(lane_z), .result_o(gelu_gradient)
  );
endmodule
