// SPDX-License-Identifier: Apache-2.0
// weft_bindings: the bindings of the program that runs; two arrive per line of 64 bytes.
//
// In the cycle of line_valid_i, bad_o says that one of the line's bindings breaks a rule of its
// record, and end_o that the table is complete. A binding can be read from the next cycle on.
module weft_bindings
  import weft_spec_pkg::*;
  import weft_sequencer_pkg::*;
(
  input  logic         clk_i,

  input  logic         line_valid_i,
  input  logic [511:0] line_i,
  input  logic [5:0]   first_i,  // number of the line's first binding
  input  logic [5:0]   count_i,  // bindings of the program
  output logic         bad_o,
  output logic         end_o,

  input  logic [4:0]   index_i,
  output binding_t     binding_o
);
  binding_t        store_q [2][MaxBindings/2];  // even and odd ones
  binding_fields_t pair [2];
  logic [1:0]      used, ok;

  always_comb begin
    for (int unsigned i = 0; i < 2; i++) begin
      pair[i] = unpack_binding(line_i[256*i +: 256]);
      used[i] = 32'(first_i) + i < 32'(count_i);
      ok[i]   = !used[i] || (reserved_zero_binding(line_i[256*i +: 256])
                && pair[i].offset[5:0] == 0 && small_offset(pair[i].offset)
                && small_offset(pair[i].size) && pair[i].rights <= 3);
    end
  end
  assign bad_o     = ok != 2'b11;
  assign end_o     = 32'(first_i) + 2 >= 32'(count_i);
  assign binding_o = store_q[index_i[0]][index_i[4:1]];

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < 2; i++) begin
      if (line_valid_i && used[i]) begin
        store_q[i][4'(first_i >> 1)] <= '{rights: pair[i].rights[1:0],
            size: pair[i].size[47:0], offset: pair[i].offset[47:0]};
      end
    end
  end
endmodule
