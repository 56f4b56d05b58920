// SPDX-License-Identifier: Apache-2.0
// weft_vector_operand: one operand of the vector chain, from where x leaves convert_in to the step
// that uses it.
//
// push_i: x_i and the words beside it are valid; take_i: the step uses word_o, in the same order,
// at least one cycle later. Depth is the greatest number of words between the two; with 0 the step
// takes the operand in the cycle of push_i. Words wait in a queue only if they differ from word to
// word. operand_i and value_i may change only while no word is between.
`include "weft_assert.svh"

module weft_vector_operand
  import weft_spec_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  parameter  int unsigned Depth = 0,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  operand_t             operand_i,
  input  logic [31:0]          none_i,  // what the operand none stands for
  input  logic [3:0][31:0]     value_i,

  input  logic                 push_i,
  input  logic [WordWidth-1:0] x_i,
  input  logic [WordWidth-1:0] second_i,
  input  logic [WordWidth-1:0] column_i,
  input  logic [31:0]          row_i,

  input  logic                 take_i,
  output logic [WordWidth-1:0] word_o
);
  logic                 streams;
  logic [31:0]          constant;
  logic [WordWidth-1:0] selected, streamed;

  always_comb begin
    streams  = 1'b1;
    selected = x_i;
    constant = none_i;
    unique case (8'(operand_i))
      OperandInput:  selected = x_i;
      OperandSecond: selected = second_i;
      OperandColumn: selected = column_i;
      OperandRow:    selected = {Lanes{row_i}};
      default:       streams = 1'b0;
    endcase
    unique case (8'(operand_i))
      OperandValue0: constant = value_i[0];
      OperandValue1: constant = value_i[1];
      OperandValue2: constant = value_i[2];
      OperandValue3: constant = value_i[3];
      default:       constant = none_i;
    endcase
  end
  assign word_o = streams ? streamed : {Lanes{constant}};

  if (Depth == 0) begin : g_at_once
    logic unused;
    assign unused   = &{clk_i, rst_ni, push_i, take_i};
    assign streamed = selected;
  end else begin : g_queue
    logic                       ready, valid;
    logic [$clog2(Depth+1)-1:0] unused_used;
    weft_fifo #(.Width(WordWidth), .Depth(Depth)) u_queue (
      .clk_i, .rst_ni, .in_valid_i(push_i && streams), .in_ready_o(ready), .in_data_i(selected),
      .out_valid_o(valid), .out_ready_i(take_i && streams), .out_data_o(streamed),
      .used_o(unused_used)
    );
    `WEFT_ASSERT(PlaceForEveryOperand, push_i && streams |-> ready)
    `WEFT_ASSERT(OperandIsThere, take_i && streams |-> valid)
  end
endmodule
