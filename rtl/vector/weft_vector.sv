// SPDX-License-Identifier: Apache-2.0
// weft_vector: executes vector commands, V to V, one word of Lanes elements per cycle.
//
// One command at a time: the column vector, if there is one, goes to its side memory; then the
// first and the second stream meet word by word and pass the chain; results wait in a queue for
// their bank. A word enters the chain only when its result has a place in the queue.
// retire_o pulses in the cycle the last word is written. cmd_ready_o depends on no input.
`include "weft_assert.svh"

module weft_vector
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  localparam int unsigned WordWidth = 32 * Lanes
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 cmd_valid_i,
  output logic                 cmd_ready_o,
  input  vector_cmd_t          cmd_i,
  output logic                 retire_o,
  output logic                 active_o,
  output logic                 busy_o,       // a word enters the chain or the side memory
  output logic                 wait_bank_o,

  // Read ports of V: first stream, second stream and column vector.
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
  localparam int unsigned QueueDepth = 32;
  localparam int unsigned ColumnWords = MaxColumn / Lanes;
  localparam int unsigned ColumnWidth = $clog2(ColumnWords);
  typedef enum logic [1:0] {StIdle, StStart, StColumn, StStream} state_e;

  state_e      state_q;
  vector_cmd_t cmd_q;
  logic [15:0] words;  // of a row
  logic        uses_second, uses_column;

  function automatic logic uses(vector_cmd_t c, logic [2:0] operand);
    return c.multiplicand == operand || c.addend == operand || c.compare_with == operand;
  endfunction
  function automatic v_address_t address(logic [15:0] value);
    return v_address_t'(32'(value) * WordParts);
  endfunction

  assign cmd_ready_o = state_q == StIdle;
  assign words       = 16'((32'(cmd_q.cols) + Lanes - 1) / Lanes);
  assign uses_second = uses(cmd_q, 3'(OperandSecond));
  assign uses_column = uses(cmd_q, 3'(OperandColumn));

  // Readers. The second one brings the column vector first.
  logic                 first_start, first_valid, first_take, first_idle;
  logic                 second_start, second_valid, second_take, second_idle, second_column;
  logic [WordWidth-1:0] first_data, second_data;

  weft_v_reader #(.WordWidth(WordWidth)) u_first (
    .clk_i, .rst_ni,
    .cmd_valid_i(first_start), .cmd_ready_o(first_idle), .cmd_base_i(address(cmd_q.src)),
    .cmd_pitch_i(address(cmd_q.src_pitch)), .cmd_rows_i(cmd_q.rows), .cmd_words_i(words), .cmd_order_i(OrderPlain),
    .v_valid_o(v_read_valid_o[0]), .v_ready_i(v_read_ready_i[0]),
    .v_address_o(v_read_address_o[0]), .v_data_valid_i(v_read_data_valid_i[0]),
    .v_data_i(v_read_data_i[0]),
    .out_valid_o(first_valid), .out_ready_i(first_take), .out_data_o(first_data)
  );
  weft_v_reader #(.WordWidth(WordWidth)) u_second (
    .clk_i, .rst_ni,
    .cmd_valid_i(second_start), .cmd_ready_o(second_idle),
    .cmd_base_i(address(second_column ? cmd_q.column : cmd_q.second)),
    .cmd_pitch_i(address(cmd_q.second_pitch)),
    .cmd_rows_i(second_column ? 16'd1 : cmd_q.rows), .cmd_words_i(words), .cmd_order_i(OrderPlain),
    .v_valid_o(v_read_valid_o[1]), .v_ready_i(v_read_ready_i[1]),
    .v_address_o(v_read_address_o[1]), .v_data_valid_i(v_read_data_valid_i[1]),
    .v_data_i(v_read_data_i[1]),
    .out_valid_o(second_valid), .out_ready_i(second_take), .out_data_o(second_data)
  );

  // Joining: a word of each stream and a place in the queue.
  localparam int unsigned CountWidth = $clog2(QueueDepth + 1);
  logic [15:0]           enter_word_q, enter_row_q;  // position in the row, rows still to enter
  logic [CountWidth-1:0] reserved_q;
  logic                  entered_q;                  // all words of the command have
  logic                  enter, row_end, written;

  assign row_end = enter_word_q + 1'b1 == words;
  assign enter   = state_q == StStream && !entered_q && first_valid
                && (!uses_second || second_valid) && 32'(reserved_q) != QueueDepth;
  assign first_take  = enter;
  assign second_take = state_q == StColumn || (enter && uses_second);
  assign busy_o      = enter || (state_q == StColumn && second_valid);

  // The column vector: written in order, read one word ahead.
  logic [WordWidth-1:0] column_q [ColumnWords];
  logic [WordWidth-1:0] column_data_q;
  logic [15:0]          column_fill_q, column_next;
  assign column_next = !enter ? enter_word_q : row_end ? '0 : enter_word_q + 1'b1;
  always_ff @(posedge clk_i) begin
    if (state_q == StColumn && second_valid) begin
      column_q[column_fill_q[ColumnWidth-1:0]] <= second_data;
    end
    column_data_q <= column_q[column_next[ColumnWidth-1:0]];
  end

  logic column_done;
  assign column_done   = state_q == StColumn && second_valid && column_fill_q + 1'b1 == words;
  assign second_column = state_q == StStart && uses_column;
  // A stream starts as soon as its reader is free: at once, or behind the column vector. One cycle
  // passes between the last word of the column vector and the first word that uses it.
  assign first_start   = (state_q == StStart && !uses_column) || column_done;
  assign second_start  = (state_q == StStart && (uses_column || uses_second))
                      || (column_done && uses_second);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= StIdle;
      column_fill_q <= '0;
      enter_word_q  <= '0;
      entered_q     <= 1'b0;
      reserved_q    <= '0;
    end else begin
      unique case (state_q)
        StIdle:   if (cmd_valid_i) state_q <= StStart;
        StStart:  state_q <= uses_column ? StColumn : StStream;
        StColumn: if (column_done) state_q <= StStream;
        StStream: if (retire_o) state_q <= StIdle;
      endcase
      if (state_q == StStart) column_fill_q <= '0;
      else if (state_q == StColumn && second_valid) column_fill_q <= column_fill_q + 1'b1;
      if (state_q == StStart) begin
        enter_word_q <= '0;
        entered_q    <= 1'b0;
      end else if (enter) begin
        enter_word_q <= row_end ? '0 : enter_word_q + 1'b1;
        entered_q    <= row_end && enter_row_q == 1;
      end
      reserved_q <= reserved_q + CountWidth'(enter) - CountWidth'(written);
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StIdle) cmd_q <= cmd_i;
    if (state_q == StStart) enter_row_q <= cmd_q.rows;
    else if (enter && row_end) enter_row_q <= enter_row_q - 1'b1;
  end

  // The chain and the queue behind it.
  logic                 chain_valid, queue_ready;
  logic [WordWidth-1:0] chain_data;
  logic [CountWidth-1:0] unused_used;
  weft_vector_chain #(.Lanes(Lanes)) u_chain (
    .clk_i, .rst_ni, .cmd_i(cmd_q), .in_valid_i(enter), .first_i(first_data),
    .second_i(second_data), .column_i(column_data_q),
    .out_valid_o(chain_valid), .out_data_o(chain_data)
  );
  weft_fifo #(.Width(WordWidth), .Depth(QueueDepth)) u_queue (
    .clk_i, .rst_ni, .in_valid_i(chain_valid), .in_ready_o(queue_ready), .in_data_i(chain_data),
    .out_valid_o(v_write_valid_o), .out_ready_i(v_write_ready_i), .out_data_o(v_write_data_o),
    .used_o(unused_used)
  );

  // Writing.
  logic [15:0] write_word_q, write_rows_q, write_left_q;  // left: columns from this word on
  v_address_t  write_row_q, write_address_q;
  logic        write_row_end;

  assign written           = v_write_valid_o && v_write_ready_i;
  assign write_row_end     = write_word_q == 1;
  assign retire_o          = written && write_row_end && write_rows_q == 1;
  assign v_write_address_o = write_address_q;
  assign v_write_where_o   = cmd_q.where;
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) v_write_mask_o[l] = l < 32'(write_left_q);
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StStart) begin
      write_row_q     <= address(cmd_q.dst);
      write_address_q <= address(cmd_q.dst);
      write_word_q    <= words;
      write_left_q    <= cmd_q.cols;
      write_rows_q    <= cmd_q.rows;
    end else if (written) begin
      if (write_row_end) begin
        write_row_q     <= write_row_q + address(cmd_q.dst_pitch);
        write_address_q <= write_row_q + address(cmd_q.dst_pitch);
        write_word_q    <= words;
        write_left_q    <= cmd_q.cols;
        write_rows_q    <= write_rows_q - 1'b1;
      end else begin
        write_address_q <= write_address_q + 1'b1;
        write_word_q    <= write_word_q - 1'b1;
        write_left_q    <= write_left_q - 16'(Lanes);
      end
    end
  end

  assign active_o    = state_q != StIdle;
  assign wait_bank_o = (v_write_valid_o && !v_write_ready_i)
                    || (v_read_valid_o[0] && !v_read_ready_i[0])
                    || (v_read_valid_o[1] && !v_read_ready_i[1]);

  `WEFT_ASSERT(PlaceForEveryResult, chain_valid |-> queue_ready)
  `WEFT_ASSERT(ReadersFreeAtStart, first_start |-> first_idle)
  `WEFT_ASSERT(SecondFreeAtStart, second_start |-> second_idle)

endmodule
