// SPDX-License-Identifier: Apache-2.0
// Types shared by the parts of the matmul unit.
//
// A quad is four consecutive output tiles in row-major tile order, the unit the array works on.
// The four accumulate in rotation, one block each, so that an element meets its lane every 16
// cycles. Quads live in contexts: accumulators, and the description below.
package weft_matmul_pkg;
  import weft_v_pkg::*;

  localparam int unsigned Slots    = 4;  // tiles of a quad
  localparam int unsigned Contexts = 4;  // quads between set-up and the end of their drain

  localparam int unsigned ContextWidth = $clog2(Contexts);
  typedef logic [ContextWidth-1:0] context_t;

  // One tile: Rows x Columns elements of the result.
  typedef struct packed {
    logic        used;
    logic [15:0] a_cell;         // cell of its rows at k = 0
    logic [1:0]  a_sub;          // which rows of the 16
    logic [15:0] b_cell;
    logic [1:0]  b_sub;
    logic [2:0]  rows;           // rows that exist, 1 to 4
    logic [15:0] columns_left;   // columns that exist, may exceed the tile
    v_address_t  dst;            // first word
    v_address_t  initial_word;
  } tile_t;

  typedef struct packed {
    tile_t [Slots-1:0] tile;
    logic              fp;
    logic              preload;
    logic              last;          // of its command
    logic [10:0]       blocks;        // blocks of 32 along K
    logic [4:0]        tail;          // elements of the last block that count; 0: all 32
    v_address_t        dst_pitch;
    v_address_t        initial_pitch;
    logic [31:0]       where;
  } quad_t;

endpackage
