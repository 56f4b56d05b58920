// SPDX-License-Identifier: Apache-2.0
// weft_matmul_walker: turns a command into quads of tiles.
//
// One tile per cycle; a quad leaves when its fourth tile or the last tile of the command is in.
// Tiles run along N first. A command is taken when the previous one's last quad has left.
module weft_matmul_walker
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_matmul_pkg::*;
#(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Columns = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        cmd_valid_i,
  output logic        cmd_ready_o,
  input  matmul_cmd_t cmd_i,

  output logic        quad_valid_o,
  input  logic        quad_ready_i,
  output quad_t       quad_o
);
  localparam int unsigned ASubs     = 16 / Rows;
  localparam int unsigned BSubs     = 16 / Columns;
  localparam int unsigned WordParts = 16 / Columns;  // hardware words in a word of V

  matmul_cmd_t cmd_q;
  logic        active_q, full_q;
  quad_t       quad_q;
  logic [1:0]  slot_q;
  tile_t       tile;
  logic [15:0] rows_left_q, columns_left_q;
  logic [15:0] a_cell_q, b_cell_q;
  logic [1:0]  a_sub_q, b_sub_q;
  v_address_t  dst_row_q, initial_row_q, column_q;  // words of the tile's first row; along N
  logic        last_column, last_row, step;

  function automatic v_address_t words(logic [15:0] value);
    return v_address_t'(32'(value) * WordParts);
  endfunction

  assign cmd_ready_o  = !active_q;
  assign quad_valid_o = full_q;
  assign quad_o       = quad_q;
  assign last_column  = 32'(columns_left_q) <= Columns;
  assign last_row     = 32'(rows_left_q) <= Rows;
  assign step         = active_q && (!full_q || quad_ready_i);

  always_comb begin
    tile.used         = 1'b1;
    tile.a_cell       = a_cell_q;
    tile.a_sub        = a_sub_q;
    tile.b_cell       = b_cell_q;
    tile.b_sub        = b_sub_q;
    tile.rows         = last_row ? rows_left_q[2:0] : 3'(Rows);
    tile.columns_left = columns_left_q;
    tile.dst          = dst_row_q + column_q;
    tile.initial_word = initial_row_q + column_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      full_q   <= 1'b0;
    end else begin
      if (!active_q) active_q <= cmd_valid_i;
      else if (step && last_column && last_row) active_q <= 1'b0;
      if (step) full_q <= slot_q == 2'(Slots - 1) || (last_column && last_row);
      else if (quad_ready_i) full_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      cmd_q          <= cmd_i;
      slot_q         <= '0;
      rows_left_q    <= cmd_i.m;
      columns_left_q <= cmd_i.n;
      a_cell_q       <= cmd_i.a;
      a_sub_q        <= '0;
      b_cell_q       <= cmd_i.b;
      b_sub_q        <= '0;
      dst_row_q      <= words(cmd_i.dst);
      initial_row_q  <= words(cmd_i.initial_word);
      column_q       <= '0;
    end else if (step) begin
      slot_q <= slot_q + 1'b1;
      if (slot_q == 0) quad_q.tile <= '0;
      quad_q.tile[slot_q]  <= tile;
      quad_q.fp            <= cmd_q.fp;
      quad_q.preload       <= cmd_q.preload;
      quad_q.last          <= last_column && last_row;
      quad_q.blocks        <= 11'((32'(cmd_q.k) + 31) / 32);
      quad_q.tail          <= cmd_q.k[4:0];
      quad_q.dst_pitch     <= words(cmd_q.dst_pitch);
      quad_q.initial_pitch <= words(cmd_q.initial_pitch);
      quad_q.where         <= cmd_q.where;
      if (!last_column) begin
        columns_left_q <= columns_left_q - 16'(Columns);
        column_q       <= column_q + 1'b1;
        b_sub_q        <= (32'(b_sub_q) == BSubs - 1) ? '0 : b_sub_q + 1'b1;
        if (32'(b_sub_q) == BSubs - 1) b_cell_q <= b_cell_q + cmd_q.b_pitch;
      end else begin
        columns_left_q <= cmd_q.n;
        column_q       <= '0;
        b_sub_q        <= '0;
        b_cell_q       <= cmd_q.b;
        rows_left_q    <= rows_left_q - 16'(Rows);
        a_sub_q        <= (32'(a_sub_q) == ASubs - 1) ? '0 : a_sub_q + 1'b1;
        if (32'(a_sub_q) == ASubs - 1) a_cell_q <= a_cell_q + cmd_q.a_pitch;
        dst_row_q     <= dst_row_q + v_address_t'(32'(words(cmd_q.dst_pitch)) * Rows);
        initial_row_q <= initial_row_q + v_address_t'(32'(words(cmd_q.initial_pitch)) * Rows);
      end
    end
  end
endmodule
