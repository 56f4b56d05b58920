// SPDX-License-Identifier: Apache-2.0
// weft_completion_record: what the completion record says, from where it is known. Combinational.
module weft_completion_record
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
#(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Columns = 16,
  parameter int unsigned Bytes   = 64,
  parameter int unsigned ABytes  = 131072,
  parameter int unsigned BBytes  = 262144,
  parameter int unsigned VBytes  = 524288
) (
  input  fault_e             fault_i,
  input  logic [2:0]         fault_unit_i,
  input  where_t             fault_where_i,
  input  logic [63:0]        fault_address_i,
  input  logic [63:0]        cycles_i,
  input  logic [NumUnits-1:0][31:0] retired_i,
  input  logic [63:0]        read_beats_i,
  input  logic [63:0]        write_beats_i,
  input  logic [NumUnits*NumStates-1:0][63:0] counter_i,
  output logic [4095:0]      record_o
);
  completion_fields_t fields;
  always_comb begin
    fields = '0;
    fields.magic         = Magic;
    fields.status        = fault_i == FaultNone ? StatusDone : StatusFault;
    fields.spec_hash     = SpecHash;
    fields.fault         = 32'(fault_i);
    fields.fault_program = 32'(fault_where_i.program_index);
    fields.fault_command = 32'(fault_where_i.command_index);
    fields.fault_unit    = fault_i == FaultNone ? '0 : 32'(fault_unit_i);
    fields.fault_address = fault_address_i;
    fields.cycles        = cycles_i;
    fields.array_rows    = 16'(Rows);
    fields.array_columns = 16'(Columns);
    fields.array_depth   = 16'd8;
    fields.lanes         = 16'(Columns);
    fields.axi_bytes     = 32'(Bytes);
    fields.a_bytes       = 32'(ABytes);
    fields.b_bytes       = 32'(BBytes);
    fields.v_bytes       = 32'(VBytes);
    fields.retired       = retired_i;
    fields.bytes_read    = read_beats_i * 64'(Bytes);
    fields.bytes_written = write_beats_i * 64'(Bytes);
    fields.counter       = counter_i;
  end
  assign record_o = pack_completion(fields);
endmodule
