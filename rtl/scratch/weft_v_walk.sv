// SPDX-License-Identifier: Apache-2.0
// weft_v_walk: the order in which the words of a matrix in V are visited, and their addresses.
//
// OrderPlain takes row after row. The other two take turns, for reductions: a pass visits up to
// RotationSlots rows (OrderRows) or words of a row (OrderWords), the next pass visits their next
// word (or row), and so to the end of the group; then come the next rows (or words).
//
//   OrderRows, 10 rows of 3 words        pass  row  word
//                                        0     0-7  0
//                                        1     0-7  1
//                                        2     0-7  2
//                                        3     8,9  0  ...
//
// start_i takes the matrix; its first word is shown from the next cycle on, the following one after
// each advance_i. The matrix has at least one word.
module weft_v_walk
  import weft_v_pkg::*;
(
  input  logic        clk_i,

  input  logic        start_i,
  input  v_address_t  base_i,
  input  v_address_t  pitch_i,      // from a row to the next
  input  logic [15:0] rows_i,
  input  logic [15:0] words_i,      // of a row
  input  v_order_e    order_i,

  input  logic        advance_i,
  output v_address_t  address_o,
  output logic [15:0] row_o,
  output logic [15:0] word_o,
  output logic [15:0] next_row_o,   // those of the next cycle
  output logic [15:0] next_word_o,
  output logic        pass_end_o,
  output logic        last_o
);
  localparam int unsigned SlotWidth = $clog2(RotationSlots);

  // Inner: what a pass goes through. Outer: what changes from pass to pass of a group.
  logic        rows_inside_q, grouped_q;
  logic [15:0] inner_q, inner_count_q, outer_q, outer_count_q, inner_next, outer_next;
  v_address_t  inner_step_q, outer_step_q;
  v_address_t  address_q, pass_q, group_q;  // of the word, of its pass's and its group's first
  logic        inner_end, outer_end;

  assign inner_end  = inner_q + 1'b1 == inner_count_q;
  assign outer_end  = outer_q + 1'b1 == outer_count_q;
  assign pass_end_o = inner_end || (grouped_q && &inner_q[SlotWidth-1:0]);
  assign last_o     = inner_end && outer_end;

  always_comb begin
    inner_next = inner_q;
    outer_next = outer_q;
    if (start_i) begin
      inner_next = '0;
      outer_next = '0;
    end else if (advance_i) begin
      if (!pass_end_o || outer_end) inner_next = inner_q + 1'b1;
      else inner_next = grouped_q ? {inner_q[15:SlotWidth], SlotWidth'(0)} : '0;
      if (pass_end_o) outer_next = outer_end ? '0 : outer_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    inner_q <= inner_next;
    outer_q <= outer_next;
    if (start_i) begin
      rows_inside_q <= order_i == OrderRows;
      grouped_q     <= order_i != OrderPlain;
      inner_count_q <= order_i == OrderRows ? rows_i : words_i;
      outer_count_q <= order_i == OrderRows ? words_i : rows_i;
      inner_step_q  <= order_i == OrderRows ? pitch_i : v_address_t'(1);
      outer_step_q  <= order_i == OrderRows ? v_address_t'(1) : pitch_i;
      address_q     <= base_i;
      pass_q        <= base_i;
      group_q       <= base_i;
    end else if (advance_i) begin
      if (!pass_end_o) begin
        address_q <= address_q + inner_step_q;
      end else if (!outer_end) begin
        address_q <= pass_q + outer_step_q;
        pass_q    <= pass_q + outer_step_q;
      end else begin
        address_q <= group_q + (inner_step_q << SlotWidth);
        pass_q    <= group_q + (inner_step_q << SlotWidth);
        group_q   <= group_q + (inner_step_q << SlotWidth);
      end
    end
  end

  assign address_o   = address_q;
  assign row_o       = rows_inside_q ? inner_q : outer_q;
  assign word_o      = rows_inside_q ? outer_q : inner_q;
  assign next_row_o  = rows_inside_q ? inner_next : outer_next;
  assign next_word_o = rows_inside_q ? outer_next : inner_next;
endmodule
