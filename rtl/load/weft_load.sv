// SPDX-License-Identifier: Apache-2.0
// weft_load: executes load commands, memory to A, B and V, and V to A and B.
//
// Addresses run ahead of data: up to QueueDepth commands are being read while one is being placed.
// A burst is requested only when all its beats have a place in the data queue (ReadDepth beats), so
// read data is always taken. Words of V take the place of beats for a command that reads V; it
// begins to read when the aligner takes it. Three ways lead on from the aligner: raw mantissas
// straight to A or B, the quantiser to A or B, on the way the transposer if rows and columns are
// exchanged, words to V; the next command waits when it takes another way than the last until
// everything before it has landed. So what a load reads in V, loads before it have written; but a
// gather reads its indices at once, ahead of the data like the addresses it makes of them.
// retire_o pulses in the cycle the last scratchpad write of a command happens.
// cmd_ready_o depends on no input.
`include "weft_assert.svh"

module weft_load
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned Bytes     = 64,
  parameter  int unsigned ReadDepth = 512,
  localparam int unsigned Lanes = Bytes / 4,
  localparam int unsigned Steps = Bytes / 8
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  load_cmd_t          cmd_i,
  output logic               retire_o,
  output logic               active_o,
  output logic               busy_o,       // a chunk goes to its scratchpad
  output logic               wait_read_o,  // memory owes data
  output logic               wait_bank_o,
  output logic               error_valid_o,
  output memory_error_t      error_o,
  output logic               index_error_valid_o,  // an index of a gather is out of range
  output memory_error_t      index_error_o,

  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [63:0]        ar_address_o,
  output logic [7:0]         ar_len_o,
  input  logic               r_valid_i,   // always taken
  input  logic [8*Bytes-1:0] r_data_i,
  input  logic               r_error_i,
  input  logic               r_last_i,

  output logic               ab_write_o,   // mantissas into A or B
  output place_t             ab_place_o,
  output logic [Steps-1:0]   ab_mask_o,
  output logic [8*Bytes-1:0] ab_data_o,

  output logic               v_read_valid_o,
  input  logic               v_read_ready_i,
  output v_address_t         v_read_address_o,
  input  logic               v_read_data_valid_i,
  input  logic [8*Bytes-1:0] v_read_data_i,
  output logic               v_write_valid_o,
  input  logic               v_write_ready_i,
  output v_address_t         v_write_address_o,
  output logic [Lanes-1:0]   v_write_mask_o,
  output logic [8*Bytes-1:0] v_write_data_o,
  output where_t             v_write_where_o
);
  localparam int unsigned QueueDepth  = 4;
  localparam int unsigned MaxBursts   = 128;  // of one beat each if transposed: cycles of latency
  localparam int unsigned BlockWrites = Bytes < 32 ? 32 / Bytes : 1;  // cycles to write a block
  localparam int unsigned CountWidth  = $clog2(ReadDepth + 1);
  localparam int unsigned BeatBits    = $clog2(Bytes);

  // Requests.
  logic          bursts_ready, burst_valid, burst_last, burst_take, open_ready;
  logic          queue_ready, queue_valid, queue_take, gather_ready, start;
  load_cmd_t     queue_cmd;
  logic          packed_mx;
  logic [17:0]   row_bytes;
  logic [15:0]   strips;
  logic [6:0]    last_strip;          // bytes of a row in the last strip
  where_t        where_q;
  logic [CountWidth-1:0] reserved_q;  // beats requested or waiting
  logic          beat_valid, beat_ready, data_ready;
  logic [8*Bytes-1:0] beat;

  assign cmd_ready_o = bursts_ready && queue_ready && gather_ready;
  assign start       = cmd_valid_i && cmd_ready_o;
  assign packed_mx   = cmd_i.format == 2'(LoadFormatMxint8);
  assign row_bytes   = cmd_i.format == 2'(LoadFormatFp32) ? 18'(cmd_i.cols) << 2
                     : cmd_i.format == 2'(LoadFormatBf16) ? 18'(cmd_i.cols) << 1 : 18'(cmd_i.cols);
  // A transposed source is read strip by strip, all rows of all groups before the next.
  assign strips      = cmd_i.transpose ? 16'((32'(row_bytes) + StripBytes - 1) / StripBytes)
                                       : 16'd1;
  assign last_strip  = 7'((32'(row_bytes) - 1) % StripBytes + 1);

  // Gathered rows are requested one by one, each when its place is known; where it begins in its
  // first beat, the aligner has to know too.
  logic                row_valid, row_take, shifts_ready, shift_valid, shift_take;
  logic [63:0]         row_address;
  logic [17:0]         gather_bytes;
  logic [BeatBits-1:0] shift;
  logic                index_read_valid, index_data_valid;
  v_address_t          index_read_address;
  logic [$clog2(MaxBursts+1)-1:0] unused_shifts_used;
  assign row_take = row_valid && bursts_ready && shifts_ready;
  weft_load_gather #(.Bytes(Bytes)) u_gather (
    .clk_i, .rst_ni, .cmd_valid_i(start && cmd_i.gather), .cmd_ready_o(gather_ready), .cmd_i,
    .v_valid_o(index_read_valid), .v_ready_i(v_read_ready_i), .v_address_o(index_read_address),
    .v_data_valid_i(index_data_valid), .v_data_i(v_read_data_i), .row_valid_o(row_valid),
    .row_ready_i(bursts_ready && shifts_ready), .row_address_o(row_address),
    .row_bytes_o(gather_bytes), .error_valid_o(index_error_valid_o), .error_o(index_error_o)
  );
  weft_fifo #(.Width(BeatBits), .Depth(MaxBursts)) u_shifts (
    .clk_i, .rst_ni, .in_valid_i(row_take), .in_ready_o(shifts_ready),
    .in_data_i(row_address[BeatBits-1:0]), .out_valid_o(shift_valid), .out_ready_i(shift_take),
    .out_data_o(shift), .used_o(unused_shifts_used)
  );

  logic one_row;  // of a table, or a packed matrix
  assign one_row = !gather_ready || packed_mx;
  weft_bursts #(.Bytes(Bytes)) u_bursts (
    .clk_i, .rst_ni,
    .cmd_valid_i(gather_ready ? start && !cmd_i.from_v && !cmd_i.gather : row_take),
    .cmd_ready_o(bursts_ready),
    .cmd_address_i(gather_ready ? cmd_i.address : row_address), .cmd_stride_i(cmd_i.row_stride),
    .cmd_rows_i(one_row ? 16'd1 : cmd_i.rows),
    .cmd_extra_groups_i(one_row ? 16'd0 : cmd_i.extra_groups),
    .cmd_group_stride_i(cmd_i.group_stride),
    .cmd_row_bytes_i(48'(StripBytes)), .cmd_turns_i(one_row ? 16'd1 : strips),
    .cmd_turn_stride_i(StripBytes),
    .cmd_last_bytes_i(!gather_ready ? 48'(gather_bytes) : packed_mx ? cmd_i.extent
                      : cmd_i.transpose ? 48'(last_strip) : 48'(row_bytes)),
    .burst_valid_o(burst_valid), .burst_ready_i(burst_take), .burst_address_o(ar_address_o),
    .burst_len_o(ar_len_o), .last_o(burst_last)
  );
  assign ar_valid_o = burst_valid && open_ready
                   && 32'(reserved_q) + 32'(ar_len_o) + 1 <= ReadDepth;
  assign burst_take = ar_valid_o && ar_ready_i;

  always_ff @(posedge clk_i) begin
    if (start) where_q <= cmd_i.where;
    if (!rst_ni) reserved_q <= '0;
    else reserved_q <= reserved_q + (burst_take ? CountWidth'(ar_len_o) + 1'b1 : '0)
                                  - CountWidth'(beat_valid && beat_ready);
  end

  // What is remembered of a burst until its last beat.
  logic open_valid;
  logic [$clog2(MaxBursts+1)-1:0] open_used;
  weft_fifo #(.Width($bits(memory_error_t)), .Depth(MaxBursts)) u_open (
    .clk_i, .rst_ni, .in_valid_i(burst_take), .in_ready_o(open_ready),
    .in_data_i({where_q, ar_address_o}), .out_valid_o(open_valid),
    .out_ready_i(r_valid_i && r_last_i), .out_data_o(error_o), .used_o(open_used)
  );
  assign error_valid_o = r_valid_i && open_valid && r_error_i;

  weft_deep_fifo #(.Width(8 * Bytes), .Depth(ReadDepth)) u_data (
    .clk_i, .rst_ni, .in_valid_i(r_valid_i), .in_ready_o(data_ready), .in_data_i(r_data_i),
    .out_valid_o(beat_valid), .out_ready_i(beat_ready), .out_data_o(beat)
  );

  logic [2:0] unused_cmd_used;
  weft_fifo #(.Width($bits(load_cmd_t)), .Depth(QueueDepth)) u_commands (
    .clk_i, .rst_ni, .in_valid_i(start), .in_ready_o(queue_ready), .in_data_i(cmd_i),
    .out_valid_o(queue_valid), .out_ready_i(queue_take), .out_data_o(queue_cmd),
    .used_o(unused_cmd_used)
  );

  // Placing. unretired_q counts commands the aligner has taken.
  way_e       way_next, way_q;
  logic [3:0] unretired_q;
  logic       aligner_ready, same_way, startable, from_v, from_v_ready, word_valid, source_take;
  logic       chunk_valid, chunk_ready;
  chunk_t     chunk;
  detail_t    detail;
  logic [8*Bytes-1:0] chunk_data, word;

  assign way_next = queue_cmd.target == 2'(TargetV) ? WayV
                  : queue_cmd.format == 2'(LoadFormatInt8)
                    || queue_cmd.format == 2'(LoadFormatMxint8) ? WayRaw : WayQuantise;
  assign same_way   = unretired_q == 0 || (way_next == way_q && unretired_q != 4'd15);
  assign startable  = same_way && (!queue_cmd.gather || shift_valid);
  assign queue_take = aligner_ready && startable;

  weft_load_aligner #(.Bytes(Bytes)) u_aligner (
    .clk_i, .rst_ni, .cmd_valid_i(queue_valid && startable), .cmd_ready_o(aligner_ready),
    .cmd_i(queue_cmd), .shift_valid_i(shift_valid), .shift_ready_o(shift_take), .shift_i(shift),
    .from_v_o(from_v), .beat_valid_i(from_v ? word_valid : beat_valid),
    .beat_ready_o(source_take), .beat_i(from_v ? word : beat), .chunk_valid_o(chunk_valid),
    .chunk_ready_i(chunk_ready), .chunk_o(chunk), .detail_o(detail), .chunk_data_o(chunk_data)
  );
  assign beat_ready = source_take && !from_v;

  logic       word_read_valid, word_data_valid, read_index_q;
  v_address_t word_read_address;
  weft_load_from_v #(.Bytes(Bytes)) u_from_v (
    .clk_i, .rst_ni, .cmd_valid_i(queue_valid && queue_take && queue_cmd.from_v),
    .cmd_ready_o(from_v_ready), .cmd_i(queue_cmd), .v_valid_o(word_read_valid),
    .v_ready_i(v_read_ready_i && !index_read_valid), .v_address_o(word_read_address),
    .v_data_valid_i(word_data_valid), .v_data_i(v_read_data_i), .word_valid_o(word_valid),
    .word_ready_i(source_take && from_v), .word_o(word)
  );

  // Of the two readers of V, indices come first; there is one word of them for many rows.
  assign v_read_valid_o   = index_read_valid || word_read_valid;
  assign v_read_address_o = index_read_valid ? index_read_address : word_read_address;
  assign index_data_valid = v_read_data_valid_i && read_index_q;
  assign word_data_valid  = v_read_data_valid_i && !read_index_q;
  always_ff @(posedge clk_i) read_index_q <= index_read_valid;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) unretired_q <= '0;
    else unretired_q <= unretired_q + 4'(queue_valid && queue_take) - 4'(retire_o);
    if (queue_valid && queue_take) way_q <= way_next;
  end

  logic quantiser_ready, transposer_ready, v_ready, transposer_idle;
  assign chunk_ready = chunk.way == WayQuantise
                     ? (detail.transpose ? transposer_ready : transposer_idle && quantiser_ready)
                     : chunk.way == WayV ? v_ready : 1'b1;

  // Raw mantissas: a register, then A or B.
  logic               raw_valid_q, raw_last_q;
  place_t             raw_place, raw_place_q;
  logic               raw_reached_q;  // the row reaches the block that is being written
  logic [Steps-1:0]   raw_mask, raw_mask_q;
  logic [8*Bytes-1:0] raw_data_q;
  always_comb begin
    raw_place.where      = chunk.where;
    raw_place.to_b       = chunk.to_b;
    raw_place.cell_index = chunk.base + 16'(chunk.position >> 6);
    raw_place.row        = chunk.row;
    raw_place.step       = chunk.position[5:3];
    raw_place.scale      = chunk.scale;
    // A scale is written with the first step of its block, if the row reaches that block.
    raw_place.scale_write[0] = chunk.scaled && chunk.position[5:0] == 6'd0;
    raw_place.scale_write[1] = chunk.scaled && (Bytes >= 64 ? chunk.left > 17'd32
                                              : chunk.position[5:0] == 6'd32 && chunk.left != 0);
    for (int unsigned s = 0; s < Steps; s++) begin
      raw_mask[s] = (s * 8) / 32 * 32 < 32'(chunk.left) || (chunk.position[4:0] != 0);
    end
    // A block the row does not reach stays untouched: within a block all steps are written.
    if (Bytes < 32 && chunk.position[4:0] != 0) raw_mask = {Steps{raw_reached_q}};
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) raw_valid_q <= 1'b0;
    else raw_valid_q <= chunk_valid && chunk.way == WayRaw;
    if (chunk_valid && chunk.position[4:0] == 0) raw_reached_q <= chunk.left != 0;
    raw_last_q  <= chunk.last;
    raw_place_q <= raw_place;
    raw_mask_q  <= raw_mask;
    raw_data_q  <= chunk_data;
  end

  // Transposed chunks. Others wait until the transposer is empty, for their order's sake.
  logic               turned_valid, number_valid;
  chunk_t             turned, number;
  detail_t            turned_detail, number_detail;
  logic [TileBits-1:0] index_tile;
  logic [$clog2(Block/Lanes)-1:0] index_part;
  logic [31:0]        row_index [Lanes];
  logic [8*Bytes-1:0] turned_data, number_data;
  weft_load_transposer #(.Bytes(Bytes)) u_transposer (
    .clk_i, .rst_ni,
    .chunk_valid_i(chunk_valid && chunk.way == WayQuantise && detail.transpose),
    .chunk_ready_o(transposer_ready), .chunk_i(chunk), .detail_i(detail),
    .chunk_data_i(chunk_data), .idle_o(transposer_idle), .chunk_valid_o(turned_valid),
    .chunk_ready_i(quantiser_ready), .chunk_o(turned), .detail_o(turned_detail),
    .chunk_data_o(turned_data), .index_tile_i(index_tile), .index_part_i(index_part),
    .index_o(row_index)
  );
  assign number_valid  = transposer_idle
                       ? chunk_valid && chunk.way == WayQuantise && !detail.transpose
                       : turned_valid;
  assign number        = transposer_idle ? chunk : turned;
  assign number_detail = transposer_idle ? detail : turned_detail;
  assign number_data   = transposer_idle ? chunk_data : turned_data;

  // Quantised blocks: a block takes BlockWrites cycles when the port is narrower than it.
  logic         block_valid, block_last;
  logic [255:0] block;
  place_t       block_place;
  weft_load_quantiser #(.Bytes(Bytes), .MinGap(BlockWrites)) u_quantiser (
    .clk_i, .rst_ni, .chunk_valid_i(number_valid), .chunk_ready_o(quantiser_ready),
    .chunk_i(number), .detail_i(number_detail), .chunk_data_i(number_data),
    .index_tile_o(index_tile), .index_part_o(index_part), .index_i(row_index),
    .block_valid_o(block_valid), .block_o(block), .block_place_o(block_place),
    .block_last_o(block_last)
  );

  logic block_retire;
  if (BlockWrites == 1) begin : g_whole_block
    assign block_retire = block_valid && block_last;
    always_comb begin
      ab_write_o = raw_valid_q || block_valid;
      ab_place_o = block_valid ? block_place : raw_place_q;
      // The block fills half of the steps; the buffer takes them where step points.
      ab_data_o  = block_valid ? {(Bytes/32){block}} : raw_data_q;
      ab_mask_o  = raw_mask_q;
      if (block_valid) begin
        for (int unsigned s = 0; s < Steps; s++) ab_mask_o[s] = (s / 4) == 32'(block_place.step[2]);
        ab_place_o.step = '0;
      end
    end
  end else begin : g_half_block
    logic         rest_q, rest_last_q;
    place_t       rest_place_q;
    logic [127:0] rest_data_q;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) rest_q <= 1'b0;
      else rest_q <= block_valid;
      rest_last_q              <= block_last;
      rest_place_q             <= block_place;
      rest_place_q.step        <= block_place.step + 3'd2;
      rest_place_q.scale_write <= '0;
      rest_data_q              <= block[255:128];
    end
    assign block_retire = rest_q && rest_last_q;
    always_comb begin
      ab_write_o = raw_valid_q || block_valid || rest_q;
      ab_place_o = rest_q ? rest_place_q : block_valid ? block_place : raw_place_q;
      ab_data_o  = rest_q ? rest_data_q : block_valid ? block[127:0] : raw_data_q;
      ab_mask_o  = rest_q || block_valid ? '1 : raw_mask_q;
    end
    `WEFT_REQUIRE(BlockTakesTwoWrites, BlockWrites == 2)
  end

  logic v_last;
  weft_load_to_v #(.Bytes(Bytes)) u_to_v (
    .clk_i, .rst_ni, .chunk_valid_i(chunk_valid && chunk.way == WayV), .chunk_ready_o(v_ready),
    .chunk_i(chunk), .chunk_data_i(chunk_data),
    .v_valid_o(v_write_valid_o), .v_ready_i(v_write_ready_i), .v_address_o(v_write_address_o),
    .v_mask_o(v_write_mask_o), .v_data_o(v_write_data_o), .v_where_o(v_write_where_o),
    .last_o(v_last)
  );

  assign retire_o = (raw_valid_q && raw_last_q) || block_retire
                 || (v_write_valid_o && v_write_ready_i && v_last);

  assign active_o    = !bursts_ready || queue_valid || unretired_q != 0;
  assign busy_o      = chunk_valid && chunk_ready;
  assign wait_read_o = !from_v && !beat_valid && open_used != 0;
  assign wait_bank_o = (v_write_valid_o && !v_write_ready_i)
                    || (v_read_valid_o && !v_read_ready_i);

  `WEFT_ASSERT(PlaceForEveryBeat, r_valid_i |-> data_ready)
  `WEFT_ASSERT(DataOnlyForABurst, r_valid_i |-> open_valid)
  `WEFT_ASSERT(OneWayAtATime, !(raw_valid_q && block_valid))
  `WEFT_ASSERT(ReaderFreeAtStart, queue_valid && queue_take && queue_cmd.from_v |-> from_v_ready)

  logic unused_last;
  assign unused_last = burst_last;

endmodule
