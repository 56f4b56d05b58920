// SPDX-License-Identifier: Apache-2.0
// Types shared by the parts of the sequencer.
package weft_sequencer_pkg;
  import weft_spec_pkg::*;

  // A binding as the launch gave it, checked.
  typedef struct packed {
    logic [1:0]  rights;  // bit 0: read, bit 1: write
    logic [47:0] size;
    logic [47:0] offset;
  } binding_t;

  typedef logic [3:0][15:0] counts_t;  // of commands, by unit

  // A checked command, resolved. Only the part of its unit is meaningful.
  typedef struct packed {
    logic [1:0] unit;
    counts_t    after;
  } head_t;

  // Whether an address or offset is one memory can have.
  function automatic logic small_offset(logic [63:0] value);
    return value[63:AddressBits] == '0;
  endfunction

endpackage
