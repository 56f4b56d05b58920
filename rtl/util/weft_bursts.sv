// SPDX-License-Identifier: Apache-2.0
// weft_bursts: the bursts that cover rows of memory.
//
// Each row, rows apart by a stride, is covered by bursts of whole beats that end with the row or at
// a 4 KiB boundary (AXI4 specification A3.4.1: a burst must not cross one). cmd_ready_o: idle.
// last_o marks the last burst of the command.
module weft_bursts #(
  parameter int unsigned Bytes = 64  // of a beat
) (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        cmd_valid_i,
  output logic        cmd_ready_o,
  input  logic [63:0] cmd_address_i,
  input  logic [31:0] cmd_stride_i,
  input  logic [15:0] cmd_rows_i,
  input  logic [47:0] cmd_row_bytes_i,

  output logic        burst_valid_o,
  input  logic        burst_ready_i,
  output logic [63:0] burst_address_o,  // aligned to a beat
  output logic [7:0]  burst_len_o,      // beats - 1
  output logic        last_o
);
  localparam int unsigned BeatBits = $clog2(Bytes);

  logic        active_q;
  logic [63:0] row_q, address_q;
  logic [31:0] stride_q;
  logic [15:0] rows_q;
  logic [47:0] row_bytes_q, left_q;  // bytes left of the row from address_q on
  logic [12:0] to_boundary;          // bytes up to the next 4 KiB boundary
  logic [47:0] burst_bytes;
  logic [12:0] beats;
  logic        row_end;

  assign to_boundary = 13'd4096 - 13'(address_q[11:0]);
  assign row_end     = left_q <= 48'(to_boundary);
  assign burst_bytes = row_end ? left_q : 48'(to_boundary);
  assign beats = 13'((burst_bytes + 48'(address_q[BeatBits-1:0]) + 48'(Bytes - 1)) >> BeatBits);

  // With 16-byte beats a 4 KiB burst has exactly the 256 beats AXI4 allows.
  assign cmd_ready_o     = !active_q;
  assign burst_valid_o   = active_q;
  assign burst_address_o = {address_q[63:BeatBits], {BeatBits{1'b0}}};
  assign burst_len_o     = 8'(beats - 1'b1);
  assign last_o          = row_end && rows_q == 1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (!active_q) active_q <= cmd_valid_i;
    else if (burst_ready_i && last_o) active_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      row_q       <= cmd_address_i;
      address_q   <= cmd_address_i;
      stride_q    <= cmd_stride_i;
      rows_q      <= cmd_rows_i;
      row_bytes_q <= cmd_row_bytes_i;
      left_q      <= cmd_row_bytes_i;
    end else if (burst_ready_i) begin
      if (row_end) begin
        row_q     <= row_q + 64'(stride_q);
        address_q <= row_q + 64'(stride_q);
        left_q    <= row_bytes_q;
        rows_q    <= rows_q - 1'b1;
      end else begin
        address_q <= address_q + 64'(to_boundary);
        left_q    <= left_q - 48'(to_boundary);
      end
    end
  end
endmodule
