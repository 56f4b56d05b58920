// SPDX-License-Identifier: Apache-2.0
// What AXI4 asks of a master's channels (A3.2.1: valid stays and the payload does not change until
// ready; A3.4.1: no burst crosses 4 KiB), as assertions around the cells that drive them. Proved by
// check.py with temporal induction: without a bound on time. Every input is free but for what the
// header of the cell demands of its user.

// Holds (or, as an assumption, makes) a stream stay while it waits.
module weft_proof_hold #(
  parameter int unsigned Width = 1,
  parameter bit          Assume = 0
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             valid_i,
  input logic             ready_i,
  input logic [Width-1:0] data_i
);
  logic             waited_q;
  logic [Width-1:0] data_q;
  always_ff @(posedge clk_i) begin
    waited_q <= rst_ni && valid_i && !ready_i;
    data_q   <= data_i;
  end
  always_comb begin
    if (rst_ni && waited_q) begin
      if (Assume) assume (valid_i && data_i == data_q);
      else assert (valid_i && data_i == data_q);
    end
  end
endmodule

// AR: two requesters that hold what they offer.
module weft_proof_read_address (
  input logic        clk_i,
  input logic        rst_ni,
  input logic [1:0]  valid_i,
  input logic [63:0] address_0_i,
  input logic [63:0] address_1_i,
  input logic [7:0]  len_0_i,
  input logic [7:0]  len_1_i,
  input logic        ar_ready_i
);
  logic [1:0]  ready;
  logic [63:0] address [2], ar_address;
  logic [7:0]  len [2], ar_len;
  logic        ar_valid, ar_id;
  assign address[0] = address_0_i;
  assign address[1] = address_1_i;
  assign len[0]     = len_0_i;
  assign len[1]     = len_1_i;
  weft_axi_read_mux u_mux (
    .clk_i, .rst_ni, .valid_i, .ready_o(ready), .address_i(address), .len_i(len),
    .ar_valid_o(ar_valid), .ar_ready_i, .ar_id_o(ar_id), .ar_address_o(ar_address),
    .ar_len_o(ar_len)
  );
  weft_proof_hold #(.Width(72), .Assume(1)) u_0 (
    .clk_i, .rst_ni, .valid_i(valid_i[0]), .ready_i(ready[0]), .data_i({address_0_i, len_0_i})
  );
  weft_proof_hold #(.Width(72), .Assume(1)) u_1 (
    .clk_i, .rst_ni, .valid_i(valid_i[1]), .ready_i(ready[1]), .data_i({address_1_i, len_1_i})
  );
  weft_proof_hold #(.Width(73)) u_held (
    .clk_i, .rst_ni, .valid_i(ar_valid), .ready_i(ar_ready_i), .data_i({ar_id, ar_address, ar_len})
  );
  always_comb assert (!(ready[0] && ready[1]));
endmodule

// AR of the fetcher: requests are aligned to a line, and memory returns no line nobody asked for.
module weft_proof_fetch (
  input logic         clk_i,
  input logic         rst_ni,
  input logic         request_i,
  input logic [57:0]  request_line_i,
  input logic [16:0]  request_lines_i,
  input logic         cancel_i,
  input logic         line_ready_i,
  input logic         ar_ready_i,
  input logic         r_valid_i,
  input logic [511:0] r_data_i,
  input logic         r_error_i
);
  logic         idle, line_valid, line_error, ar_valid;
  logic [511:0] line;
  logic [63:0]  line_address, ar_address;
  logic [7:0]   ar_len;
  logic [4:0]   owed_q;  // lines
  weft_fetch #(.Bytes(64)) u_fetch (
    .clk_i, .rst_ni, .request_i, .request_address_i({request_line_i, 6'd0}), .request_lines_i,
    .cancel_i, .idle_o(idle), .line_valid_o(line_valid), .line_ready_i, .line_o(line),
    .line_error_o(line_error), .line_address_o(line_address), .ar_valid_o(ar_valid), .ar_ready_i,
    .ar_address_o(ar_address), .ar_len_o(ar_len), .r_valid_i(r_valid_i && owed_q != 0), .r_data_i,
    .r_error_i
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) owed_q <= '0;
    else owed_q <= owed_q + (ar_valid && ar_ready_i ? 5'(ar_len) + 5'd1 : 5'd0)
                 - 5'(r_valid_i && owed_q != 0);
  end
  weft_proof_hold #(.Width(72)) u_held (
    .clk_i, .rst_ni, .valid_i(ar_valid), .ready_i(ar_ready_i), .data_i({ar_address, ar_len})
  );
  always_comb begin
    if (rst_ni) begin
      // What makes it inductive: a place is reserved for each line owed or in the queue.
      assert (u_fetch.reserved_q <= 5'd16);
      assert (6'(u_fetch.reserved_q) == 6'(owed_q) + 6'(u_fetch.used));
      assert (ar_address[5:0] == 0 || u_fetch.left_q == 0);
      if (ar_valid) assert (32'(ar_address[11:0]) + (32'(ar_len) + 1) * 64 <= 4096);
    end
  end
endmodule

// AW and AR: the bursts of load and store. Rows are not empty.
module weft_proof_bursts (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        cmd_valid_i,
  input logic [63:0] cmd_address_i,
  input logic [31:0] cmd_stride_i,
  input logic [15:0] cmd_rows_i,
  input logic [15:0] cmd_extra_groups_i,
  input logic [31:0] cmd_group_stride_i,
  input logic [47:0] cmd_row_bytes_i,
  input logic [15:0] cmd_turns_i,
  input logic [31:0] cmd_turn_stride_i,
  input logic [47:0] cmd_last_bytes_i,
  input logic        burst_ready_i
);
  localparam int unsigned Bytes = 64;
  logic        cmd_ready, burst_valid, last;
  logic [63:0] burst_address;
  logic [7:0]  burst_len;
  weft_bursts #(.Bytes(Bytes)) u_bursts (
    .clk_i, .rst_ni, .cmd_valid_i, .cmd_ready_o(cmd_ready), .cmd_address_i, .cmd_stride_i,
    .cmd_rows_i, .cmd_extra_groups_i, .cmd_group_stride_i, .cmd_row_bytes_i, .cmd_turns_i,
    .cmd_turn_stride_i, .cmd_last_bytes_i, .burst_valid_o(burst_valid), .burst_ready_i,
    .burst_address_o(burst_address), .burst_len_o(burst_len), .last_o(last)
  );
  weft_proof_hold #(.Width(73)) u_held (
    .clk_i, .rst_ni, .valid_i(burst_valid), .ready_i(burst_ready_i),
    .data_i({burst_address, burst_len, last})
  );
  always_comb begin
    assume (cmd_row_bytes_i != 0 && cmd_last_bytes_i != 0);
    if (rst_ni && burst_valid) begin
      assert (32'(burst_address[11:0]) + (32'(burst_len) + 1) * Bytes <= 4096);
      assert (burst_address[5:0] == 0);
      // What makes it inductive: rows are not empty, and something of the row is left.
      assert (u_bursts.left_q != 0 && u_bursts.row_bytes_q != 0 && u_bursts.last_bytes_q != 0);
    end
  end
endmodule

// AR of the load unit, with what only consumes data cut out: rows are not empty, and data leaves
// its queue only while some is reserved.
module weft_proof_load
  import weft_unit_pkg::*;
(
  input logic      clk_i,
  input logic      rst_ni,
  input logic      cmd_valid_i,
  input load_cmd_t cmd_i,
  input logic      ar_ready_i,
  input logic      r_valid_i,
  input logic      r_last_i
);
  logic        ar_valid;
  logic [63:0] ar_address;
  logic [7:0]  ar_len;
  weft_load u_load (
    .clk_i, .rst_ni, .cmd_valid_i, .cmd_ready_o(), .cmd_i, .retire_o(), .active_o(), .busy_o(),
    .wait_read_o(), .wait_bank_o(), .error_valid_o(), .error_o(), .index_error_valid_o(),
    .index_error_o(), .ar_valid_o(ar_valid), .ar_ready_i, .ar_address_o(ar_address),
    .ar_len_o(ar_len), .r_valid_i, .r_data_i('0), .r_error_i(1'b0), .r_last_i,
    .ab_write_o(), .ab_place_o(), .ab_mask_o(), .ab_data_o(), .v_read_valid_o(),
    .v_read_ready_i(1'b1), .v_read_address_o(), .v_read_data_valid_i(1'b0), .v_read_data_i('0),
    .v_write_valid_o(), .v_write_ready_i(1'b1), .v_write_address_o(), .v_write_mask_o(),
    .v_write_data_o(), .v_write_where_o()
  );
  weft_proof_hold #(.Width(72)) u_held (
    .clk_i, .rst_ni, .valid_i(ar_valid), .ready_i(ar_ready_i), .data_i({ar_address, ar_len})
  );
  always_comb begin
    if (u_load.u_bursts.cmd_valid_i) begin
      assume (u_load.u_bursts.cmd_row_bytes_i != 0 && u_load.u_bursts.cmd_last_bytes_i != 0);
    end
    if (u_load.beat_valid) assume (u_load.reserved_q != 0);
    if (rst_ni) begin
      assert (u_load.reserved_q <= 512);
      assert (32'(u_load.u_open.used_q) <= 128);
      if (ar_valid) begin
        assert (32'(ar_address[11:0]) + (32'(ar_len) + 1) * 64 <= 4096);
        assert (ar_address[5:0] == 0);
      end
      // What makes it inductive, as in weft_proof_bursts.
      if (!u_load.bursts_ready) begin
        assert (u_load.u_bursts.left_q != 0 && u_load.u_bursts.row_bytes_q != 0
                && u_load.u_bursts.last_bytes_q != 0);
      end
    end
  end
endmodule

// AW and W of the completion record: its user holds address and record until memory has answered.
// W's data are compared with the record: equal to a fixed part of what holds, so they hold.
module weft_proof_completion (
  input logic          clk_i,
  input logic          rst_ni,
  input logic          start_i,
  input logic [63:0]   address_i,
  input logic [4095:0] record_i,
  input logic          aw_ready_i,
  input logic          w_ready_i,
  input logic          b_valid_i
);
  logic         done, error, aw_valid, w_valid, w_last, running_q;
  logic [63:0]  aw_address;
  logic [7:0]   aw_len;
  logic [511:0] w_data;
  logic [2:0]   beat;
  weft_completion #(.Bytes(64)) u_completion (
    .clk_i, .rst_ni, .start_i(start_i && !running_q), .address_i, .record_i, .done_o(done),
    .error_o(error), .aw_valid_o(aw_valid), .aw_ready_i, .aw_address_o(aw_address),
    .aw_len_o(aw_len), .w_valid_o(w_valid), .w_ready_i, .w_data_o(w_data), .w_last_o(w_last),
    .b_valid_i(b_valid_i && running_q && !aw_valid && !w_valid), .b_error_i(1'b0)
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) running_q <= 1'b0;
    else running_q <= (running_q || start_i) && !done;
  end
  weft_proof_hold #(.Width(64), .Assume(1)) u_address (
    .clk_i, .rst_ni, .valid_i(running_q), .ready_i(done), .data_i(address_i)
  );
  weft_proof_hold #(.Width(72)) u_aw (
    .clk_i, .rst_ni, .valid_i(aw_valid), .ready_i(aw_ready_i), .data_i({aw_address, aw_len})
  );
  weft_proof_hold #(.Width(4)) u_w (
    .clk_i, .rst_ni, .valid_i(w_valid), .ready_i(w_ready_i), .data_i({w_last, beat})
  );
  assign beat = u_completion.beat_q;
  always_comb begin
    assert (aw_len == 8'd7);
    assert (w_data == record_i[512*32'(beat) +: 512]);
    assert (w_last == (beat == 3'd7));
    if (rst_ni) begin
      assert (!(aw_valid || w_valid) || running_q);
      assert (running_q == u_completion.answer_q);
    end
  end
endmodule

// W of the store unit: what its last queue offers. And the room in a queue, which is part of valid
// of AW and AR: it stays until it is used. Payload is only copied, so 16 bits stand for any width.
module weft_proof_queue (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        in_valid_i,
  input logic [15:0] in_data_i,
  input logic        out_ready_i
);
  logic        in_ready, out_valid;
  logic [15:0] out_data;
  logic [2:0]  used;
  weft_fifo #(.Width(16), .Depth(4)) u_queue (
    .clk_i, .rst_ni, .in_valid_i, .in_ready_o(in_ready), .in_data_i, .out_valid_o(out_valid),
    .out_ready_i, .out_data_o(out_data), .used_o(used)
  );
  weft_proof_hold #(.Width(16)) u_held (
    .clk_i, .rst_ni, .valid_i(out_valid), .ready_i(out_ready_i), .data_i(out_data)
  );
  weft_proof_hold #(.Width(1)) u_room (
    .clk_i, .rst_ni, .valid_i(in_ready), .ready_i(in_valid_i), .data_i(1'b0)
  );
  // What makes it inductive: the pointers are as far apart as there are elements.
  always_comb begin
    if (rst_ni) begin
      assert (used <= 3'd4);
      assert (2'(u_queue.write_q - u_queue.read_q) == used[1:0]);
    end
  end
endmodule
