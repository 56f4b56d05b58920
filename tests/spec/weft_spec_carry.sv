// SPDX-License-Identifier: Apache-2.0
// weft_spec_carry: each command and record of the specification through the package and out again.
//
// Combinational. Per layout x: x_i unpacked is x_fields_o, packed again x_o; x_reserved_zero_o and
// x_ranges_ok_o are the package's two checks.

`define WEFT_CARRY_PORTS(name, bits) \
  input  logic [bits-1:0]    name``_i, \
  output name``_fields_t     name``_fields_o, \
  output logic [bits-1:0]    name``_o, \
  output logic               name``_reserved_zero_o, \
  output logic               name``_ranges_ok_o

`define WEFT_CARRY(name) \
  assign name``_fields_o        = unpack_``name(name``_i); \
  assign name``_o               = pack_``name(name``_fields_o); \
  assign name``_reserved_zero_o = reserved_zero_``name(name``_i); \
  assign name``_ranges_ok_o     = ranges_ok_``name(name``_fields_o);

module weft_spec_carry
  import weft_spec_pkg::*;
(
  output logic [63:0] spec_hash_o,
  `WEFT_CARRY_PORTS(load, 512),
  `WEFT_CARRY_PORTS(matmul, 512),
  `WEFT_CARRY_PORTS(vector, 512),
  `WEFT_CARRY_PORTS(store, 512),
  `WEFT_CARRY_PORTS(launch, 512),
  `WEFT_CARRY_PORTS(entry, 1024),
  `WEFT_CARRY_PORTS(binding, 256),
  `WEFT_CARRY_PORTS(completion, 4096)
);

  assign spec_hash_o = SpecHash;

  `WEFT_CARRY(load)
  `WEFT_CARRY(matmul)
  `WEFT_CARRY(vector)
  `WEFT_CARRY(store)
  `WEFT_CARRY(launch)
  `WEFT_CARRY(entry)
  `WEFT_CARRY(binding)
  `WEFT_CARRY(completion)

endmodule

`undef WEFT_CARRY
`undef WEFT_CARRY_PORTS
