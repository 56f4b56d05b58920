// SPDX-License-Identifier: Apache-2.0
// weft_bursts: the bursts that cover groups of rows of memory.
//
// Each row is covered by bursts of whole beats that end with the row or at a 4 KiB boundary (AXI4
// specification A3.4.1: a burst must not cross one). Rows of a group are a stride apart, groups
// another. All of them are walked cmd_turns_i times, from a turn's first row to the next turn's a
// stride of its own; rows of the last turn may be of another length. cmd_ready_o: idle. last_o
// marks the last burst of the command.
module weft_bursts #(
  parameter int unsigned Bytes = 64  // of a beat
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        cmd_valid_i,
  output logic        cmd_ready_o,
  input  logic [63:0] cmd_address_i,
  input  logic [31:0] cmd_stride_i,
  input  logic [15:0] cmd_rows_i,         // of a group
  input  logic [15:0] cmd_extra_groups_i,
  input  logic [31:0] cmd_group_stride_i,
  input  logic [47:0] cmd_row_bytes_i,
  input  logic [15:0] cmd_turns_i,        // at least 1
  input  logic [31:0] cmd_turn_stride_i,
  input  logic [47:0] cmd_last_bytes_i,   // of a row in the last turn

  output logic        burst_valid_o,
  input  logic        burst_ready_i,
  output logic [63:0] burst_address_o,  // aligned to a beat
  output logic [7:0]  burst_len_o,      // beats - 1
  output logic        last_o
);
  localparam int unsigned BeatBits = $clog2(Bytes);

  logic        active_q;
  logic [63:0] turn_q, group_q, row_q, address_q;
  logic [31:0] stride_q, group_stride_q, turn_stride_q;
  logic [15:0] rows_q, left_rows_q, extra_groups_q, left_groups_q, left_turns_q;
  logic [47:0] row_bytes_q, last_bytes_q, left_q;  // left_q: of the row from address_q on
  logic [12:0] to_boundary;          // bytes up to the next 4 KiB boundary
  logic [47:0] burst_bytes;
  logic [12:0] beats;
  logic        row_end, group_end, turn_end;
  logic [63:0] next_row;             // where the next row starts

  assign to_boundary = 13'd4096 - 13'(address_q[11:0]);
  assign row_end     = left_q <= 48'(to_boundary);
  assign group_end   = row_end && left_rows_q == 1;
  assign turn_end    = group_end && left_groups_q == 0;
  assign next_row    = turn_end  ? turn_q + 64'(turn_stride_q)
                     : group_end ? group_q + 64'(group_stride_q) : row_q + 64'(stride_q);
  assign burst_bytes = row_end ? left_q : 48'(to_boundary);
  assign beats = 13'((burst_bytes + 48'(address_q[BeatBits-1:0]) + 48'(Bytes - 1)) >> BeatBits);

  // With 16-byte beats a 4 KiB burst has exactly the 256 beats AXI4 allows.
  assign cmd_ready_o     = !active_q;
  assign burst_valid_o   = active_q;
  assign burst_address_o = {address_q[63:BeatBits], {BeatBits{1'b0}}};
  assign burst_len_o     = 8'(beats - 1'b1);
  assign last_o          = turn_end && left_turns_q == 1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (!active_q) active_q <= cmd_valid_i;
    else if (burst_ready_i && last_o) active_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      turn_q         <= cmd_address_i;
      group_q        <= cmd_address_i;
      row_q          <= cmd_address_i;
      address_q      <= cmd_address_i;
      stride_q       <= cmd_stride_i;
      group_stride_q <= cmd_group_stride_i;
      turn_stride_q  <= cmd_turn_stride_i;
      rows_q         <= cmd_rows_i;
      left_rows_q    <= cmd_rows_i;
      extra_groups_q <= cmd_extra_groups_i;
      left_groups_q  <= cmd_extra_groups_i;
      left_turns_q   <= cmd_turns_i;
      row_bytes_q    <= cmd_turns_i == 1 ? cmd_last_bytes_i : cmd_row_bytes_i;
      left_q         <= cmd_turns_i == 1 ? cmd_last_bytes_i : cmd_row_bytes_i;
      last_bytes_q   <= cmd_last_bytes_i;
    end else if (burst_ready_i) begin
      if (row_end) begin
        row_q       <= next_row;
        address_q   <= next_row;
        left_q      <= row_bytes_q;
        left_rows_q <= group_end ? rows_q : left_rows_q - 1'b1;
        if (group_end) begin
          group_q       <= next_row;
          left_groups_q <= turn_end ? extra_groups_q : left_groups_q - 1'b1;
        end
        if (turn_end) begin
          turn_q       <= next_row;
          left_turns_q <= left_turns_q - 1'b1;
          if (left_turns_q == 2) begin
            row_bytes_q <= last_bytes_q;
            left_q      <= last_bytes_q;
          end
        end
      end else begin
        address_q <= address_q + 64'(to_boundary);
        left_q    <= left_q - 48'(to_boundary);
      end
    end
  end
endmodule
