// SPDX-License-Identifier: Apache-2.0
// weft_load_stochastic: rounds a block of 32 stochastically, Lanes elements per cycle.
//
// start_i at least Passes cycles apart. Element e draws its random number by the logical index
// index_i + e; if turned_i, by index_i + the index of row e of tile tile_i, which is asked for by
// tile_o and part_o and answered in the same cycle. What is input beside start_i is taken with it;
// block_i holds the block from the next cycle on, largest_i its largest magnitude from the cycle
// behind that, both until the next start. valid_o, with the whole block, follows start_i by a fixed
// latency; inside_o says that a block is under way. Stands behind a clock of its own, which runs
// only then.
`include "weft_assert.svh"

module weft_load_stochastic
  import weft_spec_pkg::*;
  import weft_load_pkg::*;
  import weft_hls_pkg::*;
#(
  parameter  int unsigned Lanes = 16,
  localparam int unsigned Passes   = Block / Lanes,
  localparam int unsigned PassBits = $clog2(Passes)
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        start_i,
  input  logic [31:0] seed_i,
  input  logic [15:0] tensor_i,
  input  logic [31:0] index_i,
  input  logic        turned_i,
  input  logic [TileBits-1:0] tile_i,
  input  logic [31:0] block_i [Block],
  input  logic [30:0] largest_i [1],

  output logic [TileBits-1:0] tile_o,
  output logic [PassBits-1:0] part_o,           // rows from Lanes * part_o on
  input  logic [31:0] row_index_i [Lanes],

  output logic        inside_o,
  output logic        valid_o,
  output logic [7:0]  scale_o,
  output logic [7:0]  mantissa_o [Block]
);
  // Cycles behind the start: the scale is known; random numbers of pass 0 are; both are.
  localparam int unsigned ScaleAt  = 2 + BlockExponentStochasticLatency;
  localparam int unsigned RandomAt = 2 + Random16Latency;
  localparam int unsigned RoundAt  = ScaleAt > RandomAt ? ScaleAt : RandomAt;
  localparam int unsigned DoneAt   = RoundAt + QuantiseStochasticLatency;  // pass 0
  localparam int unsigned Latency  = DoneAt + Passes - 1;
  `WEFT_REQUIRE(LanesDivideABlock, Passes * Lanes == Block && Passes > 1)

  logic clk;
  weft_clock_gate u_gate (.clk_i, .en_i(start_i || inside_o || !rst_ni), .clk_o(clk));

  // Bit p: pass p's place in the pipeline is p cycles behind. At most one of Passes neighbours.
  logic [Latency-1:0] valid_q;
  always_ff @(posedge clk) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], start_i};
  end
  assign inside_o = valid_q != 0;
  assign valid_o  = valid_q[Latency-1];

  // Indices: an addition per lane and pass.
  logic [31:0] seed_q, index_seed_q, base_q;
  logic        turned_q;
  logic [15:0] tensor_q, index_tensor_q;
  logic [31:0] seed [Lanes], index_q [Lanes];
  logic [15:0] tensor [Lanes], random [Lanes], random_late [Lanes];

  always_ff @(posedge clk) begin
    if (start_i) begin
      seed_q   <= seed_i;
      tensor_q <= tensor_i;
      base_q   <= index_i;
      turned_q <= turned_i;
      tile_o   <= tile_i;
      part_o   <= '0;
    end else begin
      part_o <= part_o + 1'b1;
    end
    for (int unsigned l = 0; l < Lanes; l++) begin
      index_q[l] <= base_q + (turned_q ? row_index_i[l] : 32'(part_o) * Lanes + l);
    end
    index_seed_q   <= seed_q;
    index_tensor_q <= tensor_q;
  end
  always_comb begin
    for (int unsigned l = 0; l < Lanes; l++) begin
      seed[l]   = index_seed_q;
      tensor[l] = index_tensor_q;
    end
  end
  weft_random16 #(.Lanes(Lanes)) u_random (
    .clk_i(clk), .seed_i(seed), .tensor_i(tensor), .index_i(index_q), .result_o(random)
  );

  // The elements of a pass, its scale and its random numbers meet.
  logic [32*Lanes-1:0] pass, pass_late;
  logic [16*Lanes-1:0] random_flat, random_late_flat;
  logic [31:0]         x [Lanes];
  logic [7:0]          scale [1], scale_late, scale_all [Lanes], rounded [Lanes];

  weft_block_exponent_stochastic #(.Lanes(1)) u_exponent (
    .clk_i(clk), .largest_i(largest_i), .result_o(scale)
  );
  always_comb begin
    pass = '0;
    for (int unsigned p = 0; p < Passes; p++) begin
      if (valid_q[p]) begin
        for (int unsigned l = 0; l < Lanes; l++) pass[32*l +: 32] = block_i[p*Lanes + l];
      end
    end
    for (int unsigned l = 0; l < Lanes; l++) begin
      random_flat[16*l +: 16] = random[l];
      random_late[l]          = random_late_flat[16*l +: 16];
      x[l]                    = pass_late[32*l +: 32];
      scale_all[l]            = scale_late;
    end
  end
  weft_delay #(.Width(32 * Lanes), .Cycles(RoundAt - 1)) u_pass (
    .clk_i(clk), .in_i(pass), .out_o(pass_late)
  );
  weft_delay #(.Width(16 * Lanes), .Cycles(RoundAt - RandomAt)) u_random_late (
    .clk_i(clk), .in_i(random_flat), .out_o(random_late_flat)
  );
  weft_delay #(.Width(8), .Cycles(RoundAt - ScaleAt)) u_scale_late (
    .clk_i(clk), .in_i(scale[0]), .out_o(scale_late)
  );
  weft_quantise_stochastic #(.Lanes(Lanes)) u_quantise (
    .clk_i(clk), .x_i(x), .scale_i(scale_all), .random_i(random_late), .result_o(rounded)
  );
  weft_delay #(.Width(8), .Cycles(QuantiseStochasticLatency)) u_scale_out (
    .clk_i(clk), .in_i(scale_late), .out_o(scale_o)
  );

  // The last pass leaves as it comes, the others have waited for it.
  logic [7:0] mantissa_q [Block - Lanes];
  always_ff @(posedge clk) begin
    for (int unsigned p = 0; p + 1 < Passes; p++) begin
      if (valid_q[DoneAt - 1 + p]) begin
        for (int unsigned l = 0; l < Lanes; l++) mantissa_q[p*Lanes + l] <= rounded[l];
      end
    end
  end
  always_comb begin
    for (int unsigned e = 0; e < Block; e++) begin
      mantissa_o[e] = e < Block - Lanes ? mantissa_q[e % (Block - Lanes)] : rounded[e % Lanes];
    end
  end
endmodule
