// SPDX-License-Identifier: Apache-2.0
// weft_completion: writes the 512-byte completion record in one burst.
//
// start_i (one cycle) with a stable record and an address that is a multiple of 512; done_o pulses
// when memory has answered. The record must hold until then.
module weft_completion #(
  parameter int unsigned Bytes = 64
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               start_i,
  input  logic [63:0]        address_i,
  input  logic [4095:0]      record_i,
  output logic               done_o,

  output logic               aw_valid_o,
  input  logic               aw_ready_i,
  output logic [63:0]        aw_address_o,
  output logic [7:0]         aw_len_o,
  output logic               w_valid_o,
  input  logic               w_ready_i,
  output logic [8*Bytes-1:0] w_data_o,
  output logic               w_last_o,
  input  logic               b_valid_i
);
  localparam int unsigned Beats = 512 / Bytes;
  localparam int unsigned BeatWidth = $clog2(Beats);
  typedef enum logic [1:0] {StIdle, StAddress, StData, StAnswer} state_e;

  state_e               state_q;
  logic [BeatWidth-1:0] beat_q;

  assign aw_valid_o   = state_q == StAddress;
  assign aw_address_o = address_i;
  assign aw_len_o     = 8'(Beats - 1);
  assign w_valid_o    = state_q == StData;
  assign w_data_o     = record_i[8*Bytes*32'(beat_q) +: 8*Bytes];
  assign w_last_o     = 32'(beat_q) == Beats - 1;
  assign done_o       = state_q == StAnswer && b_valid_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      beat_q  <= '0;
    end else begin
      unique case (state_q)
        StIdle:    if (start_i) state_q <= StAddress;
        StAddress: if (aw_ready_i) state_q <= StData;
        StData:    if (w_ready_i) begin
          beat_q <= beat_q + 1'b1;
          if (w_last_o) state_q <= StAnswer;
        end
        StAnswer:  if (b_valid_i) state_q <= StIdle;
      endcase
    end
  end
endmodule
