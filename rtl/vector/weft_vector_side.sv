// SPDX-License-Identifier: Apache-2.0
// weft_vector_side: a vector of up to Elements elements, kept beside the stream.
//
// Filled word by word from the first on: clear_i returns to the first word. read_data_o follows
// read_word_i by one cycle; what is written in that cycle can be read in the next.
module weft_vector_side #(
  parameter  int unsigned Lanes    = 16,
  parameter  int unsigned Elements = 4096,
  localparam int unsigned Words    = Elements / Lanes,
  localparam int unsigned Index    = $clog2(Words)
) (
  input  logic                clk_i,
  input  logic                clear_i,
  input  logic                fill_i,
  input  logic [32*Lanes-1:0] fill_data_i,
  output logic [15:0]         filled_o,    // words
  input  logic [Index-1:0]    read_word_i,
  output logic [32*Lanes-1:0] read_data_o
);
  logic [32*Lanes-1:0] store_q [Words];

  always_ff @(posedge clk_i) begin
    if (clear_i) filled_o <= '0;
    else if (fill_i) filled_o <= filled_o + 1'b1;
    if (fill_i) store_q[filled_o[Index-1:0]] <= fill_data_i;
    read_data_o <= store_q[read_word_i];
  end
endmodule
