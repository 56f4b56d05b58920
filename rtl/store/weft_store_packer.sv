// SPDX-License-Identifier: Apache-2.0
// weft_store_packer: pieces of rows in, beats of the memory bus out.
//
// A command says where its first row starts within a beat and how rows and groups of rows follow.
// Every piece but the last of a row holds cmd_piece_bytes; pieces are shifted to their place in the
// beat, and a beat leaves when it is full or its row ends. last_o marks the last beat of a burst:
// the end of the row or of a 4 KiB page, as weft_bursts cuts them. cmd_ready_o: idle; done with the
// command.
module weft_store_packer #(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned BeatBits = $clog2(Bytes)
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  logic [11:0]        cmd_address_i,     // within its page
  input  logic [11:0]        cmd_stride_i,      // the same
  input  logic [15:0]        cmd_rows_i,        // of a group
  input  logic [15:0]        cmd_extra_groups_i,
  input  logic [11:0]        cmd_group_stride_i,
  input  logic [17:0]        cmd_row_bytes_i,
  input  logic [BeatBits:0]  cmd_piece_bytes_i,

  input  logic               in_valid_i,
  output logic               in_ready_o,
  input  logic [8*Bytes-1:0] in_data_i,

  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [8*Bytes-1:0] out_data_o,
  output logic [Bytes-1:0]   out_strobe_o,
  output logic               out_last_o
);
  logic               active_q, flush_q;       // flush: the rest of a row is in the hold register
  logic [11:0]        group_q, row_q, beat_q;  // page offsets; beat_q of the beat being filled
  logic [11:0]        stride_q, group_stride_q;
  logic [15:0]        rows_q, left_rows_q, left_groups_q;
  logic [17:0]        row_bytes_q, left_q;
  logic [BeatBits:0]  piece_bytes_q;
  logic [8*Bytes-1:0] hold_q;
  logic [Bytes-1:0]   hold_strobe_q;
  logic [BeatBits-1:0] fill_q;                 // bytes of the beat before the next piece

  logic [BeatBits:0]    piece;
  logic [BeatBits+1:0]  total;
  logic                 row_end, overflow, emit, step, row_done, page_end, group_end;
  logic [16*Bytes-1:0]  wide;
  logic [2*Bytes-1:0]   wide_strobe;
  logic [11:0]          next_row;

  assign row_end     = left_q <= 18'(piece_bytes_q);
  assign piece       = row_end ? left_q[BeatBits:0] : piece_bytes_q;
  assign total       = (BeatBits+2)'(fill_q) + (BeatBits+2)'(piece);
  assign overflow    = 32'(total) > Bytes;
  assign wide        = (16*Bytes)'(in_data_i) << {fill_q, 3'b0};
  assign wide_strobe = ((2*Bytes)'(1) << total) - ((2*Bytes)'(1) << fill_q);
  assign emit        = flush_q || row_end || 32'(total) >= Bytes;
  assign row_done    = flush_q || (row_end && !overflow);
  assign page_end    = (12'(beat_q + 12'(Bytes)) == 0);
  assign group_end   = left_rows_q == 1;
  assign next_row    = group_end ? group_q + group_stride_q : row_q + stride_q;

  assign cmd_ready_o  = !active_q;
  assign out_valid_o  = active_q && (flush_q || (in_valid_i && emit));
  assign out_data_o   = flush_q ? hold_q : hold_q | wide[8*Bytes-1:0];
  assign out_strobe_o = flush_q ? hold_strobe_q : hold_strobe_q | wide_strobe[Bytes-1:0];
  assign out_last_o   = row_done || page_end;
  assign in_ready_o   = active_q && !flush_q && (!emit || out_ready_i);
  assign step         = active_q && (flush_q ? out_ready_i : in_valid_i && in_ready_o);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      flush_q  <= 1'b0;
    end else if (!active_q) begin
      active_q <= cmd_valid_i;
      flush_q  <= 1'b0;
    end else if (step) begin
      if (row_done && group_end && left_groups_q == 0) active_q <= 1'b0;
      flush_q <= !flush_q && row_end && overflow;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      group_q        <= cmd_address_i;
      row_q          <= cmd_address_i;
      stride_q       <= cmd_stride_i;
      group_stride_q <= cmd_group_stride_i;
      rows_q         <= cmd_rows_i;
      left_rows_q    <= cmd_rows_i;
      left_groups_q  <= cmd_extra_groups_i;
      row_bytes_q    <= cmd_row_bytes_i;
      left_q         <= cmd_row_bytes_i;
      piece_bytes_q  <= cmd_piece_bytes_i;
      beat_q         <= {cmd_address_i[11:BeatBits], {BeatBits{1'b0}}};
      fill_q         <= cmd_address_i[BeatBits-1:0];
      hold_q         <= '0;
      hold_strobe_q  <= '0;
    end else if (step && row_done) begin
      if (group_end) begin
        group_q       <= next_row;
        left_groups_q <= left_groups_q - 1'b1;
      end
      row_q         <= next_row;
      left_rows_q   <= group_end ? rows_q : left_rows_q - 1'b1;
      left_q        <= row_bytes_q;
      beat_q        <= {next_row[11:BeatBits], {BeatBits{1'b0}}};
      fill_q        <= next_row[BeatBits-1:0];
      hold_q        <= '0;
      hold_strobe_q <= '0;
    end else if (step) begin
      left_q <= left_q - 18'(piece);
      fill_q <= BeatBits'(total);
      if (emit) begin
        beat_q        <= beat_q + 12'(Bytes);
        hold_q        <= wide[16*Bytes-1:8*Bytes];
        hold_strobe_q <= wide_strobe[2*Bytes-1:Bytes];
      end else begin
        hold_q        <= hold_q | wide[8*Bytes-1:0];
        hold_strobe_q <= hold_strobe_q | wide_strobe[Bytes-1:0];
      end
    end
  end
endmodule
