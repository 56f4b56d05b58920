// SPDX-License-Identifier: Apache-2.0
// weft_vector_chain: the arithmetic of a vector pass, one word of Lanes elements per cycle.
//
// x = convert_in(first); y = x * multiplicand + addend; z = compare(y, compare_with);
// result = convert_out(z). Fixed latency, no stall: out_valid_o follows in_valid_i by Latency
// cycles. cmd_i may change only while no word is inside. The operand selections happen at the
// entry, except `self`, which is known only where it is used.
module weft_vector_chain
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  localparam int unsigned WordWidth = 32 * Lanes,
  localparam int unsigned Latency = Int32ToFp32Latency + Fp32FmaLatency + Fp32CompareLatency
                                  + Fp32ToInt8Latency
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  vector_cmd_t          cmd_i,

  input  logic                 in_valid_i,
  input  logic [WordWidth-1:0] first_i,
  input  logic [WordWidth-1:0] second_i,
  input  logic [WordWidth-1:0] column_i,

  output logic                 out_valid_o,
  output logic [WordWidth-1:0] out_data_o
);
  localparam logic [31:0] One          = 32'h3f800000;
  localparam logic [31:0] NegativeZero = 32'h80000000;

  typedef logic [WordWidth-1:0] word_t;
  typedef logic [31:0]          lanes_t [Lanes];

  // The operand as far as it is known at the entry.
  function automatic word_t select(logic [2:0] operand, logic [31:0] value, logic [31:0] none,
                                   word_t second, word_t column);
    unique case (operand)
      3'(OperandImmediate): return {Lanes{value}};
      3'(OperandSecond):    return second;
      3'(OperandColumn):    return column;
      default:              return {Lanes{none}};
    endcase
  endfunction

  word_t entry_multiplicand, entry_addend, entry_compare;
  assign entry_multiplicand = select(cmd_i.multiplicand, cmd_i.multiplicand_value, One,
                                     second_i, column_i);
  assign entry_addend  = select(cmd_i.addend, cmd_i.addend_value, NegativeZero, second_i, column_i);
  assign entry_compare = select(cmd_i.compare_with, cmd_i.compare_value, 32'd0, second_i, column_i);

  logic [Latency-1:0] valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], in_valid_i};
  end
  assign out_valid_o = valid_q[Latency-1];

  // Conversion in.
  word_t  raw, x, multiplicand, addend;
  lanes_t convert_in, converted;
  always_comb for (int unsigned l = 0; l < Lanes; l++) convert_in[l] = first_i[32*l +: 32];
  weft_int32_to_fp32 #(.Lanes(Lanes)) u_convert_in (
    .clk_i, .x_i(convert_in), .result_o(converted)
  );
  weft_delay #(.Width(3 * WordWidth), .Cycles(Int32ToFp32Latency)) u_delay_in (
    .clk_i, .in_i({first_i, entry_multiplicand, entry_addend}),
    .out_o({raw, multiplicand, addend})
  );

  // Multiply-add, skipped when it would change nothing but bits that are no FP32.
  word_t  skipped, y;
  lanes_t fma_a, fma_b, fma_c, fma_out;
  logic   skip;
  assign skip = cmd_i.multiplicand == 3'(OperandNone) && cmd_i.addend == 3'(OperandNone);
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      x[32*l +: 32] = cmd_i.convert_in ? converted[l] : raw[32*l +: 32];
      fma_a[l] = x[32*l +: 32];
      fma_b[l] = cmd_i.multiplicand == 3'(OperandSelf) ? fma_a[l] : multiplicand[32*l +: 32];
      fma_c[l] = cmd_i.addend == 3'(OperandSelf) ? fma_a[l] : addend[32*l +: 32];
    end
  end
  weft_fp32_fma #(.Lanes(Lanes)) u_fma (
    .clk_i, .a_i(fma_a), .b_i(fma_b), .c_i(fma_c), .result_o(fma_out)
  );
  weft_delay #(.Width(WordWidth), .Cycles(Fp32FmaLatency)) u_delay_fma (
    .clk_i, .in_i(x), .out_o(skipped)
  );

  // Comparison.
  word_t      compare_with;
  lanes_t     compare_y, compare_o, compare_out;
  logic [2:0] compare_op [Lanes];
  weft_delay #(.Width(WordWidth), .Cycles(Int32ToFp32Latency + Fp32FmaLatency)) u_delay_compare (
    .clk_i, .in_i(entry_compare), .out_o(compare_with)
  );
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      y[32*l +: 32] = skip ? skipped[32*l +: 32] : fma_out[l];
      compare_y[l]  = y[32*l +: 32];
      compare_o[l]  = cmd_i.compare_with == 3'(OperandSelf) ? compare_y[l]
                                                            : compare_with[32*l +: 32];
      compare_op[l] = 3'(cmd_i.compare);
    end
  end
  weft_fp32_compare #(.Lanes(Lanes)) u_compare (
    .clk_i, .op_i(compare_op), .y_i(compare_y), .o_i(compare_o), .result_o(compare_out)
  );

  // Conversion out.
  word_t  z, unconverted;
  lanes_t convert_out;
  always_comb for (int unsigned l = 0; l < Lanes; l++) z[32*l +: 32] = compare_out[l];
  weft_fp32_to_int8 #(.Lanes(Lanes)) u_convert_out (
    .clk_i, .x_i(compare_out), .result_o(convert_out)
  );
  weft_delay #(.Width(WordWidth), .Cycles(Fp32ToInt8Latency)) u_delay_out (
    .clk_i, .in_i(z), .out_o(unconverted)
  );
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      out_data_o[32*l +: 32] = cmd_i.convert_out ? convert_out[l] : unconverted[32*l +: 32];
    end
  end
endmodule
