// SPDX-License-Identifier: Apache-2.0
// WEFT_ASSERT(Name, property): a claim that holds on every cycle out of reset.
// The module supplies clk_i and rst_ni. Checked in every simulation, absent from synthesis.
`ifndef WEFT_ASSERT_SVH
`define WEFT_ASSERT_SVH

`ifdef SYNTHESIS
`define WEFT_ASSERT(Name, Property)
`else
`define WEFT_ASSERT(Name, Property) \
  Name: assert property (@(posedge clk_i) disable iff (!rst_ni) (Property)) \
    else $error("assertion failed: %m");
`endif

// WEFT_REQUIRE(Name, Condition): a parameter rule, checked at elaboration.
`define WEFT_REQUIRE(Name, Condition) \
  if (!(Condition)) begin : g_error_``Name \
    $error("parameter rule violated: Name"); \
  end

`endif
