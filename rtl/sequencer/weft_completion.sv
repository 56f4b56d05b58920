// SPDX-License-Identifier: Apache-2.0
// weft_completion: writes the 512-byte completion record in one burst.
//
// start_i (one cycle) with a stable record and an address that is a multiple of 512; done_o pulses
// when memory has answered, error_o with it if the answer was an error. The record must hold until
// then. Address and data are offered at once, neither waits for the other.
module weft_completion #(
  parameter int unsigned Bytes = 64
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               start_i,
  input  logic [63:0]        address_i,
  input  logic [4095:0]      record_i,
  output logic               done_o,
  output logic               error_o,

  output logic               aw_valid_o,
  input  logic               aw_ready_i,
  output logic [63:0]        aw_address_o,
  output logic [7:0]         aw_len_o,
  output logic               w_valid_o,
  input  logic               w_ready_i,
  output logic [8*Bytes-1:0] w_data_o,
  output logic               w_last_o,
  input  logic               b_valid_i,
  input  logic               b_error_i
);
  localparam int unsigned Beats = 512 / Bytes;
  localparam int unsigned BeatWidth = $clog2(Beats);
  logic                 address_q, data_q, answer_q;  // still to be sent; still to come
  logic [BeatWidth-1:0] beat_q;

  assign aw_valid_o   = address_q;
  assign aw_address_o = address_i;
  assign aw_len_o     = 8'(Beats - 1);
  assign w_valid_o    = data_q;
  assign w_data_o     = record_i[8*Bytes*32'(beat_q) +: 8*Bytes];
  assign w_last_o     = 32'(beat_q) == Beats - 1;
  assign done_o       = answer_q && b_valid_i;
  assign error_o      = done_o && b_error_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      address_q <= 1'b0;
      data_q    <= 1'b0;
      answer_q  <= 1'b0;
      beat_q    <= '0;
    end else if (start_i) begin
      address_q <= 1'b1;
      data_q    <= 1'b1;
      answer_q  <= 1'b1;
      beat_q    <= '0;
    end else begin
      if (aw_ready_i) address_q <= 1'b0;
      if (data_q && w_ready_i) begin
        beat_q <= beat_q + 1'b1;
        if (w_last_o) data_q <= 1'b0;
      end
      if (b_valid_i) answer_q <= 1'b0;
    end
  end
endmodule
