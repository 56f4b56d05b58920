// SPDX-License-Identifier: Apache-2.0
// weft_vector_chain: the arithmetic of a vector pass on words of Lanes elements.
//
//   x = convert_in(first)               Int32ToFp32Latency cycles
//   y = x * multiplicand + addend       Fp32FmaLatency, or 1 if there is none
//   z = compare(y, compare_with)        Fp32CompareLatency
//   f = function(z)                     that of the function and of its turns, or 0
//   g = f * multiplicand2 + addend2     Fp32FmaLatency, or 1
//   out = convert_out(g)                Fp32ToInt8Latency, or 0
//
// No stall: the latency is fixed by cmd_i, which may change only while no word is inside. Words
// come at most one per cycle, with a function at most one every Lanes / FunctionLanes cycles.
// Operands are chosen where x is known and wait in queues for their step. Steps a command does not
// use have no clock.
module weft_vector_chain
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_hls_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  parameter  int unsigned FunctionLanes = 4,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  vector_cmd_t          cmd_i,

  input  logic                 in_valid_i,
  input  logic [WordWidth-1:0] first_i,
  input  logic [WordWidth-1:0] second_i,
  input  logic [WordWidth-1:0] column_i,
  input  logic [31:0]          row_i,

  output logic                 g_valid_o,   // what a reduction folds
  output logic [WordWidth-1:0] g_o,
  output logic                 out_valid_o,
  output logic [WordWidth-1:0] out_data_o
);
  localparam logic [31:0] One          = 32'h3f800000;
  localparam logic [31:0] NegativeZero = 32'h80000000;
  localparam int unsigned FmaWidth     = $clog2(Fp32FmaLatency + 1);
  localparam int unsigned OutWidth     = $clog2(Fp32ToInt8Latency + 1);

  // Words between x and the step that takes an operand, the entering one included.
  localparam int unsigned Turns        = Lanes / FunctionLanes;
  localparam int unsigned CompareDepth = Fp32FmaLatency + 1;
  localparam int unsigned DivisorDepth = CompareDepth + Fp32CompareLatency;
  localparam int unsigned LongestDepth = (DivisorDepth + MaxFunctionLatency) / Turns + 2;
  localparam int unsigned SecondDepth  = LongestDepth > DivisorDepth ? LongestDepth : DivisorDepth;

  typedef logic [WordWidth-1:0] word_t;
  typedef logic [31:0]          lanes_t [Lanes];

  // ------------------------------------------------------------- convert in
  word_t       raw, second, column, x;
  logic [31:0] row;
  lanes_t      x_lanes, convert_in, converted;
  logic        x_valid, convert_in_clk;
  logic [Int32ToFp32Latency-1:0] in_valid_q;

  weft_clock_gate u_convert_in_gate (.clk_i, .en_i(cmd_i.convert_in), .clk_o(convert_in_clk));
  weft_int32_to_fp32 #(.Lanes(Lanes)) u_convert_in (
    .clk_i(convert_in_clk), .x_i(convert_in), .result_o(converted)
  );
  weft_delay #(.Width(3 * WordWidth + 32), .Cycles(Int32ToFp32Latency)) u_delay_in (
    .clk_i, .in_i({first_i, second_i, column_i, row_i}), .out_o({raw, second, column, row})
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) in_valid_q <= '0;
    else in_valid_q <= Int32ToFp32Latency'({in_valid_q, in_valid_i});
  end
  assign x_valid = in_valid_q[Int32ToFp32Latency-1];
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      convert_in[l]   = first_i[32*l +: 32];
      x[32*l +: 32]   = cmd_i.convert_in ? converted[l] : raw[32*l +: 32];
      x_lanes[l]      = x[32*l +: 32];
    end
  end

  // ----------------------------------------------------- first multiply-add
  logic   skip, y_valid, fma_clk;
  word_t  multiplicand, addend, skipped_q, y;
  lanes_t fma_b, fma_c, fma_out;

  assign skip = 8'(cmd_i.multiplicand) == OperandNone && 8'(cmd_i.addend) == OperandNone;
  weft_vector_operand #(.Lanes(Lanes), .Depth(0)) u_multiplicand (
    .clk_i, .rst_ni, .operand_i(cmd_i.multiplicand), .none_i(One), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(x_valid), .word_o(multiplicand)
  );
  weft_vector_operand #(.Lanes(Lanes), .Depth(0)) u_addend (
    .clk_i, .rst_ni, .operand_i(cmd_i.addend), .none_i(NegativeZero), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(x_valid), .word_o(addend)
  );
  weft_vector_valid #(.Max(Fp32FmaLatency)) u_fma_valid (
    .clk_i, .rst_ni, .latency_i(skip ? FmaWidth'(1) : FmaWidth'(Fp32FmaLatency)),
    .in_i(x_valid), .out_o(y_valid)
  );
  weft_clock_gate u_fma_gate (.clk_i, .en_i(!skip), .clk_o(fma_clk));
  weft_fp32_fma #(.Lanes(Lanes)) u_fma (
    .clk_i(fma_clk), .a_i(x_lanes), .b_i(fma_b), .c_i(fma_c), .result_o(fma_out)
  );
  always_ff @(posedge clk_i) if (skip && x_valid) skipped_q <= x;

  // ---------------------------------------------------------------- compare
  logic       z_valid;
  word_t      compare_with, z;
  lanes_t     compare_y, compare_o, compare_out;
  logic [2:0] compare_op [Lanes];
  logic [Fp32CompareLatency-1:0] compare_valid_q;

  weft_vector_operand #(.Lanes(Lanes), .Depth(CompareDepth)) u_compare_with (
    .clk_i, .rst_ni, .operand_i(cmd_i.compare_with), .none_i(32'd0), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(y_valid), .word_o(compare_with)
  );
  weft_fp32_compare #(.Lanes(Lanes)) u_compare (
    .clk_i, .op_i(compare_op), .y_i(compare_y), .o_i(compare_o), .result_o(compare_out)
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) compare_valid_q <= '0;
    else compare_valid_q <= Fp32CompareLatency'({compare_valid_q, y_valid});
  end
  assign z_valid = compare_valid_q[Fp32CompareLatency-1];

  // --------------------------------------------------------------- function
  logic  has_function, f_valid, function_valid;
  word_t divisor, function_out, f;

  assign has_function = 8'(cmd_i.func) != FunctionNone;
  weft_vector_operand #(.Lanes(Lanes), .Depth(DivisorDepth)) u_divisor (
    .clk_i, .rst_ni, .operand_i(cmd_i.divisor), .none_i(One), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(z_valid), .word_o(divisor)
  );
  logic function_clk;
  weft_clock_gate u_function_gate (
    .clk_i, .en_i(has_function || !rst_ni), .clk_o(function_clk)
  );
  weft_vector_function #(.Lanes(Lanes), .FunctionLanes(FunctionLanes)) u_function (
    .clk_i(function_clk), .rst_ni, .function_i(cmd_i.func),
    .in_valid_i(z_valid && has_function), .z_i(z), .divisor_i(divisor),
    .out_valid_o(function_valid), .out_data_o(function_out)
  );
  assign f_valid = has_function ? function_valid : z_valid;
  assign f       = has_function ? function_out : z;

  // ---------------------------------------------------- second multiply-add
  logic   skip2, g_valid, fma2_clk;
  word_t  multiplicand2, addend2, skipped2_q, g;
  lanes_t fma2_a, fma2_b, fma2_c, fma2_out, g_lanes;

  assign skip2 = 8'(cmd_i.multiplicand2) == OperandNone && 8'(cmd_i.addend2) == OperandNone;
  weft_vector_operand #(.Lanes(Lanes), .Depth(SecondDepth)) u_multiplicand2 (
    .clk_i, .rst_ni, .operand_i(cmd_i.multiplicand2), .none_i(One), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(f_valid), .word_o(multiplicand2)
  );
  weft_vector_operand #(.Lanes(Lanes), .Depth(SecondDepth)) u_addend2 (
    .clk_i, .rst_ni, .operand_i(cmd_i.addend2), .none_i(NegativeZero), .value_i(cmd_i.value),
    .push_i(x_valid), .x_i(x), .second_i(second), .column_i(column), .row_i(row),
    .take_i(f_valid), .word_o(addend2)
  );
  weft_vector_valid #(.Max(Fp32FmaLatency)) u_fma2_valid (
    .clk_i, .rst_ni, .latency_i(skip2 ? FmaWidth'(1) : FmaWidth'(Fp32FmaLatency)),
    .in_i(f_valid), .out_o(g_valid)
  );
  weft_clock_gate u_fma2_gate (.clk_i, .en_i(!skip2), .clk_o(fma2_clk));
  weft_fp32_fma #(.Lanes(Lanes)) u_fma2 (
    .clk_i(fma2_clk), .a_i(fma2_a), .b_i(fma2_b), .c_i(fma2_c), .result_o(fma2_out)
  );
  always_ff @(posedge clk_i) if (skip2 && f_valid) skipped2_q <= f;

  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      fma_b[l]       = multiplicand[32*l +: 32];
      fma_c[l]       = addend[32*l +: 32];
      y[32*l +: 32]  = skip ? skipped_q[32*l +: 32] : fma_out[l];
      compare_y[l]   = y[32*l +: 32];
      compare_o[l]   = compare_with[32*l +: 32];
      compare_op[l]  = cmd_i.compare;
      z[32*l +: 32]  = compare_out[l];
      fma2_a[l]      = f[32*l +: 32];
      fma2_b[l]      = multiplicand2[32*l +: 32];
      fma2_c[l]      = addend2[32*l +: 32];
      g[32*l +: 32]  = skip2 ? skipped2_q[32*l +: 32] : fma2_out[l];
      g_lanes[l]     = g[32*l +: 32];
    end
  end
  assign g_valid_o = g_valid;
  assign g_o       = g;

  // ------------------------------------------------------------ convert out
  logic   convert_out_clk, converted_valid;
  lanes_t convert_out;
  weft_clock_gate u_convert_out_gate (
    .clk_i, .en_i(cmd_i.convert_out || !rst_ni), .clk_o(convert_out_clk)
  );
  weft_fp32_to_int8 #(.Lanes(Lanes)) u_convert_out (
    .clk_i(convert_out_clk), .x_i(g_lanes), .result_o(convert_out)
  );
  weft_vector_valid #(.Max(Fp32ToInt8Latency)) u_convert_out_valid (
    .clk_i(convert_out_clk), .rst_ni, .latency_i(OutWidth'(Fp32ToInt8Latency)), .in_i(g_valid),
    .out_o(converted_valid)
  );
  assign out_valid_o = cmd_i.convert_out ? converted_valid : g_valid;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      out_data_o[32*l +: 32] = cmd_i.convert_out ? convert_out[l] : g_lanes[l];
    end
  end
endmodule
