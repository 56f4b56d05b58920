// SPDX-License-Identifier: Apache-2.0
// weft_clock_gate: clock for a unit that has work, still for one that has none.
//
// In simulation a glitch-free gate (enable latched while the clock is low), which is what makes
// an idle unit cost nothing to simulate. In synthesis a wire: FPGA clock networks are not gated
// per unit. So en_i must be high whenever the unit could change state.
module weft_clock_gate (
  input  logic clk_i,
  input  logic en_i,
  output logic clk_o
);

`ifdef SYNTHESIS
  assign clk_o = clk_i;
  logic unused_en;
  assign unused_en = en_i;
`else
  logic en_latched;
  always_latch begin
    if (!clk_i) en_latched = en_i;
  end
  assign clk_o = clk_i && en_latched;
`endif

endmodule
