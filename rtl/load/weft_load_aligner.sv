// SPDX-License-Identifier: Apache-2.0
// weft_load_aligner: beats of memory, or words of V, in; aligned chunks of rows out.
//
// Walks a command group by group and row by row beside the beats its bursts bring. A transposed
// source is walked strip by strip, and in a strip all rows: there, a row means its part in the
// strip. A row that starts within a beat is shifted to the start of a chunk; bytes behind its end
// are zero. Packed MXINT8 is already aligned, and its headers are taken out and handed on as the
// scales of their chunks. One beat per cycle in, one chunk out; a shifted row costs one cycle more
// when it spans a beat more than it has chunks.
// INT8 rows are completed with zero chunks to whole blocks of 32. Words of V begin rows anyway.
// Gathered rows begin where shift_i says, row by row; a row does not end before it is known where
// the next begins, and a command must not come before its first is.
//
// cmd_ready_o: idle. Chunks of a command may still wait for their consumer then.
module weft_load_aligner
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned BeatBits = $clog2(Bytes)
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  load_cmd_t          cmd_i,
  input  logic               shift_valid_i,  // where the next gathered row begins in its first beat
  output logic               shift_ready_o,
  input  logic [BeatBits-1:0] shift_i,

  output logic               from_v_o,       // which source beat_i is to come from
  input  logic               beat_valid_i,
  output logic               beat_ready_o,
  input  logic [8*Bytes-1:0] beat_i,

  output logic               chunk_valid_o,
  input  logic               chunk_ready_i,
  output chunk_t             chunk_o,
  output detail_t            detail_o,
  output logic [8*Bytes-1:0] chunk_data_o
);
  localparam int unsigned HeaderBeats = 64 / Bytes;

  function automatic logic [1:0] size_log2(logic [1:0] format);
    unique case (format)
      2'(LoadFormatFp32): return 2'd2;
      2'(LoadFormatBf16): return 2'd1;
      default:            return 2'd0;
    endcase
  endfunction
  function automatic logic [15:0] strip_of(logic [1:0] format);  // columns of a strip
    return 16'(StripBytes >> size_log2(format));
  endfunction
  // Bytes of a row in memory; what is emitted of it is rounded up to whole blocks.
  function automatic logic [17:0] row_bytes_of(logic [1:0] format, logic [15:0] elements);
    if (format == 2'(LoadFormatMxint8)) return 18'(((32'(elements) + 63) / 64) * 64);
    return 18'(elements) << size_log2(format);
  endfunction
  function automatic logic [17:0] emitted_of(logic [1:0] format, logic [15:0] elements);
    if (format == 2'(LoadFormatInt8)) return 18'(((32'(elements) + 31) / 32) * 32);
    return row_bytes_of(format, elements);
  endfunction
  function automatic logic [17:0] beats_of(logic [BeatBits-1:0] shift, logic [17:0] bytes);
    return 18'((19'(shift) + 19'(bytes) + 19'(Bytes - 1)) >> BeatBits);
  endfunction

  load_cmd_t           cmd_q;
  logic                active_q;
  logic [15:0]         rows_q, groups_q;          // left: rows of the group, groups behind it
  logic [15:0]         base_q, position_q;
  logic [15:0]         elements_q;                // of the row
  logic [15:0]         strip_q;                   // columns from the strip on
  logic [3:0]          row_q;
  logic [BeatBits-1:0] shift_q, group_shift_q;    // of the row, of the group's first row
  logic [17:0]         beats_q, bytes_q, emit_q;  // left of the row: beats, bytes, bytes to emit
  logic [16:0]         left_q;
  logic                first_q;                   // no beat of the row is in previous_q
  logic [8*Bytes-1:0]  previous_q;

  // Packed MXINT8: a header leads each run of 32 chunks of 64, runs start anew every 16 rows.
  logic [511:0]        header_q;
  logic [1:0]          header_beat_q;
  logic [10:0]         run_q;      // 16-byte pieces left of the run; 0: a header is due
  logic                packed_mx, header_due, header_take;
  logic [15:0]         header_pair;

  // Logical indices: of the chunk, of the first elements of its row, group and strip.
  logic [31:0]         index_q, row_index_q, group_index_q, strip_index_q;

  logic                to_v, fill_only, step, emit, row_end, group_end, strip_end, shifted;
  logic                gathered_end, hold;  // of a gathered row with another behind it
  logic                next_is_strip, next_is_group;
  logic [16*Bytes-1:0] wide;

  assign to_v        = cmd_q.target == 2'(TargetV);
  assign packed_mx   = cmd_q.format == 2'(LoadFormatMxint8);
  assign header_due  = packed_mx && run_q == 0;
  assign header_take = active_q && header_due && beat_valid_i;
  assign shifted     = shift_q != 0;
  assign fill_only   = first_q && shifted && beats_q > 1;
  assign row_end     = emit_q <= 18'(Bytes);
  assign group_end   = rows_q == 1;
  assign strip_end   = group_end && groups_q == 0;
  assign gathered_end = cmd_q.gather && row_end && !group_end;
  assign hold         = gathered_end && !shift_valid_i;
  assign emit        = active_q && !header_due && !fill_only && !hold
                    && (beats_q == 0 || beat_valid_i);
  assign step        = fill_only ? active_q && beat_valid_i : emit && chunk_ready_i;
  assign from_v_o    = cmd_q.from_v;

  assign cmd_ready_o   = !active_q;
  assign chunk_valid_o = emit;
  assign beat_ready_o  = active_q
                      && (header_due || (beats_q != 0 && (fill_only || (chunk_ready_i && !hold))));
  assign shift_ready_o = active_q ? gathered_end && emit && chunk_ready_i
                                  : cmd_valid_i && cmd_i.gather;

  // Padding is made here, whatever memory holds behind the end of a row.
  logic [17:0] keep;
  assign keep = packed_mx ? 18'(left_q) : bytes_q;
  assign wide = (first_q || !shifted) ? (16*Bytes)'(beat_i) : {beat_i, previous_q};
  always_comb begin
    chunk_data_o = (8*Bytes)'(wide >> {shift_q, 3'b0});
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (i >= 32'(keep)) chunk_data_o[8*i +: 8] = '0;
    end
  end

  // Chunk i of the run has pair 31 - (run_q - 1) / 4.
  assign header_pair = header_q[16*(5'd31 - 5'((run_q - 11'd1) >> 2)) +: 16];

  always_comb begin
    chunk_o.where    = cmd_q.where;
    chunk_o.way      = to_v ? WayV : (packed_mx || cmd_q.format == 2'(LoadFormatInt8)) ? WayRaw
                                                                                     : WayQuantise;
    chunk_o.to_b     = cmd_q.target == 2'(TargetB);
    chunk_o.bf16     = cmd_q.format == 2'(LoadFormatBf16);
    chunk_o.row      = row_q;
    chunk_o.base     = base_q;
    chunk_o.position = position_q;
    chunk_o.left     = left_q;
    chunk_o.scale    = header_pair;
    chunk_o.scaled   = packed_mx;
    chunk_o.row_end  = row_end;
    chunk_o.last     = row_end && strip_end && strip_q == 16'(elements_q);

    detail_o.transpose  = cmd_q.transpose;
    detail_o.strip_end  = strip_end;
    detail_o.pitch      = cmd_q.dst_pitch;
    detail_o.stochastic = cmd_q.stochastic;
    detail_o.seed       = cmd_q.seed;
    detail_o.tensor     = cmd_q.tensor;
    detail_o.index      = index_q;
    detail_o.turned     = 1'b0;
    detail_o.tile       = '0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (!active_q) active_q <= cmd_valid_i;
    else if (step && !fill_only && chunk_o.last) active_q <= 1'b0;
  end

  logic [15:0] emitted_elements;
  assign emitted_elements = 16'(Bytes >> size_log2(cmd_q.format));

  // How the next row begins: as the first of the command, the next strip or the next group, or like
  // this one.
  load_cmd_t           next_cmd;
  logic [BeatBits-1:0] next_shift;
  logic [15:0]         next_strip, next_elements;
  logic [17:0]         next_bytes;
  logic [31:0]         next_index;
  assign next_is_group = next_is_strip || group_end;
  assign next_is_strip = !active_q || (cmd_q.transpose && strip_end);
  assign next_cmd      = active_q ? cmd_q : cmd_i;
  assign next_strip    = active_q ? strip_q - strip_of(cmd_q.format) : cmd_i.cols;
  assign next_bytes    = row_bytes_of(next_cmd.format, next_elements);
  always_comb begin
    next_elements = elements_q;
    next_shift    = shift_q + cmd_q.row_stride[BeatBits-1:0];
    next_index    = row_index_q + (cmd_q.row_stride >> size_log2(cmd_q.format));
    if (next_is_group) begin
      next_shift    = group_shift_q + cmd_q.group_stride[BeatBits-1:0];
      next_index    = group_index_q + (cmd_q.group_stride >> size_log2(cmd_q.format));
    end
    if (next_is_strip) begin
      next_elements = next_cmd.transpose && next_strip > strip_of(next_cmd.format)
                    ? strip_of(next_cmd.format) : next_strip;
      next_shift    = next_cmd.address[BeatBits-1:0];
      next_index    = active_q ? strip_index_q + 32'(strip_of(cmd_q.format)) : cmd_i.index;
    end
    if (next_cmd.from_v) next_shift = '0;
    if (next_cmd.gather) next_shift = shift_i;
  end

  always_ff @(posedge clk_i) begin
    if (!active_q || (step && !fill_only && row_end)) begin
      elements_q  <= next_elements;
      position_q  <= '0;
      shift_q     <= next_shift;
      beats_q     <= beats_of(next_shift, next_bytes);
      bytes_q     <= next_bytes;
      emit_q      <= emitted_of(next_cmd.format, next_elements);
      left_q      <= 17'(next_elements);
      first_q     <= 1'b1;
      index_q     <= next_index;
      row_index_q <= next_index;
      rows_q      <= next_is_group ? next_cmd.rows : rows_q - 1'b1;
      if (next_is_group) begin
        groups_q      <= next_is_strip ? next_cmd.extra_groups : groups_q - 1'b1;
        group_shift_q <= next_shift;
        group_index_q <= next_index;
      end
      if (next_is_strip) begin
        strip_q       <= next_strip;
        strip_index_q <= next_index;
      end
    end else if (step) begin
      if (beats_q != 0) begin
        previous_q <= beat_i;
        beats_q    <= beats_q - 1'b1;
        first_q    <= 1'b0;
      end
      if (!fill_only) begin
        bytes_q    <= bytes_q > 18'(Bytes) ? bytes_q - 18'(Bytes) : '0;
        emit_q     <= emit_q - 18'(Bytes);
        position_q <= position_q + emitted_elements;
        index_q    <= index_q + 32'(emitted_elements);
        left_q     <= left_q > 17'(emitted_elements) ? left_q - 17'(emitted_elements) : '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) begin
      cmd_q         <= cmd_i;
      base_q        <= cmd_i.dst;
      row_q         <= '0;
      header_beat_q <= '0;
      run_q         <= '0;
    end else if (header_take) begin
      header_q[8*Bytes*32'(header_beat_q) +: 8*Bytes] <= beat_i;
      header_beat_q <= (32'(header_beat_q) == HeaderBeats - 1) ? '0 : header_beat_q + 1'b1;
      if (32'(header_beat_q) == HeaderBeats - 1) run_q <= 11'd128;
    end else if (step && !fill_only) begin
      run_q <= run_q - 11'(Bytes / 16);
      if (row_end) begin
        row_q <= row_q + 1'b1;
        if (cmd_q.transpose) begin
          // A strip makes 16 rows of the operand of FP32, 32 of BF16.
          if (strip_end) begin
            base_q <= base_q + (cmd_q.format == 2'(LoadFormatBf16) ? cmd_q.dst_pitch << 1
                                                                   : cmd_q.dst_pitch);
          end
        end else if (to_v || row_q == 4'd15) begin
          base_q <= base_q + cmd_q.dst_pitch;
        end
        if (row_q == 4'd15) run_q <= '0;
      end
    end
  end
endmodule
