// SPDX-License-Identifier: Apache-2.0
// weft_decode_vector: what the fields of a vector command say together. Combinational.
//
// ok_o: they contradict each other nowhere; reserved bytes and ranges are checked elsewhere. The
// others say which streams, vectors and results there are.
module weft_decode_vector
  import weft_spec_pkg::*;
(
  input  vector_fields_t vector_i,
  output logic           ok_o,
  output logic           uses_second_o,
  output logic           uses_column_o,
  output logic           uses_row_o,
  output logic           reduces_o,
  output logic           discards_o
);
  // Operands of the chain, and its values by number.
  logic [5:0][7:0]  operands;
  logic [3:0][31:0] value;
  logic [3:0][7:0]  value_scalar;
  logic [3:0]       uses_value;
  logic             operands_ok, rows_apart;

  assign operands = {vector_i.multiplicand, vector_i.addend, vector_i.compare_with,
                     vector_i.divisor, vector_i.multiplicand2, vector_i.addend2};
  assign value        = {vector_i.value3, vector_i.value2, vector_i.value1, vector_i.value0};
  assign value_scalar = {vector_i.value3_scalar, vector_i.value2_scalar, vector_i.value1_scalar,
                         vector_i.value0_scalar};
  assign reduces_o    = vector_i.reduce != ReduceNone;
  assign discards_o   = vector_i.convert_out == ConvertOutDiscard;
  assign rows_apart   = vector_i.rows == 1
                     || 32'(vector_i.dst_pitch) >= (32'(vector_i.cols) + 15) / 16;

  always_comb begin
    uses_second_o = 1'b0;
    uses_column_o = 1'b0;
    uses_row_o    = 1'b0;
    uses_value    = '0;
    for (int unsigned i = 0; i < 6; i++) begin
      uses_second_o |= operands[i] == OperandSecond;
      uses_column_o |= operands[i] == OperandColumn;
      uses_row_o    |= operands[i] == OperandRow;
      for (int unsigned v = 0; v < 4; v++) uses_value[v] |= operands[i] == OperandValue0 + 8'(v);
    end
  end

  // What an operand brings is zero where no operand asks for it.
  always_comb begin
    operands_ok = (uses_second_o || (vector_i.second == 0 && vector_i.second_pitch == 0))
               && (uses_column_o ? 32'(vector_i.cols) <= MaxColumn : vector_i.column == 0)
               && (uses_row_o ? 32'(vector_i.rows) <= MaxRow : vector_i.row == 0);
    for (int unsigned v = 0; v < 4; v++) begin
      operands_ok &= (uses_value[v] || value_scalar[v] == 0)
                  && ((uses_value[v] && value_scalar[v] == 0) || value[v] == 0);
    end
  end

  assign ok_o = operands_ok
             && (vector_i.compare == CompareNone) == (vector_i.compare_with == OperandNone)
             && (vector_i.function_ == FunctionDivide) == (vector_i.divisor != OperandNone)
             && (reduces_o || (vector_i.reduce_dst == 0 && vector_i.reduce_axis == ReduceAxisRow))
             && (discards_o ? reduces_o && vector_i.dst == 0 && vector_i.dst_pitch == 0
                            : rows_apart);
endmodule
