// SPDX-License-Identifier: Apache-2.0
// weft_vector_reduce: folds the results of a vector pass into one number per row or per column.
//
// Words come in the order of weft_v_walk, one per cycle at most, without stall. Each meets its
// accumulators (16 virtual lanes per row, or Lanes columns per word) in weft_vector_fold; eight
// rows or words take turns, so accumulators are back when they are next needed. The caller keeps
// the distances: words of one slot and part at least Fp32FmaLatency cycles apart, rows finished at
// two cycles each, taken over eight.
//
//   by row:    last word of a row folded -> its 16 accumulators -> tree, 2 cycles per row
//              -> gathered to words of Lanes results -> queue
//   by column: last row of a word folded -> queue
//
// claim_i announces, when its word enters the chain, a result that opens a word in the queue;
// place_o says whether there is a place for another. out_last_o marks the last word of a command.
// start_i takes cmd_i, which stays until the last word is written.
`include "weft_assert.svh"

module weft_vector_reduce
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_hls_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 start_i,
  input  vector_cmd_t          cmd_i,
  input  logic [15:0]          words_i,   // of a row
  input  logic                 claim_i,
  output logic                 place_o,

  input  logic                 in_valid_i,
  input  logic [WordWidth-1:0] in_data_i,

  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output v_address_t           out_address_o,
  output logic [Lanes-1:0]     out_mask_o,
  output logic [WordWidth-1:0] out_data_o,
  output logic                 out_last_o
);
  localparam int unsigned Virtual    = 16;  // lanes of a row
  localparam int unsigned Parts      = Virtual / Lanes;
  localparam int unsigned PartWidth  = Parts > 1 ? $clog2(Parts) : 1;
  localparam int unsigned LaneWidth  = $clog2(Lanes);
  localparam int unsigned SlotWidth  = $clog2(RotationSlots);
  localparam int unsigned QueueDepth = 16;
  localparam int unsigned CountWidth = $clog2(QueueDepth + 1);
  localparam logic [31:0] MinusInfinity = 32'hff800000;
  `WEFT_REQUIRE(RotationCoversTheLoop, RotationSlots >= Fp32FmaLatency)

  typedef logic [SlotWidth-1:0] slot_t;
  typedef logic [PartWidth-1:0] part_t;

  logic takes_largest, takes_index;
  assign takes_index   = 8'(cmd_i.reduce) == ReduceArgmax;
  assign takes_largest = takes_index || 8'(cmd_i.reduce) == ReduceMax;

  // -------------------------------------------------- where the word belongs
  logic [15:0] row, word, unused_next_row, unused_next_word;
  logic        row_last, word_last, first, completes, unused_pass_end, unused_last;
  v_address_t  unused_address;
  slot_t       slot;
  part_t       part;
  folded_t     initial_value;

  weft_v_walk u_walk (
    .clk_i, .start_i, .base_i('0), .pitch_i('0), .rows_i(cmd_i.rows), .words_i,
    .order_i(order_of(cmd_i)), .advance_i(in_valid_i), .address_o(unused_address), .row_o(row),
    .word_o(word), .next_row_o(unused_next_row), .next_word_o(unused_next_word),
    .pass_end_o(unused_pass_end), .last_o(unused_last)
  );
  assign row_last  = row + 1'b1 == cmd_i.rows;
  assign word_last = word + 1'b1 == words_i;
  assign slot      = cmd_i.by_column ? word[SlotWidth-1:0] : row[SlotWidth-1:0];
  assign part      = cmd_i.by_column || Parts == 1 ? '0 : word[PartWidth-1:0];
  assign first     = cmd_i.by_column ? row == 0 : 32'(word) < Parts;
  assign completes = cmd_i.by_column ? row_last : word_last;
  assign initial_value = '{value: takes_largest ? MinusInfinity : '0, index: '1};

  // ------------------------------------------------------------------- fold
  folded_t accumulator_q [RotationSlots][Parts][Lanes];
  folded_t g [Lanes], earlier [Lanes], after [Lanes];
  logic [Fp32FmaLatency-1:0] valid_q;
  logic                      after_valid, after_completes, back;
  slot_t                     after_slot;
  part_t                     after_part;
  logic [Lanes-1:0]          mask, after_mask;
  logic [LaneWidth-1:0]      last_lane;  // with an element, in the last word of a row

  assign last_lane   = cmd_i.cols[LaneWidth-1:0] - 1'b1;
  assign after_valid = valid_q[Fp32FmaLatency-1];
  assign back        = after_valid && after_slot == slot && after_part == part;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      mask[l]   = !word_last || LaneWidth'(l) <= last_lane;
      g[l]      = '{value: in_data_i[32*l +: 32],
                    index: cmd_i.by_column ? row : 16'(32'(word) * Lanes + l)};
      earlier[l] = first ? initial_value : back ? after[l] : accumulator_q[slot][part][l];
    end
  end
  weft_vector_fold #(.Lanes(Lanes)) u_fold (
    .clk_i, .reduce_i(cmd_i.reduce), .g_i(g), .acc_i(earlier), .result_o(after)
  );
  weft_delay #(.Width(1 + SlotWidth + PartWidth + Lanes), .Cycles(Fp32FmaLatency)) u_delay (
    .clk_i, .in_i({completes, slot, part, mask}),
    .out_o({after_completes, after_slot, after_part, after_mask})
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Fp32FmaLatency-2:0], in_valid_i};
    for (int unsigned l = 0; l < Lanes; l++) begin
      if (after_valid && after_mask[l]) accumulator_q[after_slot][after_part][l] <= after[l];
    end
  end

  // ------------------------------------------------------- rows to the tree
  logic               row_complete, drain, half_q, other_half_q;
  logic [SlotWidth:0] pending_q;     // complete rows that have not left
  slot_t              drain_slot_q;
  folded_t            row_q [Virtual];

  assign row_complete = after_valid && after_completes && !cmd_i.by_column;
  assign drain        = pending_q != 0 && !half_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      pending_q    <= '0;
      drain_slot_q <= '0;
      half_q       <= 1'b0;
      other_half_q <= 1'b0;
    end else begin
      pending_q    <= pending_q + (SlotWidth+1)'(row_complete) - (SlotWidth+1)'(drain);
      half_q       <= drain;
      other_half_q <= half_q;
      if (drain) drain_slot_q <= drain_slot_q + 1'b1;
    end
    if (drain) begin
      for (int unsigned l = 0; l < Virtual; l++) begin
        row_q[l] <= l < 32'(cmd_i.cols) ? accumulator_q[drain_slot_q][l / Lanes][l % Lanes]
                                        : initial_value;
      end
    end
  end

  // Squares are summed.
  logic [2:0] tree_reduce;
  assign tree_reduce = takes_largest ? cmd_i.reduce : 3'(ReduceSum);

  folded_t tree_8 [8], tree_4 [4], tree_2 [2], tree_1 [1], row_result [1];
  logic    valid_4, valid_2, valid_1, second_4, second_2, second_1, row_valid, unused_second;
  always_comb begin
    for (int unsigned i = 0; i < 8; i++) tree_8[i] = other_half_q ? row_q[8 + i] : row_q[i];
  end
  weft_vector_tree #(.Half(8)) u_tree_8 (
    .clk_i, .rst_ni, .reduce_i(tree_reduce), .in_valid_i(half_q || other_half_q),
    .in_second_i(other_half_q), .in_data_i(tree_8), .out_valid_o(valid_4),
    .out_second_o(second_4), .out_data_o(tree_4)
  );
  weft_vector_tree #(.Half(4)) u_tree_4 (
    .clk_i, .rst_ni, .reduce_i(tree_reduce), .in_valid_i(valid_4), .in_second_i(second_4),
    .in_data_i(tree_4), .out_valid_o(valid_2), .out_second_o(second_2), .out_data_o(tree_2)
  );
  weft_vector_tree #(.Half(2)) u_tree_2 (
    .clk_i, .rst_ni, .reduce_i(tree_reduce), .in_valid_i(valid_2), .in_second_i(second_2),
    .in_data_i(tree_2), .out_valid_o(valid_1), .out_second_o(second_1), .out_data_o(tree_1)
  );
  weft_vector_tree #(.Half(1)) u_tree_1 (
    .clk_i, .rst_ni, .reduce_i(tree_reduce), .in_valid_i(valid_1), .in_second_i(second_1),
    .in_data_i(tree_1), .out_valid_o(row_valid), .out_second_o(unused_second),
    .out_data_o(row_result)
  );

  // --------------------------------------------------------------- results
  logic [31:0]          gathered_q [Lanes];
  logic [15:0]          gathered_rows_q;
  logic [LaneWidth-1:0] gather_lane;
  logic                 gathered_last, push, queue_ready, written;
  logic [WordWidth-1:0] push_data;
  logic [CountWidth-1:0] claimed_q, unused_used;

  function automatic logic [31:0] result_of(folded_t x, logic index);
    return index ? 32'(x.index) : x.value;
  endfunction

  assign gather_lane   = gathered_rows_q[LaneWidth-1:0];
  assign gathered_last = gathered_rows_q + 1'b1 == cmd_i.rows;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      push_data[32*l +: 32] = cmd_i.by_column ? result_of(after[l], takes_index)
                            : LaneWidth'(l) == gather_lane
                              ? result_of(row_result[0], takes_index) : gathered_q[l];
    end
  end
  assign push = cmd_i.by_column ? after_valid && after_completes
                                : row_valid && (&gather_lane || gathered_last);
  always_ff @(posedge clk_i) begin
    if (start_i) gathered_rows_q <= '0;
    else if (row_valid) gathered_rows_q <= gathered_rows_q + 1'b1;
    if (row_valid) gathered_q[gather_lane] <= result_of(row_result[0], takes_index);
  end

  weft_fifo #(.Width(WordWidth), .Depth(QueueDepth)) u_queue (
    .clk_i, .rst_ni, .in_valid_i(push), .in_ready_o(queue_ready), .in_data_i(push_data),
    .out_valid_o, .out_ready_i, .out_data_o, .used_o(unused_used)
  );
  assign place_o = 32'(claimed_q) != QueueDepth;
  assign written = out_valid_o && out_ready_i;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) claimed_q <= '0;
    else claimed_q <= claimed_q + CountWidth'(claim_i) - CountWidth'(written);
  end

  // ---------------------------------------------------------------- writing
  logic [15:0] out_left_q;  // results from this word on
  assign out_last_o = 32'(out_left_q) <= Lanes;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) out_mask_o[l] = l < 32'(out_left_q);
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      out_address_o <= v_address_t'(32'(cmd_i.reduce_dst) * Parts);
      out_left_q    <= cmd_i.by_column ? cmd_i.cols : cmd_i.rows;
    end else if (written) begin
      out_address_o <= out_address_o + 1'b1;
      out_left_q    <= out_left_q - 16'(Lanes);
    end
  end

  `WEFT_ASSERT(PlaceForEveryResult, push |-> queue_ready)
  // A row's accumulators are written anew no earlier than in the cycle in which they leave.
  slot_t after_ahead;
  assign after_ahead = after_slot - drain_slot_q;
  `WEFT_ASSERT(RowsLeaveInTime,
      after_valid && !cmd_i.by_column |-> 32'(after_ahead) >= 32'(pending_q)
                                          || (drain && after_ahead == 0))
endmodule
