// SPDX-License-Identifier: Apache-2.0
// weft_matmul: executes matmul commands, A and B to V.
//
// The walker cuts a command into quads of four tiles; each quad occupies one of four contexts from
// set-up to the end of its drain:
//
//   free -> preload -> ready -> compute -> drain -> free
//
// Quads pass each stage in order, so each stage is a pointer. Up to four quads are in different
// stages at once: no bubble between quads or between commands, as long as V takes the results.
// retire_o pulses once per command, in the cycle its last word is written to V.
// cmd_ready_o depends on no input.
`include "weft_assert.svh"

module weft_matmul
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_matmul_pkg::*;
#(
  parameter  int unsigned Rows    = 4,
  parameter  int unsigned Columns = 16,
  parameter  int unsigned ACells  = 128,
  parameter  int unsigned BCells  = 256,
  localparam int unsigned WordWidth = 32 * Columns
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,

  input  logic                      cmd_valid_i,
  output logic                      cmd_ready_o,
  input  matmul_cmd_t               cmd_i,
  output logic                      retire_o,
  output logic                      active_o,     // has work
  output logic                      busy_o,       // a step of the array this cycle
  output logic                      wait_bank_o,  // V keeps it from going on

  output logic                      read_valid_o,
  output logic [$clog2(ACells)-1:0] a_cell_o,
  output logic [1:0]                a_sub_o,
  output logic [$clog2(BCells)-1:0] b_cell_o,
  output logic [1:0]                b_sub_o,
  output logic [2:0]                read_step_o,
  input  logic [64*Rows-1:0]        a_data_i,
  input  logic [Rows-1:0][7:0]      a_scale_i,
  input  logic [64*Columns-1:0]     b_data_i,
  input  logic [Columns-1:0][18:0]  b_scale_i,

  output logic                      v_read_valid_o,
  input  logic                      v_read_ready_i,
  output v_address_t                v_read_address_o,
  input  logic                      v_read_data_valid_i,
  input  logic [WordWidth-1:0]      v_read_data_i,

  output logic                      v_write_valid_o,
  input  logic                      v_write_ready_i,
  output v_address_t                v_write_address_o,
  output logic [Columns-1:0]        v_write_mask_o,
  output logic [WordWidth-1:0]      v_write_data_o,
  output where_t                    v_write_where_o
);
  typedef enum logic [2:0] {CtxFree, CtxPreload, CtxReady, CtxCompute, CtxDrain} ctx_state_e;
  localparam int unsigned Entries = Contexts * 16;  // rows of all quads

  ctx_state_e state_q [Contexts];
  quad_t      quad_q [Contexts];
  context_t   setup_q, preload_q, compute_q, drain_q;

  logic  quad_valid, quad_ready, walker_ready;
  quad_t quad;

  weft_matmul_walker #(.Rows(Rows), .Columns(Columns)) u_walker (
    .clk_i, .rst_ni, .cmd_valid_i, .cmd_ready_o(walker_ready), .cmd_i,
    .quad_valid_o(quad_valid), .quad_ready_i(quad_ready), .quad_o(quad)
  );
  assign cmd_ready_o = walker_ready;
  assign quad_ready  = state_q[setup_q] == CtxFree;

  // Preload: request the rows of the quad's tiles, write them as they come back.
  quad_t      pre;
  tile_t      pre_tile;
  logic [1:0] pre_slot_q, pre_row_q;
  v_address_t pre_offset_q;           // row * pitch
  logic       pre_active, pre_requested_q, pre_last, pre_done;
  logic [1:0] pre_data_slot_q, pre_data_row_q;
  logic [WordWidth-1:0] initial_q [Entries];

  assign pre        = quad_q[preload_q];
  assign pre_tile   = pre.tile[pre_slot_q];
  assign pre_active = state_q[preload_q] == CtxPreload;
  assign pre_last   = 32'(pre_row_q) + 1 == 32'(pre_tile.rows)
                   && (pre_slot_q == 2'd3 || !pre.tile[pre_slot_q + 2'd1].used);
  assign v_read_valid_o   = pre_active && pre.preload && !pre_requested_q;
  assign v_read_address_o = pre_tile.initial_word + pre_offset_q;
  // The last word arrives one cycle after its grant, and is in initial_q one cycle later, well
  // before the first block reaches the lanes.
  assign pre_done   = pre_active && (!pre.preload || pre_requested_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      pre_slot_q      <= '0;
      pre_row_q       <= '0;
      pre_offset_q    <= '0;
      pre_requested_q <= 1'b0;
    end else if (pre_done) begin
      pre_requested_q <= 1'b0;
    end else if (v_read_valid_o && v_read_ready_i) begin
      if (pre_last) begin
        pre_requested_q <= 1'b1;
        pre_slot_q      <= '0;
        pre_row_q       <= '0;
        pre_offset_q    <= '0;
      end else if (32'(pre_row_q) + 1 == 32'(pre_tile.rows)) begin
        pre_slot_q   <= pre_slot_q + 1'b1;
        pre_row_q    <= '0;
        pre_offset_q <= '0;
      end else begin
        pre_row_q    <= pre_row_q + 1'b1;
        pre_offset_q <= pre_offset_q + pre.initial_pitch;
      end
    end
    pre_data_slot_q <= pre_slot_q;
    pre_data_row_q  <= pre_row_q;
    if (v_read_data_valid_i) begin
      initial_q[{preload_q, pre_data_slot_q, pre_data_row_q}] <= v_read_data_i;
    end
  end

  // Compute: blocks in rotation over the slots, 4 steps each.
  quad_t       cmp;
  tile_t       cmp_tile;
  logic [10:0] block_q;
  logic [1:0]  slot_q, step_q;
  logic        issuing, issue_last;

  assign cmp        = quad_q[compute_q];
  assign cmp_tile   = cmp.tile[slot_q];
  assign issuing    = state_q[compute_q] == CtxReady;
  assign issue_last = issuing && slot_q == 2'd3 && step_q == 2'd3 && block_q + 1'b1 == cmp.blocks;

  assign read_valid_o = issuing && cmp_tile.used;
  assign a_cell_o     = $bits(a_cell_o)'(cmp_tile.a_cell + 16'(block_q >> 1));
  assign a_sub_o      = cmp_tile.a_sub;
  assign b_cell_o     = $bits(b_cell_o)'(cmp_tile.b_cell + 16'(block_q >> 1));
  assign b_sub_o      = cmp_tile.b_sub;
  assign read_step_o  = {block_q[0], step_q};
  assign busy_o       = read_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      block_q <= '0;
      slot_q  <= '0;
      step_q  <= '0;
    end else if (issuing) begin
      {slot_q, step_q} <= {slot_q, step_q} + 4'd1;
      if (slot_q == 2'd3 && step_q == 2'd3) block_q <= issue_last ? '0 : block_q + 1'b1;
    end
  end

  // What travels beside the steps: one stage with the data of the buffers, one held beside the sum.
  typedef struct packed {
    logic       used;
    logic       first;
    logic       last;
    logic       fp;
    logic       preload;
    context_t   ctx;
    logic [1:0] slot;
  } tag_t;

  tag_t tag_data_q, tag_step_q, tag_sum_q;
  logic data_valid_q, data_first_q, data_last_q, step_last_q, sum_next_q;
  logic [Rows-1:0][7:0]     scale_a_step_q, scale_a_sum_q;
  logic [Columns-1:0][18:0] scale_b_step_q, scale_b_sum_q;
  logic signed [20:0]       sum [Rows*Columns];
  logic                     sum_valid;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      data_valid_q <= 1'b0;
      data_last_q  <= 1'b0;
      step_last_q  <= 1'b0;
      sum_next_q   <= 1'b0;
    end else begin
      data_valid_q <= read_valid_o;
      data_last_q  <= issuing && step_q == 2'd3;
      step_last_q  <= data_last_q;
      sum_next_q   <= step_last_q;
    end
    data_first_q <= step_q == 2'd0;
    if (issuing) begin
      tag_data_q <= '{used: cmp_tile.used, first: block_q == 0, last: block_q + 1'b1 == cmp.blocks,
                      fp: cmp.fp, preload: cmp.preload, ctx: compute_q, slot: slot_q};
    end
    if (data_last_q) begin
      tag_step_q     <= tag_data_q;
      scale_a_step_q <= a_scale_i;
      scale_b_step_q <= b_scale_i;
    end
    if (sum_next_q) begin
      tag_sum_q     <= tag_step_q;
      scale_a_sum_q <= scale_a_step_q;
      scale_b_sum_q <= scale_b_step_q;
    end
  end

  // Behind the end of K nothing counts: what the buffers hold there belongs to a longer operand.
  logic [4:0]         tail_data_q;  // of the block whose data arrive; 0: all of it counts
  logic [1:0]         step_data_q;
  logic [64*Rows-1:0] a_masked;
  always_ff @(posedge clk_i) begin
    tail_data_q <= block_q + 1'b1 == cmp.blocks ? cmp.tail : 5'd0;
    step_data_q <= step_q;
  end
  always_comb begin
    a_masked = a_data_i;
    if (tail_data_q != 0) begin
      for (int unsigned i = 0; i < 8 * Rows; i++) begin
        if ({step_data_q, 3'(i % 8)} >= tail_data_q) a_masked[8*i +: 8] = '0;
      end
    end
  end

  weft_array #(.Rows(Rows), .Columns(Columns)) u_array (
    .clk_i, .rst_ni, .in_valid_i(data_valid_q), .in_first_i(data_first_q), .in_last_i(data_last_q),
    .a_i(a_masked), .b_i(b_data_i), .out_valid_o(sum_valid), .sum_o(sum)
  );

  context_t   initial_context, result_context;
  logic [1:0] initial_slot, initial_row, result_slot, result_row;
  logic       result_valid, quad_end;
  logic [WordWidth-1:0] result;
  logic [WordWidth-1:0] result_q [Entries];

  weft_accumulator #(.Rows(Rows), .Columns(Columns)) u_accumulator (
    .clk_i, .rst_ni,
    .in_valid_i(sum_valid), .in_used_i(tag_sum_q.used), .in_first_i(tag_sum_q.first),
    .in_last_i(tag_sum_q.last), .in_fp_i(tag_sum_q.fp), .in_preload_i(tag_sum_q.preload),
    .in_context_i(tag_sum_q.ctx), .in_slot_i(tag_sum_q.slot),
    .sum_i(sum), .scale_a_i(scale_a_sum_q), .scale_b_i(scale_b_sum_q),
    .initial_context_o(initial_context), .initial_slot_o(initial_slot),
    .initial_row_o(initial_row),
    .initial_i(initial_q[{initial_context, initial_slot, initial_row}]),
    .result_valid_o(result_valid), .result_context_o(result_context), .result_slot_o(result_slot),
    .result_row_o(result_row), .result_o(result), .end_o(quad_end)
  );

  always_ff @(posedge clk_i) begin
    if (result_valid) result_q[{result_context, result_slot, result_row}] <= result;
  end

  // Drain: finished rows to V.
  quad_t      drn;
  tile_t      drn_tile;
  logic [1:0] drn_slot_q, drn_row_q;
  v_address_t drn_offset_q;
  logic       drn_row_end, drn_last, drn_step;

  assign drn         = quad_q[drain_q];
  assign drn_tile    = drn.tile[drn_slot_q];
  assign drn_row_end = 32'(drn_row_q) + 1 == 32'(drn_tile.rows);
  assign drn_last    = drn_row_end && (drn_slot_q == 2'd3 || !drn.tile[drn_slot_q + 2'd1].used);
  assign drn_step    = v_write_valid_o && v_write_ready_i;

  assign v_write_valid_o   = state_q[drain_q] == CtxDrain;
  assign v_write_address_o = drn_tile.dst + drn_offset_q;
  assign v_write_data_o    = result_q[{drain_q, drn_slot_q, drn_row_q}];
  assign v_write_where_o   = drn.where;
  always_comb begin
    for (int unsigned c = 0; c < Columns; c++) v_write_mask_o[c] = c < 32'(drn_tile.columns_left);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      drn_slot_q   <= '0;
      drn_row_q    <= '0;
      drn_offset_q <= '0;
    end else if (drn_step) begin
      drn_row_q    <= drn_row_end ? '0 : drn_row_q + 1'b1;
      drn_offset_q <= drn_row_end ? '0 : drn_offset_q + drn.dst_pitch;
      if (drn_row_end) drn_slot_q <= drn_last ? '0 : drn_slot_q + 1'b1;
    end
  end

  assign retire_o = drn_step && drn_last && drn.last;

  // The life of the contexts.
  context_t ending_q;  // quad whose last block is in the lanes
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Contexts; i++) state_q[i] <= CtxFree;
      setup_q   <= '0;
      preload_q <= '0;
      compute_q <= '0;
      ending_q  <= '0;
      drain_q   <= '0;
    end else begin
      if (quad_valid && quad_ready) begin
        state_q[setup_q] <= CtxPreload;
        setup_q          <= setup_q + 1'b1;
      end
      if (pre_done) begin
        state_q[preload_q] <= CtxReady;
        preload_q          <= preload_q + 1'b1;
      end
      if (issue_last) begin
        state_q[compute_q] <= CtxCompute;
        compute_q          <= compute_q + 1'b1;
      end
      if (quad_end) begin
        state_q[ending_q] <= CtxDrain;
        ending_q          <= ending_q + 1'b1;
      end
      if (drn_step && drn_last) begin
        state_q[drain_q] <= CtxFree;
        drain_q          <= drain_q + 1'b1;
      end
    end
    if (quad_valid && quad_ready) quad_q[setup_q] <= quad;
  end

  always_comb begin
    active_o = !walker_ready || quad_valid;
    for (int unsigned i = 0; i < Contexts; i++) if (state_q[i] != CtxFree) active_o = 1'b1;
  end
  assign wait_bank_o = (v_write_valid_o && !v_write_ready_i) || (v_read_valid_o && !v_read_ready_i);

  `WEFT_ASSERT(QuadsEndInOrder, quad_end |-> state_q[ending_q] == CtxCompute)
  `WEFT_ASSERT(SumWithItsTag, sum_valid == $past(sum_next_q))

endmodule
