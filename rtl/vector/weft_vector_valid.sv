// SPDX-License-Identifier: Apache-2.0
// weft_vector_valid: out_o is in_i as it was latency_i clock edges ago, 1 <= latency_i <= Max.
//
// The valid bit beside a pipeline whose length depends on the command: latency_i may change only
// while no valid bit is inside.
module weft_vector_valid #(
  parameter  int unsigned Max = 8,
  localparam int unsigned Width = $clog2(Max + 1),
  localparam int unsigned IndexWidth = Max > 1 ? $clog2(Max) : 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Width-1:0] latency_i,
  input  logic             in_i,
  output logic             out_o
);
  logic [Max-1:0] line_q, stages;

  // Nothing travels on behind the exit, where a later command would take it for its own.
  always_comb for (int unsigned i = 0; i < Max; i++) stages[i] = i < 32'(latency_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) line_q <= '0;
    else line_q <= Max'({line_q, in_i}) & stages;
  end
  assign out_o = line_q[IndexWidth'(latency_i - 1'b1)];
endmodule
