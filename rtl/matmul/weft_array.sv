// SPDX-License-Identifier: Apache-2.0
// weft_array: Rows x Columns dot-product elements of 8 int8 multiplies, summed over the 4 steps of
// a block of 32.
//
// in_valid_i brings a step of Rows rows of A and Columns rows of B; in_first_i marks the first of
// the four. in_last_i marks the fourth, valid or not: out_valid_o follows 3 cycles later, and sum_o
// then holds the sum of the last four valid steps for at least 4 cycles.
// |sum| <= 32 * 128 * 128 = 2^19, and 20 bits would hold all but +2^19: 21.
module weft_array #(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Columns = 16
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  input  logic                  in_valid_i,
  input  logic                  in_first_i,
  input  logic                  in_last_i,
  input  logic [64*Rows-1:0]    a_i,
  input  logic [64*Columns-1:0] b_i,

  output logic                  out_valid_o,
  output logic signed [20:0]    sum_o [Rows*Columns]
);
  typedef logic signed [18:0] product_t;  // sum of 8 products of int8
  typedef logic signed [20:0] sum_t;

  logic     s1_valid_q, s1_first_q, s1_last_q, s2_last_q;
  product_t s1_product_q [Rows*Columns];
  sum_t     s2_sum_q [Rows*Columns];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q  <= 1'b0;
      s1_last_q   <= 1'b0;
      s2_last_q   <= 1'b0;
      out_valid_o <= 1'b0;
    end else begin
      s1_valid_q  <= in_valid_i;
      s1_last_q   <= in_last_i;
      s2_last_q   <= s1_last_q;
      out_valid_o <= s2_last_q;
    end
    s1_first_q <= in_first_i;
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i) begin
      for (int unsigned r = 0; r < Rows; r++) begin
        for (int unsigned c = 0; c < Columns; c++) begin
          automatic product_t product = '0;
          for (int unsigned u = 0; u < 8; u++) begin
            product = product + product_t'($signed(a_i[64*r + 8*u +: 8]))
                                * product_t'($signed(b_i[64*c + 8*u +: 8]));
          end
          s1_product_q[r*Columns + c] <= product;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (s1_valid_q) begin
      for (int unsigned e = 0; e < Rows*Columns; e++) begin
        s2_sum_q[e] <= (s1_first_q ? sum_t'(0) : s2_sum_q[e]) + sum_t'(s1_product_q[e]);
      end
    end
    if (s2_last_q) begin
      for (int unsigned e = 0; e < Rows*Columns; e++) sum_o[e] <= s2_sum_q[e];
    end
  end
endmodule
