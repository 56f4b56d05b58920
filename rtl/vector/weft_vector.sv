// SPDX-License-Identifier: Apache-2.0
// weft_vector: executes vector commands, V to V, up to one word of Lanes elements per cycle.
//
// One command at a time: the column and the row vector, if there are any, go to their side
// memories; then the first and the second stream meet word by word and pass the chain. Results
// wait in a queue for their bank, and so do those of a reduction. A word enters the chain only when
// its results have a place in their queues. A reduction changes the order in which words are read
// and written, and its words keep the distances that weft_vector_reduce wants.
//
// Words enter at most one per cycle; with a function, one every Lanes / FunctionLanes cycles. A
// reduction by row takes at least two cycles per row.
// retire_o pulses in the cycle the last word is written. cmd_ready_o depends on no input.
`include "weft_assert.svh"

module weft_vector
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_hls_pkg::*;
  import weft_vector_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  parameter  int unsigned FunctionLanes = 4,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  vector_cmd_t          cmd_i,
  output logic                 retire_o,
  output logic                 active_o,
  output logic                 busy_o,       // a word enters the chain or a side memory
  output logic                 wait_bank_o,

  // Read ports of V: first stream; second stream, column and row vector.
  output logic                 v_read_valid_o      [2],
  input  logic                 v_read_ready_i      [2],
  output v_address_t           v_read_address_o    [2],
  input  logic                 v_read_data_valid_i [2],
  input  logic [WordWidth-1:0] v_read_data_i       [2],

  output logic                 v_write_valid_o,
  input  logic                 v_write_ready_i,
  output v_address_t           v_write_address_o,
  output logic [Lanes-1:0]     v_write_mask_o,
  output logic [WordWidth-1:0] v_write_data_o,
  output where_t               v_write_where_o
);
  localparam int unsigned WordParts  = 16 / Lanes;
  localparam int unsigned QueueDepth = Lanes < 16 ? 64 : 32;  // words fewer lanes need more of
  localparam int unsigned LaneWidth  = $clog2(Lanes);
  localparam int unsigned ColumnIndex = $clog2(MaxColumn / Lanes);
  localparam int unsigned RowIndex   = $clog2(MaxRow / Lanes);
  typedef enum logic [2:0] {StIdle, StStart, StColumn, StRow, StStream} state_e;

  state_e      state_q;
  vector_cmd_t cmd_q;
  logic [15:0] words, row_words;  // of a row; of the row vector
  logic        start, uses_second, uses_column, uses_row, reduces;
  v_order_e    order;

  function automatic logic uses(vector_cmd_t c, operand_e operand);
    return 8'(c.multiplicand) == operand || 8'(c.addend) == operand
        || 8'(c.compare_with) == operand || 8'(c.divisor) == operand
        || 8'(c.multiplicand2) == operand || 8'(c.addend2) == operand;
  endfunction
  function automatic v_address_t address(logic [15:0] value);
    return v_address_t'(32'(value) * WordParts);
  endfunction
  function automatic logic [15:0] words_of(logic [15:0] elements);
    return 16'((32'(elements) + Lanes - 1) / Lanes);
  endfunction

  assign cmd_ready_o = state_q == StIdle;
  assign start       = state_q == StStart;
  assign words       = words_of(cmd_q.cols);
  assign row_words   = words_of(cmd_q.rows);
  assign uses_second = uses(cmd_q, OperandSecond);
  assign uses_column = uses(cmd_q, OperandColumn);
  assign uses_row    = uses(cmd_q, OperandRow);
  assign reduces     = 8'(cmd_q.reduce) != ReduceNone;
  assign order       = order_of(cmd_q);

  // Readers. The second one brings the column and the row vector first.
  logic                 first_valid, first_idle, second_valid, second_take, second_idle;
  logic                 read_column, read_row, read_second, column_done, row_done, enter;
  logic                 column_fill, row_fill;
  logic [15:0]          column_filled, row_filled;
  logic [WordWidth-1:0] first_data, second_data;

  assign column_fill = state_q == StColumn && second_valid;
  assign row_fill    = state_q == StRow && second_valid;
  assign column_done = column_fill && column_filled + 1'b1 == words;
  assign row_done    = row_fill && row_filled + 1'b1 == row_words;
  assign read_column = start && uses_column;
  assign read_row    = uses_row && ((start && !uses_column) || column_done);
  assign read_second = uses_second && ((start && !uses_column && !uses_row)
                                       || (column_done && !uses_row) || row_done);
  assign second_take = column_fill || row_fill || (enter && uses_second);
  assign busy_o      = column_fill || row_fill || enter;

  weft_v_reader #(.WordWidth(WordWidth)) u_first (
    .clk_i, .rst_ni,
    .cmd_valid_i(start), .cmd_ready_o(first_idle), .cmd_base_i(address(cmd_q.src)),
    .cmd_pitch_i(address(cmd_q.src_pitch)), .cmd_rows_i(cmd_q.rows), .cmd_words_i(words),
    .cmd_order_i(order), .v_valid_o(v_read_valid_o[0]), .v_ready_i(v_read_ready_i[0]),
    .v_address_o(v_read_address_o[0]), .v_data_valid_i(v_read_data_valid_i[0]),
    .v_data_i(v_read_data_i[0]),
    .out_valid_o(first_valid), .out_ready_i(enter), .out_data_o(first_data)
  );
  weft_v_reader #(.WordWidth(WordWidth)) u_second (
    .clk_i, .rst_ni,
    .cmd_valid_i(read_column || read_row || read_second), .cmd_ready_o(second_idle),
    .cmd_base_i(address(read_column ? cmd_q.column : read_row ? cmd_q.row : cmd_q.second)),
    .cmd_pitch_i(address(cmd_q.second_pitch)), .cmd_rows_i(read_second ? cmd_q.rows : 16'd1),
    .cmd_words_i(read_row ? row_words : words),
    .cmd_order_i(read_second ? order : OrderPlain),
    .v_valid_o(v_read_valid_o[1]), .v_ready_i(v_read_ready_i[1]),
    .v_address_o(v_read_address_o[1]), .v_data_valid_i(v_read_data_valid_i[1]),
    .v_data_i(v_read_data_i[1]),
    .out_valid_o(second_valid), .out_ready_i(second_take), .out_data_o(second_data)
  );

  // Entering: a word of each stream, a place for each result, and the distance to the last word.
  localparam int unsigned CountWidth = $clog2(QueueDepth + 1);
  localparam int unsigned Turns      = Lanes / FunctionLanes;
  localparam int unsigned PauseWidth = 4;
  localparam int unsigned SlotWidth  = $clog2(RotationSlots);
  logic [15:0]           enter_row, enter_word, next_row, next_word;
  logic [CountWidth-1:0] reserved_q;
  logic [PauseWidth-1:0] pause_q, turn_pause, pass_pause;
  logic                  streaming_q, entered_q;  // all words of the command have
  logic                  pass_end, enter_last, claim, reduce_place, written;
  v_address_t            unused_enter_address;

  weft_v_walk u_enter_walk (
    .clk_i, .start_i(start), .base_i('0), .pitch_i('0), .rows_i(cmd_q.rows), .words_i(words),
    .order_i(order), .advance_i(enter), .address_o(unused_enter_address), .row_o(enter_row),
    .word_o(enter_word), .next_row_o(next_row), .next_word_o(next_word), .pass_end_o(pass_end),
    .last_o(enter_last)
  );
  assign enter = streaming_q && !entered_q && first_valid && (!uses_second || second_valid)
              && pause_q == 0 && (cmd_q.discard || 32'(reserved_q) != QueueDepth)
              && (!reduces || reduce_place);

  // Results of a reduction by row share a word with those of the rows next to them.
  assign claim = enter && reduces
              && (cmd_q.by_column ? enter_row + 1'b1 == cmd_q.rows
                                  : enter_word + 1'b1 == words && enter_row[LaneWidth-1:0] == 0);

  // A function takes its turns. A pass of less than eight rows or words lasts until its first
  // accumulator is back, one that finishes eight rows at once until these have left.
  localparam int unsigned RowPass = (Fp32FmaLatency + WordParts - 1) / WordParts;
  function automatic logic [PauseWidth-1:0] up_to(int unsigned pass,
                                                  logic [SlotWidth-1:0] slot);
    return 32'(slot) + 1 < pass ? PauseWidth'(pass - 1 - 32'(slot)) : '0;
  endfunction
  always_comb begin
    turn_pause = 8'(cmd_q.func) != FunctionNone ? PauseWidth'(Turns - 1) : '0;
    pass_pause = '0;
    if (order == OrderWords) begin
      pass_pause = up_to(Fp32FmaLatency, enter_word[SlotWidth-1:0]);
    end else if (order == OrderRows) begin
      pass_pause = words == 1 ? up_to(2 * RotationSlots, enter_row[SlotWidth-1:0])
                              : up_to(RowPass, enter_row[SlotWidth-1:0]);
    end
  end

  // Side memories are read one word ahead.
  logic [WordWidth-1:0] column_data, row_data;
  weft_vector_side #(.Lanes(Lanes), .Elements(MaxColumn)) u_column (
    .clk_i, .clear_i(start), .fill_i(column_fill), .fill_data_i(second_data),
    .filled_o(column_filled), .read_word_i(next_word[ColumnIndex-1:0]), .read_data_o(column_data)
  );
  weft_vector_side #(.Lanes(Lanes), .Elements(MaxRow)) u_row (
    .clk_i, .clear_i(start), .fill_i(row_fill), .fill_data_i(second_data),
    .filled_o(row_filled), .read_word_i(next_row[LaneWidth +: RowIndex]), .read_data_o(row_data)
  );

  logic dst_done_q, dst_written, dst_last, reduce_done_q, reduce_written, reduce_last;
  assign retire_o = written && (dst_done_q || (dst_written && dst_last))
                 && (reduce_done_q || (reduce_written && reduce_last));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= StIdle;
      streaming_q <= 1'b0;
      entered_q   <= 1'b0;
      pause_q     <= '0;
      reserved_q  <= '0;
    end else begin
      unique case (state_q)
        StIdle:   if (cmd_valid_i) state_q <= StStart;
        StStart:  state_q <= uses_column ? StColumn : uses_row ? StRow : StStream;
        StColumn: if (column_done) state_q <= uses_row ? StRow : StStream;
        StRow:    if (row_done) state_q <= StStream;
        default:  if (retire_o) state_q <= StIdle;
      endcase
      // One cycle behind the side memories' last word, which can be read then.
      streaming_q <= state_q == StStream && !retire_o;
      if (start) entered_q <= 1'b0;
      else if (enter) entered_q <= enter_last;
      if (enter) begin
        pause_q <= pass_end && pass_pause > turn_pause ? pass_pause : turn_pause;
      end else if (pause_q != 0) begin
        pause_q <= pause_q - 1'b1;
      end
      reserved_q <= reserved_q + CountWidth'(enter && !cmd_q.discard) - CountWidth'(dst_written);
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) cmd_q <= cmd_i;
    if (start) begin
      dst_done_q    <= cmd_q.discard;
      reduce_done_q <= !reduces;
    end else begin
      if (dst_written && dst_last) dst_done_q <= 1'b1;
      if (reduce_written && reduce_last) reduce_done_q <= 1'b1;
    end
  end

  // The chain, the queue behind it, and the reduction.
  logic                  g_valid, chain_valid, dst_ready, dst_valid, reduce_valid, reduce_clk;
  logic [WordWidth-1:0]  g, chain_data, dst_data, reduce_data;
  logic [CountWidth-1:0] unused_used;
  v_address_t            dst_address, reduce_address;
  logic [Lanes-1:0]      dst_mask, reduce_mask;

  weft_vector_chain #(.Lanes(Lanes), .FunctionLanes(FunctionLanes)) u_chain (
    .clk_i, .rst_ni, .cmd_i(cmd_q), .in_valid_i(enter), .first_i(first_data),
    .second_i(second_data), .column_i(column_data),
    .row_i(row_data[32*enter_row[LaneWidth-1:0] +: 32]), .g_valid_o(g_valid), .g_o(g),
    .out_valid_o(chain_valid), .out_data_o(chain_data)
  );
  weft_fifo #(.Width(WordWidth), .Depth(QueueDepth)) u_queue (
    .clk_i, .rst_ni, .in_valid_i(chain_valid && !cmd_q.discard), .in_ready_o(dst_ready),
    .in_data_i(chain_data), .out_valid_o(dst_valid), .out_ready_i(dst_written),
    .out_data_o(dst_data), .used_o(unused_used)
  );
  weft_clock_gate u_reduce_gate (.clk_i, .en_i(reduces || !rst_ni), .clk_o(reduce_clk));
  weft_vector_reduce #(.Lanes(Lanes)) u_reduce (
    .clk_i(reduce_clk), .rst_ni, .start_i(start), .cmd_i(cmd_q), .words_i(words),
    .claim_i(claim), .place_o(reduce_place), .in_valid_i(g_valid && reduces), .in_data_i(g),
    .out_valid_o(reduce_valid), .out_ready_i(reduce_written), .out_address_o(reduce_address),
    .out_mask_o(reduce_mask), .out_data_o(reduce_data), .out_last_o(reduce_last)
  );

  // Writing: results of a reduction first, but whoever waits for its bank goes on waiting.
  logic [15:0] unused_dst_row, dst_word, unused_next_row, unused_next_word;
  logic        unused_dst_pass_end, pick_reduce, waits_q, waits_reduce_q;
  weft_v_walk u_dst_walk (
    .clk_i, .start_i(start), .base_i(address(cmd_q.dst)), .pitch_i(address(cmd_q.dst_pitch)),
    .rows_i(cmd_q.rows), .words_i(words), .order_i(order), .advance_i(dst_written),
    .address_o(dst_address), .row_o(unused_dst_row), .word_o(dst_word),
    .next_row_o(unused_next_row), .next_word_o(unused_next_word),
    .pass_end_o(unused_dst_pass_end), .last_o(dst_last)
  );
  // Lanes of the last word of a row that it has elements for: up to this one.
  logic [LaneWidth-1:0] last_lane;
  assign last_lane = cmd_q.cols[LaneWidth-1:0] - 1'b1;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      dst_mask[l] = dst_word + 1'b1 != words || LaneWidth'(l) <= last_lane;
    end
  end
  assign pick_reduce       = waits_q ? waits_reduce_q : reduce_valid;
  assign v_write_valid_o   = dst_valid || reduce_valid;
  assign v_write_address_o = pick_reduce ? reduce_address : dst_address;
  assign v_write_mask_o    = pick_reduce ? reduce_mask : dst_mask;
  assign v_write_data_o    = pick_reduce ? reduce_data : dst_data;
  assign v_write_where_o   = cmd_q.where;
  assign written           = v_write_valid_o && v_write_ready_i;
  assign reduce_written    = written && pick_reduce;
  assign dst_written       = written && !pick_reduce;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) waits_q <= 1'b0;
    else waits_q <= v_write_valid_o && !v_write_ready_i;
    waits_reduce_q <= pick_reduce;
  end

  assign active_o    = state_q != StIdle;
  assign wait_bank_o = (v_write_valid_o && !v_write_ready_i)
                    || (v_read_valid_o[0] && !v_read_ready_i[0])
                    || (v_read_valid_o[1] && !v_read_ready_i[1]);

  `WEFT_ASSERT(PlaceForEveryResult, chain_valid && !cmd_q.discard |-> dst_ready)
  `WEFT_ASSERT(ReadersFreeAtStart, start |-> first_idle)
  `WEFT_ASSERT(SecondFreeAtStart, read_column || read_row || read_second |-> second_idle)

endmodule
