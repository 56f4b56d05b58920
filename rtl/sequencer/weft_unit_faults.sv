// SPDX-License-Identifier: Apache-2.0
// weft_unit_faults: of what went wrong in the units, what the earliest command met.
//
// Units run ahead of each other, so a later command may report first; what an earlier one reports
// afterwards replaces it. Of one command the first report stays. valid_o and the rest hold until
// clear_i.
module weft_unit_faults
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,

  input  logic          read_valid_i,   // memory answered a load with an error
  input  memory_error_t read_i,
  input  logic          index_valid_i,  // a load met an index that is out of range
  input  memory_error_t index_i,
  input  logic          write_valid_i,  // memory answered a store with an error
  input  memory_error_t write_i,

  output logic          valid_o,
  output fault_e        fault_o,
  output logic [2:0]    unit_o,
  output memory_error_t error_o
);
  logic          valid;
  fault_e        fault;
  logic [2:0]    unit;
  memory_error_t error;

  always_comb begin
    valid = valid_o;
    fault = fault_o;
    unit  = unit_o;
    error = error_o;
    if (read_valid_i && (!valid || read_i.where < error.where)) begin
      valid = 1'b1;
      fault = FaultReadError;
      unit  = 3'(UnitLoad);
      error = read_i;
    end
    if (index_valid_i && (!valid || index_i.where < error.where)) begin
      valid = 1'b1;
      fault = FaultIndexOutOfRange;
      unit  = 3'(UnitLoad);
      error = index_i;
    end
    if (write_valid_i && (!valid || write_i.where < error.where)) begin
      valid = 1'b1;
      fault = FaultWriteError;
      unit  = 3'(UnitStore);
      error = write_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_o <= 1'b0;
    else valid_o <= valid;
    fault_o <= fault;
    unit_o  <= unit;
    error_o <= error;
  end
endmodule
