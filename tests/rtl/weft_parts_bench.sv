// SPDX-License-Identifier: Apache-2.0
// weft_parts_bench: one of each small module, side by side, for the tests of tests/rtl. Ports carry
// the name of their module; arrays are packed.
module weft_parts_bench
  import weft_spec_pkg::*;
  import weft_v_pkg::*;
  import weft_sequencer_pkg::*;
#(
  parameter  int unsigned Bytes = 64,
  localparam int unsigned Lanes = Bytes / 4,
  localparam int unsigned Width = 8 * Bytes,
  localparam int unsigned Banks = Bytes / 8
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  // weft_fifo, of depth 1, 4 and 5, and weft_deep_fifo, of depth 8
  input  logic [3:0]           fifo_in_valid_i,
  output logic [3:0]           fifo_in_ready_o,
  input  logic [3:0][31:0]     fifo_in_data_i,
  output logic [3:0]           fifo_out_valid_o,
  input  logic [3:0]           fifo_out_ready_i,
  output logic [3:0][31:0]     fifo_out_data_o,
  output logic [2:0][2:0]      fifo_used_o,

  // weft_delay, of 0, 1, 2 and 7 cycles
  input  logic [31:0]          delay_in_i,
  output logic [3:0][31:0]     delay_out_o,

  // weft_bursts
  input  logic                 bursts_cmd_valid_i,
  output logic                 bursts_cmd_ready_o,
  input  logic [63:0]          bursts_cmd_address_i,
  input  logic [31:0]          bursts_cmd_stride_i,
  input  logic [15:0]          bursts_cmd_rows_i,
  input  logic [15:0]          bursts_cmd_extra_groups_i,
  input  logic [31:0]          bursts_cmd_group_stride_i,
  input  logic [47:0]          bursts_cmd_row_bytes_i,
  input  logic [15:0]          bursts_cmd_turns_i,
  input  logic [31:0]          bursts_cmd_turn_stride_i,
  input  logic [47:0]          bursts_cmd_last_bytes_i,
  output logic                 bursts_valid_o,
  input  logic                 bursts_ready_i,
  output logic [63:0]          bursts_address_o,
  output logic [7:0]           bursts_len_o,
  output logic                 bursts_last_o,

  // weft_v_buffer, of 64 words
  input  logic [NumReaders-1:0]            v_read_valid_i,
  output logic [NumReaders-1:0]            v_read_ready_o,
  input  logic [NumReaders-1:0][31:0]      v_read_address_i,
  output logic [NumReaders-1:0]            v_read_data_valid_o,
  output logic [NumReaders-1:0][Width-1:0] v_read_data_o,
  input  logic [NumWriters-1:0]            v_write_valid_i,
  output logic [NumWriters-1:0]            v_write_ready_o,
  input  logic [NumWriters-1:0][31:0]      v_write_address_i,
  input  logic [NumWriters-1:0][15:0]      v_write_mask_i,
  input  logic [NumWriters-1:0][Width-1:0] v_write_data_i,

  // weft_v_reader
  input  logic                 reader_cmd_valid_i,
  output logic                 reader_cmd_ready_o,
  input  logic [23:0]          reader_cmd_base_i,
  input  logic [23:0]          reader_cmd_pitch_i,
  input  logic [15:0]          reader_cmd_rows_i,
  input  logic [15:0]          reader_cmd_words_i,
  input  logic [1:0]           reader_cmd_order_i,
  output logic                 reader_v_valid_o,
  input  logic                 reader_v_ready_i,
  output logic [23:0]          reader_v_address_o,
  input  logic                 reader_v_data_valid_i,
  input  logic [Width-1:0]     reader_v_data_i,
  output logic                 reader_out_valid_o,
  input  logic                 reader_out_ready_i,
  output logic [Width-1:0]     reader_out_data_o,

  // weft_operand_buffer, of 4 cells, read by 4 rows (8-bit scales) and by 16 rows (19 bits)
  input  logic                 operand_write_valid_i,
  input  logic [1:0]           operand_write_cell_i,
  input  logic [3:0]           operand_write_row_i,
  input  logic [2:0]           operand_write_step_i,
  input  logic [Banks-1:0]     operand_write_mask_i,
  input  logic [Width-1:0]     operand_write_data_i,
  input  logic [1:0]           operand_scale_write_i,
  input  logic [1:0][31:0]     operand_scale_data_i,
  input  logic                 operand_read_valid_i,
  input  logic [1:0]           operand_read_cell_i,
  input  logic [1:0]           operand_read_sub_i,
  input  logic [2:0]           operand_read_step_i,
  output logic [255:0]         operand_4_data_o,
  output logic [3:0][7:0]      operand_4_scale_o,
  output logic [1023:0]        operand_16_data_o,
  output logic [15:0][18:0]    operand_16_scale_o,

  // weft_store_packer
  input  logic                 packer_cmd_valid_i,
  output logic                 packer_cmd_ready_o,
  input  logic [11:0]          packer_cmd_address_i,
  input  logic [11:0]          packer_cmd_stride_i,
  input  logic [15:0]          packer_cmd_rows_i,
  input  logic [15:0]          packer_cmd_extra_groups_i,
  input  logic [11:0]          packer_cmd_group_stride_i,
  input  logic [17:0]          packer_cmd_row_bytes_i,
  input  logic [6:0]           packer_cmd_piece_bytes_i,
  input  logic                 packer_in_valid_i,
  output logic                 packer_in_ready_o,
  input  logic [Width-1:0]     packer_in_data_i,
  output logic                 packer_out_valid_o,
  input  logic                 packer_out_ready_i,
  output logic [Width-1:0]     packer_out_data_o,
  output logic [Bytes-1:0]     packer_out_strobe_o,
  output logic                 packer_out_last_o,

  // weft_axi_read_mux
  input  logic [1:0]           mux_valid_i,
  output logic [1:0]           mux_ready_o,
  input  logic [1:0][63:0]     mux_address_i,
  input  logic [1:0][7:0]      mux_len_i,
  output logic                 mux_ar_valid_o,
  input  logic                 mux_ar_ready_i,
  output logic                 mux_ar_id_o,
  output logic [63:0]          mux_ar_address_o,
  output logic [7:0]           mux_ar_len_o,

  // weft_fetch
  input  logic                 fetch_request_i,
  input  logic [63:0]          fetch_request_address_i,
  input  logic [16:0]          fetch_request_lines_i,
  input  logic                 fetch_cancel_i,
  output logic                 fetch_idle_o,
  output logic                 fetch_line_valid_o,
  input  logic                 fetch_line_ready_i,
  output logic [511:0]         fetch_line_o,
  output logic                 fetch_line_error_o,
  output logic [63:0]          fetch_line_address_o,
  output logic                 fetch_ar_valid_o,
  input  logic                 fetch_ar_ready_i,
  output logic [63:0]          fetch_ar_address_o,
  output logic [7:0]           fetch_ar_len_o,
  input  logic                 fetch_r_valid_i,
  input  logic [Width-1:0]     fetch_r_data_i,
  input  logic                 fetch_r_error_i,

  // weft_unit_queue
  input  counts_t              queue_retired_i,
  input  logic                 queue_in_valid_i,
  output logic                 queue_in_ready_o,
  input  counts_t              queue_in_after_i,
  input  logic [31:0]          queue_in_data_i,
  output logic                 queue_out_valid_o,
  input  logic                 queue_out_ready_i,
  output logic [31:0]          queue_out_data_o,
  output logic                 queue_waiting_o,
  output logic [1:0]           queue_waits_for_o,

  // weft_completion
  input  logic                 completion_start_i,
  input  logic [63:0]          completion_address_i,
  input  logic [4095:0]        completion_record_i,
  output logic                 completion_done_o,
  output logic                 completion_error_o,
  output logic                 completion_aw_valid_o,
  input  logic                 completion_aw_ready_i,
  output logic [63:0]          completion_aw_address_o,
  output logic [7:0]           completion_aw_len_o,
  output logic                 completion_w_valid_o,
  input  logic                 completion_w_ready_i,
  output logic [Width-1:0]     completion_w_data_o,
  output logic                 completion_w_last_o,
  input  logic                 completion_b_valid_i,
  input  logic                 completion_b_error_i,

  // weft_counters
  input  logic                 counters_clear_i,
  input  logic                 counters_running_i,
  input  logic [3:0]           counters_active_i,
  input  logic [3:0]           counters_busy_i,
  input  logic [3:0]           counters_wait_read_i,
  input  logic [3:0]           counters_wait_write_i,
  input  logic [3:0]           counters_wait_bank_i,
  input  logic [3:0]           counters_waiting_i,
  input  logic [3:0][1:0]      counters_waits_for_i,
  input  logic [3:0]           counters_retire_i,
  input  logic                 counters_read_beat_i,
  input  logic                 counters_write_beat_i,
  output logic [63:0]          counters_cycles_o,
  output logic [3:0][31:0]     counters_retired_o,
  output logic [63:0]          counters_read_beats_o,
  output logic [63:0]          counters_write_beats_o,
  output logic [NumUnits*NumStates-1:0][63:0] counters_o
);
  localparam int unsigned FifoDepth [3] = '{1, 4, 5};
  for (genvar i = 0; i < 3; i++) begin : g_fifo
    logic [$clog2(FifoDepth[i]+1)-1:0] used;
    weft_fifo #(.Width(32), .Depth(FifoDepth[i])) u_fifo (
      .clk_i, .rst_ni, .in_valid_i(fifo_in_valid_i[i]), .in_ready_o(fifo_in_ready_o[i]),
      .in_data_i(fifo_in_data_i[i]), .out_valid_o(fifo_out_valid_o[i]),
      .out_ready_i(fifo_out_ready_i[i]), .out_data_o(fifo_out_data_o[i]), .used_o(used)
    );
    assign fifo_used_o[i] = 3'(used);
  end
  weft_deep_fifo #(.Width(32), .Depth(8)) u_deep_fifo (
    .clk_i, .rst_ni, .in_valid_i(fifo_in_valid_i[3]), .in_ready_o(fifo_in_ready_o[3]),
    .in_data_i(fifo_in_data_i[3]), .out_valid_o(fifo_out_valid_o[3]),
    .out_ready_i(fifo_out_ready_i[3]), .out_data_o(fifo_out_data_o[3])
  );

  localparam int unsigned DelayCycles [4] = '{0, 1, 2, 7};
  for (genvar i = 0; i < 4; i++) begin : g_delay
    weft_delay #(.Width(32), .Cycles(DelayCycles[i])) u_delay (
      .clk_i, .in_i(delay_in_i), .out_o(delay_out_o[i])
    );
  end

  weft_bursts #(.Bytes(Bytes)) u_bursts (
    .clk_i, .rst_ni, .cmd_valid_i(bursts_cmd_valid_i), .cmd_ready_o(bursts_cmd_ready_o),
    .cmd_address_i(bursts_cmd_address_i), .cmd_stride_i(bursts_cmd_stride_i),
    .cmd_rows_i(bursts_cmd_rows_i), .cmd_extra_groups_i(bursts_cmd_extra_groups_i),
    .cmd_group_stride_i(bursts_cmd_group_stride_i), .cmd_row_bytes_i(bursts_cmd_row_bytes_i),
    .cmd_turns_i(bursts_cmd_turns_i), .cmd_turn_stride_i(bursts_cmd_turn_stride_i),
    .cmd_last_bytes_i(bursts_cmd_last_bytes_i),
    .burst_valid_o(bursts_valid_o), .burst_ready_i(bursts_ready_i),
    .burst_address_o(bursts_address_o), .burst_len_o(bursts_len_o), .last_o(bursts_last_o)
  );

  logic             v_read_valid [NumReaders], v_read_ready [NumReaders];
  logic             v_read_data_valid [NumReaders];
  v_address_t       v_read_address [NumReaders];
  logic [Width-1:0] v_read_data [NumReaders];
  logic             v_write_valid [NumWriters], v_write_ready [NumWriters];
  v_address_t       v_write_address [NumWriters];
  logic [Lanes-1:0] v_write_mask [NumWriters];
  logic [Width-1:0] v_write_data [NumWriters];
  for (genvar i = 0; i < NumReaders; i++) begin : g_reader
    assign v_read_valid[i]        = v_read_valid_i[i];
    assign v_read_ready_o[i]      = v_read_ready[i];
    assign v_read_address[i]      = v_read_address_i[i][23:0];
    assign v_read_data_valid_o[i] = v_read_data_valid[i];
    assign v_read_data_o[i]       = v_read_data[i];
  end
  for (genvar i = 0; i < NumWriters; i++) begin : g_writer
    assign v_write_valid[i]   = v_write_valid_i[i];
    assign v_write_ready_o[i] = v_write_ready[i];
    assign v_write_address[i] = v_write_address_i[i][23:0];
    assign v_write_mask[i]    = v_write_mask_i[i][Lanes-1:0];
    assign v_write_data[i]    = v_write_data_i[i];
  end
  weft_v_buffer #(.Bytes(64 * Bytes), .Lanes(Lanes)) u_v (
    .clk_i, .rst_ni, .read_valid_i(v_read_valid), .read_ready_o(v_read_ready),
    .read_address_i(v_read_address), .read_data_valid_o(v_read_data_valid),
    .read_data_o(v_read_data), .write_valid_i(v_write_valid), .write_ready_o(v_write_ready),
    .write_address_i(v_write_address), .write_mask_i(v_write_mask), .write_data_i(v_write_data)
  );

  weft_v_reader #(.WordWidth(Width)) u_reader (
    .clk_i, .rst_ni, .cmd_valid_i(reader_cmd_valid_i), .cmd_ready_o(reader_cmd_ready_o),
    .cmd_base_i(reader_cmd_base_i), .cmd_pitch_i(reader_cmd_pitch_i),
    .cmd_rows_i(reader_cmd_rows_i), .cmd_words_i(reader_cmd_words_i),
    .cmd_order_i(v_order_e'(reader_cmd_order_i)),
    .v_valid_o(reader_v_valid_o), .v_ready_i(reader_v_ready_i), .v_address_o(reader_v_address_o),
    .v_data_valid_i(reader_v_data_valid_i), .v_data_i(reader_v_data_i),
    .out_valid_o(reader_out_valid_o), .out_ready_i(reader_out_ready_i),
    .out_data_o(reader_out_data_o)
  );

  weft_operand_buffer #(.Bytes(4096), .Rows(4), .WriteBytes(Bytes), .ScaleWidth(8)) u_operand_4 (
    .clk_i, .write_valid_i(operand_write_valid_i), .write_cell_i(operand_write_cell_i),
    .write_row_i(operand_write_row_i), .write_step_i(operand_write_step_i),
    .write_mask_i(operand_write_mask_i), .write_data_i(operand_write_data_i),
    .scale_write_i(operand_scale_write_i),
    .scale_data_i({operand_scale_data_i[1][7:0], operand_scale_data_i[0][7:0]}),
    .read_valid_i(operand_read_valid_i), .read_cell_i(operand_read_cell_i),
    .read_sub_i(operand_read_sub_i), .read_step_i(operand_read_step_i),
    .read_data_o(operand_4_data_o), .read_scale_o(operand_4_scale_o)
  );
  weft_operand_buffer #(.Bytes(4096), .Rows(16), .WriteBytes(Bytes), .ScaleWidth(19))
  u_operand_16 (
    .clk_i, .write_valid_i(operand_write_valid_i), .write_cell_i(operand_write_cell_i),
    .write_row_i(operand_write_row_i), .write_step_i(operand_write_step_i),
    .write_mask_i(operand_write_mask_i), .write_data_i(operand_write_data_i),
    .scale_write_i(operand_scale_write_i),
    .scale_data_i({operand_scale_data_i[1][18:0], operand_scale_data_i[0][18:0]}),
    .read_valid_i(operand_read_valid_i), .read_cell_i(operand_read_cell_i),
    .read_sub_i(1'b0), .read_step_i(operand_read_step_i),
    .read_data_o(operand_16_data_o), .read_scale_o(operand_16_scale_o)
  );

  weft_store_packer #(.Bytes(Bytes)) u_packer (
    .clk_i, .rst_ni, .cmd_valid_i(packer_cmd_valid_i), .cmd_ready_o(packer_cmd_ready_o),
    .cmd_address_i(packer_cmd_address_i), .cmd_stride_i(packer_cmd_stride_i),
    .cmd_rows_i(packer_cmd_rows_i), .cmd_extra_groups_i(packer_cmd_extra_groups_i),
    .cmd_group_stride_i(packer_cmd_group_stride_i), .cmd_row_bytes_i(packer_cmd_row_bytes_i),
    .cmd_piece_bytes_i(packer_cmd_piece_bytes_i[$clog2(Bytes):0]),
    .in_valid_i(packer_in_valid_i), .in_ready_o(packer_in_ready_o), .in_data_i(packer_in_data_i),
    .out_valid_o(packer_out_valid_o), .out_ready_i(packer_out_ready_i),
    .out_data_o(packer_out_data_o), .out_strobe_o(packer_out_strobe_o),
    .out_last_o(packer_out_last_o)
  );

  logic [63:0] mux_address [2];
  logic [7:0]  mux_len [2];
  for (genvar i = 0; i < 2; i++) begin : g_mux
    assign mux_address[i] = mux_address_i[i];
    assign mux_len[i]     = mux_len_i[i];
  end
  weft_axi_read_mux u_mux (
    .clk_i, .rst_ni, .valid_i(mux_valid_i), .ready_o(mux_ready_o), .address_i(mux_address),
    .len_i(mux_len), .ar_valid_o(mux_ar_valid_o), .ar_ready_i(mux_ar_ready_i),
    .ar_id_o(mux_ar_id_o), .ar_address_o(mux_ar_address_o), .ar_len_o(mux_ar_len_o)
  );

  weft_fetch #(.Bytes(Bytes)) u_fetch (
    .clk_i, .rst_ni, .request_i(fetch_request_i), .request_address_i(fetch_request_address_i),
    .request_lines_i(fetch_request_lines_i), .cancel_i(fetch_cancel_i), .idle_o(fetch_idle_o),
    .line_valid_o(fetch_line_valid_o), .line_ready_i(fetch_line_ready_i), .line_o(fetch_line_o),
    .line_error_o(fetch_line_error_o), .line_address_o(fetch_line_address_o),
    .ar_valid_o(fetch_ar_valid_o),
    .ar_ready_i(fetch_ar_ready_i), .ar_address_o(fetch_ar_address_o), .ar_len_o(fetch_ar_len_o),
    .r_valid_i(fetch_r_valid_i), .r_data_i(fetch_r_data_i), .r_error_i(fetch_r_error_i)
  );

  weft_unit_queue #(.Width(32), .Depth(8)) u_queue (
    .clk_i, .rst_ni, .retired_i(queue_retired_i), .in_valid_i(queue_in_valid_i),
    .in_ready_o(queue_in_ready_o), .in_after_i(queue_in_after_i), .in_data_i(queue_in_data_i),
    .out_valid_o(queue_out_valid_o), .out_ready_i(queue_out_ready_i),
    .out_data_o(queue_out_data_o), .waiting_o(queue_waiting_o), .waits_for_o(queue_waits_for_o)
  );

  weft_completion #(.Bytes(Bytes)) u_completion (
    .clk_i, .rst_ni, .start_i(completion_start_i), .address_i(completion_address_i),
    .record_i(completion_record_i), .done_o(completion_done_o), .error_o(completion_error_o),
    .aw_valid_o(completion_aw_valid_o), .aw_ready_i(completion_aw_ready_i),
    .aw_address_o(completion_aw_address_o), .aw_len_o(completion_aw_len_o),
    .w_valid_o(completion_w_valid_o), .w_ready_i(completion_w_ready_i),
    .w_data_o(completion_w_data_o), .w_last_o(completion_w_last_o),
    .b_valid_i(completion_b_valid_i), .b_error_i(completion_b_error_i)
  );

  weft_counters u_counters (
    .clk_i, .rst_ni, .clear_i(counters_clear_i), .running_i(counters_running_i),
    .active_i(counters_active_i), .busy_i(counters_busy_i), .wait_read_i(counters_wait_read_i),
    .wait_write_i(counters_wait_write_i), .wait_bank_i(counters_wait_bank_i),
    .waiting_i(counters_waiting_i), .waits_for_i(counters_waits_for_i),
    .retire_i(counters_retire_i), .read_beat_i(counters_read_beat_i),
    .write_beat_i(counters_write_beat_i), .cycles_o(counters_cycles_o),
    .retired_o(counters_retired_o), .read_beats_o(counters_read_beats_o),
    .write_beats_o(counters_write_beats_o), .counter_o(counters_o)
  );

  // Ports are as wide as the widest configuration needs.
  logic unused;
  assign unused = &{v_read_address_i, v_write_address_i, v_write_mask_i, operand_scale_data_i,
                    packer_cmd_piece_bytes_i};
endmodule
