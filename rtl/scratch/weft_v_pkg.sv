// SPDX-License-Identifier: Apache-2.0
// Who uses the ports of V. Lower numbers win a bank.
package weft_v_pkg;

  localparam int unsigned NumReaders = 5;
  localparam int unsigned ReadMatmul = 0;
  localparam int unsigned ReadVector = 1;
  localparam int unsigned ReadSecond = 2;
  localparam int unsigned ReadStore  = 3;
  localparam int unsigned ReadLoad   = 4;

  localparam int unsigned NumWriters = 3;
  localparam int unsigned WriteMatmul = 0;
  localparam int unsigned WriteVector = 1;
  localparam int unsigned WriteLoad   = 2;

  localparam int unsigned NumBanks = 4;

  // Words of V are numbered as the hardware stores them: Lanes elements of 32 bits each.
  typedef logic [23:0] v_address_t;

  // How weft_v_walk goes through a matrix.
  typedef enum logic [1:0] {OrderPlain, OrderRows, OrderWords} v_order_e;
  localparam int unsigned RotationSlots = 8;  // rows or words that take turns

endpackage
