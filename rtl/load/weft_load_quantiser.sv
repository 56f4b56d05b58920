// SPDX-License-Identifier: Apache-2.0
// weft_load_quantiser: chunks of FP32 or BF16 rows in, MXINT8 blocks with their scales out.
//
// Collects the 32 elements of a block (fewer at the end of a row: the rest is zero), finds the
// largest magnitude, from it the scale, and quantises: all 32 at once to nearest, or some in each
// cycle stochastically (weft_load_stochastic). Fixed latency behind the chunk that completes a
// block, no stall. chunk_ready_o holds back a chunk that would complete a block too early: within
// MinGap cycles of the block before, or before the other kind of rounding has emitted its blocks.
`include "weft_assert.svh"

module weft_load_quantiser
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_load_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Bytes  = 64,
  parameter  int unsigned MinGap = 1,
  localparam int unsigned Lanes  = Bytes / 4,  // rounded stochastically per cycle
  localparam int unsigned Passes = Block / Lanes
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               chunk_valid_i,
  output logic               chunk_ready_o,
  input  chunk_t             chunk_i,
  input  detail_t            detail_i,
  input  logic [8*Bytes-1:0] chunk_data_i,

  output logic [TileBits-1:0]       index_tile_o,  // of the transposer
  output logic [$clog2(Passes)-1:0] index_part_o,
  input  logic [31:0]               index_i [Lanes],

  output logic               block_valid_o,
  output logic [255:0]       block_o,        // 32 mantissas
  output place_t             block_place_o,  // step is the block's first
  output logic               block_last_o    // of its command
);
  localparam int unsigned HalfWords = Bytes / 2;  // elements of a BF16 chunk
  localparam int unsigned FullWords = Bytes / 4;  // of an FP32 chunk
  localparam int unsigned Partials  = 8;          // maxima after the first stage
  localparam int unsigned Latency   = 2 + BlockExponentLatency + QuantiseLatency;
  localparam int unsigned StochasticGap = Passes > MinGap ? Passes : MinGap;
  localparam int unsigned GapWidth = $clog2(StochasticGap);

  typedef struct packed {
    place_t place;
    logic   last;
  } tag_t;

  // Collecting.
  logic [31:0] collect_q [Block], block [Block];
  logic [4:0]  first;      // element of the block the chunk starts with
  logic        complete, take, start, start_stochastic, other_inside, stochastic_inside;
  logic [GapWidth-1:0] gap_q;
  logic [31:0] index_q;    // logical, of the block's first element
  logic [Latency-1:0] valid_q;

  assign first         = chunk_i.position[4:0];
  assign complete      = chunk_i.row_end
                      || 32'(first) + (chunk_i.bf16 ? HalfWords : FullWords) == Block;
  assign other_inside  = detail_i.stochastic ? valid_q != 0 : stochastic_inside;
  assign chunk_ready_o = !(complete && (gap_q != 0 || other_inside));
  assign take          = chunk_valid_i && chunk_ready_o;
  assign start         = take && complete;
  assign start_stochastic = start && detail_i.stochastic;

  always_comb begin
    for (int unsigned e = 0; e < Block; e++) begin
      block[e] = collect_q[e];
      if (chunk_i.bf16) begin
        if (e / HalfWords == 32'(first) / HalfWords) begin
          block[e] = {chunk_data_i[16*(e % HalfWords) +: 16], 16'b0};
        end
      end else if (e / FullWords == 32'(first) / FullWords) begin
        block[e] = chunk_data_i[32*(e % FullWords) +: 32];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      gap_q <= '0;
      for (int unsigned e = 0; e < Block; e++) collect_q[e] <= '0;
    end else begin
      if (start) gap_q <= GapWidth'((start_stochastic ? StochasticGap : MinGap) - 1);
      else if (gap_q != 0) gap_q <= gap_q - 1'b1;
      if (take) begin
        for (int unsigned e = 0; e < Block; e++) collect_q[e] <= complete ? '0 : block[e];
      end
    end
    if (take && first == 0) index_q <= detail_i.index;
  end

  // Largest magnitude: as integers, magnitudes of FP32 order as their values do.
  logic [31:0]  s1_block_q [Block];
  logic [30:0]  s1_max_q [Partials], s2_max_q [1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], start && !detail_i.stochastic};
  end

  logic started_q;  // s1 is new
  always_ff @(posedge clk_i) begin
    if (!rst_ni) started_q <= 1'b0;
    else started_q <= start;
    if (start) begin
      s1_block_q <= block;
      for (int unsigned p = 0; p < Partials; p++) begin
        automatic logic [30:0] largest = '0;
        for (int unsigned e = 0; e < Block / Partials; e++) begin
          if (block[p*(Block/Partials) + e][30:0] > largest) begin
            largest = block[p*(Block/Partials) + e][30:0];
          end
        end
        s1_max_q[p] <= largest;
      end
    end
    if (started_q) begin
      automatic logic [30:0] largest = '0;
      for (int unsigned p = 0; p < Partials; p++) begin
        if (s1_max_q[p] > largest) largest = s1_max_q[p];
      end
      s2_max_q[0] <= largest;
    end
  end

  // To nearest: scale, then mantissas.
  logic [7:0]          scale [1], scale_all [Block], mantissa [Block];
  logic [32*Block-1:0] s1_flat, late_flat;
  logic [31:0]         late [Block];
  logic [7:0]          scale_out;

  weft_block_exponent #(.Lanes(1)) u_exponent (.clk_i, .largest_i(s2_max_q), .result_o(scale));
  always_comb begin
    for (int unsigned e = 0; e < Block; e++) begin
      s1_flat[32*e +: 32] = s1_block_q[e];
      late[e]             = late_flat[32*e +: 32];
      scale_all[e]        = scale[0];
    end
  end
  weft_delay #(.Width(32 * Block), .Cycles(1 + BlockExponentLatency)) u_block (
    .clk_i, .in_i(s1_flat), .out_o(late_flat)
  );
  weft_quantise #(.Lanes(Block)) u_quantise (
    .clk_i, .x_i(late), .scale_i(scale_all), .result_o(mantissa)
  );
  weft_delay #(.Width(8), .Cycles(QuantiseLatency)) u_scale (
    .clk_i, .in_i(scale[0]), .out_o(scale_out)
  );

  // Stochastically, from the same largest magnitude.
  logic       drawn_valid;
  logic [7:0] drawn_scale, drawn [Block];
  weft_load_stochastic #(.Lanes(Lanes)) u_stochastic (
    .clk_i, .rst_ni, .start_i(start_stochastic),
    .seed_i(detail_i.seed), .tensor_i(detail_i.tensor),
    .index_i(first == 0 ? detail_i.index : index_q), .turned_i(detail_i.turned),
    .tile_i(detail_i.tile), .block_i(s1_block_q), .largest_i(s2_max_q), .tile_o(index_tile_o),
    .part_o(index_part_o), .row_index_i(index_i), .inside_o(stochastic_inside),
    .valid_o(drawn_valid), .scale_o(drawn_scale), .mantissa_o(drawn)
  );

  // Where the block goes.
  tag_t tag_in, tag_out;
  always_comb begin
    tag_in.place.where       = chunk_i.where;
    tag_in.place.to_b        = chunk_i.to_b;
    tag_in.place.cell_index  = chunk_i.base + 16'(chunk_i.position >> 6);
    tag_in.place.row         = chunk_i.row;
    tag_in.place.step        = {chunk_i.position[5], 2'b00};
    tag_in.place.scale_write = chunk_i.position[5] ? 2'b10 : 2'b01;
    tag_in.place.scale       = '0;
    tag_in.last              = chunk_i.last;
  end
  localparam int unsigned Depth = 16;  // blocks inside at once
  logic tag_ready, tag_valid;
  logic [$clog2(Depth+1)-1:0] unused_used;
  weft_fifo #(.Width($bits(tag_t)), .Depth(Depth)) u_tag (
    .clk_i, .rst_ni, .in_valid_i(start), .in_ready_o(tag_ready), .in_data_i(tag_in),
    .out_valid_o(tag_valid), .out_ready_i(block_valid_o), .out_data_o(tag_out),
    .used_o(unused_used)
  );

  assign block_valid_o = valid_q[Latency-1] || drawn_valid;
  assign block_last_o  = tag_out.last;
  always_comb begin
    block_place_o       = tag_out.place;
    block_place_o.scale = {2{drawn_valid ? drawn_scale : scale_out}};
    for (int unsigned e = 0; e < Block; e++) begin
      block_o[8*e +: 8] = drawn_valid ? drawn[e] : mantissa[e];
    end
  end

  `WEFT_ASSERT(PlaceForEveryTag, start |-> tag_ready)
  `WEFT_ASSERT(TagForEveryBlock, block_valid_o |-> tag_valid)
  `WEFT_ASSERT(OneRoundingAtATime, !(valid_q != 0 && stochastic_inside))

endmodule
