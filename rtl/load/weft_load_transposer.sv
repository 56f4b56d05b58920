// SPDX-License-Identifier: Apache-2.0
// weft_load_transposer: chunks of the rows of a strip in, chunks of its columns out.
//
// A tile is 32 rows of a strip: one block of each of its columns. While one tile is emitted the
// next is filled, a chunk per cycle each, so FP32 passes at Bytes / 4 elements per cycle. BF16
// leaves widened to 32 bits, at the same number of elements per cycle. What the last tile of a
// strip lacks in rows leaves as zeros up to the chunk's end; later chunks are not emitted.
//
// Words of 32 bits (an FP32, or two BF16 of a row) lie in one memory per lane, row r's word w in
// memory (r + w) mod Lanes: the words of a chunk of a row, and those of a chunk of a column, are
// all in different memories.
//
// chunk_o.row_end and last are those of the operand's rows. idle_o: nothing is inside.
//
// The logical indices of the first elements of rows are kept for where blocks are rounded: of more
// tiles than can be under way, two filled or being filled, two in the stages behind, one rounded.
`include "weft_assert.svh"

module weft_load_transposer
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Lanes    = Bytes / 4,
  localparam int unsigned PartBits = $clog2(Block / Lanes)
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               chunk_valid_i,
  output logic               chunk_ready_o,
  input  chunk_t             chunk_i,
  input  detail_t            detail_i,
  input  logic [8*Bytes-1:0] chunk_data_i,

  output logic               idle_o,
  output logic               chunk_valid_o,
  input  logic               chunk_ready_i,
  output chunk_t             chunk_o,
  output detail_t            detail_o,
  output logic [8*Bytes-1:0] chunk_data_o,

  input  logic [TileBits-1:0]  index_tile_i,
  input  logic [PartBits-1:0]  index_part_i,   // rows from Lanes * index_part_i on
  output logic [31:0]          index_o [Lanes]
);
  localparam int unsigned Groups = StripBytes / Bytes;  // chunks of a row
  localparam int unsigned Parts  = Block / Lanes;       // chunks of a column
  localparam int unsigned Depth  = 2 * Block * Groups;  // words of a memory
  localparam int unsigned LaneBits  = $clog2(Lanes);
  localparam int unsigned IndexBits = $clog2(Depth);
  typedef logic [LaneBits-1:0]  lane_t;
  typedef logic [IndexBits-1:0] index_t;

  typedef struct packed {
    where_t      where;
    logic        to_b;
    logic        bf16;
    logic [15:0] base;       // cell of column 0
    logic [15:0] pitch;      // cells to column 16
    logic [15:0] position;   // of row 0 along the contraction
    logic [5:0]  columns;
    logic        stochastic;
    logic [31:0] seed;
    logic [15:0] tensor;
  } tile_t;

  function automatic index_t index_of(logic which, logic [4:0] row, logic [3:0] word);
    return index_t'((32'(which) * Block + 32'(row)) * Groups + 32'(word) / Lanes);
  endfunction

  tile_t       tile_q [2];
  logic [5:0]  tile_rows_q [2];
  logic        tile_end_q [2], tile_last_q [2];  // of the strip, of the command
  logic [1:0]  used_q;                           // tiles filled and not yet emitted

  // ---------------------------------------------------------------- filling
  logic [TileBits-1:0] fill_number_q;            // of the tile
  logic        fill;                             // which tile
  logic [4:0]  row_q;
  logic [15:0] position_q;
  logic        take, filled;
  logic [3:0]  fill_word;

  assign fill          = fill_number_q[0];
  assign chunk_ready_o = used_q != 2'd2;
  assign take          = chunk_valid_i && chunk_ready_o;
  assign filled        = take && chunk_i.row_end && (32'(row_q) == Block - 1 || detail_i.strip_end);
  assign fill_word     = 4'(chunk_i.bf16 ? chunk_i.position >> 1 : chunk_i.position);

  always_ff @(posedge clk_i) begin
    if (take) begin
      if (row_q == 0 && chunk_i.position == 0) begin
        tile_q[fill] <= '{
            where: chunk_i.where, to_b: chunk_i.to_b, bf16: chunk_i.bf16, base: chunk_i.base,
            pitch: detail_i.pitch, position: position_q, columns: chunk_i.left[5:0],
            stochastic: detail_i.stochastic, seed: detail_i.seed, tensor: detail_i.tensor};
      end
      tile_rows_q[fill] <= 6'(row_q) + 1'b1;
      tile_end_q[fill]  <= detail_i.strip_end;
      tile_last_q[fill] <= chunk_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_number_q <= '0;
      row_q         <= '0;
      position_q    <= '0;
    end else if (take && chunk_i.row_end) begin
      row_q <= filled ? '0 : row_q + 1'b1;
      if (filled) begin
        fill_number_q <= fill_number_q + 1'b1;
        position_q    <= detail_i.strip_end ? '0 : position_q + 16'(Block);
      end
    end
  end

  // Row r's index lies in memory r mod Lanes.
  for (genvar l = 0; l < Lanes; l++) begin : g_index
    logic [31:0] index_q [(2 ** TileBits) * Parts];
    always_ff @(posedge clk_i) begin
      if (take && chunk_i.position == 0 && 32'(row_q) % Lanes == l) begin
        index_q[{fill_number_q, PartBits'(32'(row_q) / Lanes)}] <= detail_i.index;
      end
    end
    assign index_o[l] = index_q[{index_tile_i, index_part_i}];
  end

  // --------------------------------------------------------------- emitting
  // Two stages: words out of their memories, then in order.
  tile_t       tile;
  logic [TileBits-1:0] number_q;                 // of the tile
  logic        side;                             // which tile
  logic [4:0]  column_q;
  logic [$clog2(Parts)-1:0] part_q;
  logic [4:0]  first_row;
  logic [3:0]  word;
  logic        read, advance, part_end, emitted;

  assign side      = number_q[0];
  assign tile      = tile_q[side];
  assign first_row = 5'(32'(part_q) * Lanes);
  assign word      = tile.bf16 ? column_q[4:1] : column_q[3:0];
  assign part_end  = 32'(first_row) + Lanes >= 32'(tile_rows_q[side]);
  assign emitted   = part_end && 6'(column_q) + 1'b1 == tile.columns;
  assign advance   = !chunk_valid_o || chunk_ready_i;
  assign read      = used_q != 0 && advance;

  logic        s1_valid_q;
  chunk_t      s1_chunk_q;
  detail_t     s1_detail_q;
  logic        s1_bf16_q, s1_upper_q;
  lane_t       s1_turn_q;
  logic [5:0]  s1_rows_q;                        // from the chunk's first on
  logic [31:0] s1_word [Lanes];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q        <= '0;
      number_q      <= '0;
      column_q      <= '0;
      part_q        <= '0;
      s1_valid_q    <= 1'b0;
      chunk_valid_o <= 1'b0;
    end else begin
      used_q <= used_q + 2'(filled) - 2'(read && emitted);
      if (read) begin
        part_q <= part_end ? '0 : part_q + 1'b1;
        if (part_end) column_q <= emitted ? '0 : column_q + 1'b1;
        if (emitted) number_q <= number_q + 1'b1;
      end
      if (advance) begin
        s1_valid_q    <= used_q != 0;
        chunk_valid_o <= s1_valid_q;
      end
    end
  end

  // Memories and their read registers are variables of each lane, so that each becomes a memory.
  for (genvar m = 0; m < Lanes; m++) begin : g_store
    logic [31:0] store_q [Depth];
    logic [31:0] word_q;
    always_ff @(posedge clk_i) begin
      if (take) begin
        store_q[index_of(fill, row_q, fill_word)]
            <= chunk_data_i[32*(32'(lane_t'(m - 32'(row_q)))) +: 32];
      end
      if (read) word_q <= store_q[index_of(side, first_row + 5'(lane_t'(m - 32'(word))), word)];
    end
    assign s1_word[m] = word_q;
  end

  always_ff @(posedge clk_i) begin
    if (read) begin
      s1_turn_q  <= lane_t'(word);
      s1_rows_q  <= tile_rows_q[side] - 6'(first_row);
      s1_bf16_q  <= tile.bf16;
      s1_upper_q <= column_q[0];
      s1_chunk_q <= '{
          where: tile.where, way: WayQuantise, to_b: tile.to_b, bf16: 1'b0, row: column_q[3:0],
          base: column_q[4] ? tile.base + tile.pitch : tile.base,
          position: tile.position + 16'(first_row), left: '0, scale: '0, scaled: 1'b0,
          row_end: part_end && tile_end_q[side], last: emitted && tile_last_q[side]};
      s1_detail_q <= '{
          transpose: 1'b0, strip_end: 1'b0, pitch: '0, stochastic: tile.stochastic,
          seed: tile.seed, tensor: tile.tensor, turned: 1'b1, tile: number_q,
          index: 32'(column_q)};
    end
    if (s1_valid_q && advance) begin
      chunk_o  <= s1_chunk_q;
      detail_o <= s1_detail_q;
      for (int unsigned l = 0; l < Lanes; l++) begin
        automatic logic [31:0] element = s1_word[lane_t'(l + 32'(s1_turn_q))];
        if (s1_bf16_q) element = s1_upper_q ? {element[31:16], 16'b0} : {element[15:0], 16'b0};
        chunk_data_o[32*l +: 32] <= l < 32'(s1_rows_q) ? element : '0;
      end
    end
  end

  assign idle_o = used_q == 0 && !s1_valid_q && !chunk_valid_o;

  `WEFT_ASSERT(TileHasColumns, used_q != 0 |-> tile.columns != 0)

endmodule
