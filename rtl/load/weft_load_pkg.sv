// SPDX-License-Identifier: Apache-2.0
// Types shared by the parts of the load unit.
package weft_load_pkg;
  import weft_unit_pkg::*;

  // The three ways data take behind the aligner. Commands of different ways do not overlap.
  typedef enum logic [1:0] {WayRaw, WayQuantise, WayV} way_e;

  // What an aligned chunk of a row is.
  typedef struct packed {
    where_t      where;
    way_e        way;
    logic        to_b;        // else A, where the way does not lead to V
    logic        bf16;        // else FP32, where elements are converted
    logic [3:0]  row;         // of its 16 (A, B)
    logic [15:0] base;        // A, B: cell of the row at k = 0; V: word of the row
    logic [15:0] position;    // first element, from the start of the row
    logic [16:0] left;        // elements of the row from here on, as the command counts them
    logic [1:0][7:0] scale;   // packed MXINT8: of the blocks of this cell
    logic        scaled;      // scale counts
    logic        row_end;
    logic        last;        // of the command
  } chunk_t;

  // Of a transposed source the aligner walks strips: all rows of as many columns as fill this many
  // bytes, then all rows of the next ones.
  localparam int unsigned StripBytes = 64;

  // The transposer counts its tiles modulo 2 ** TileBits.
  localparam int unsigned TileBits = 3;

  // What quantisation needs to know of a chunk besides.
  typedef struct packed {
    logic        transpose;   // position and left count within the strip, row means nothing
    logic        strip_end;   // transposed: the chunk is of the strip's last row
    logic [15:0] pitch;       // transposed: cells from 16 rows of the operand to the next
    logic        stochastic;
    logic [31:0] seed;
    logic [15:0] tensor;
    logic        turned;      // a column: logical indices are those of the rows of its tile + index
    logic [TileBits-1:0] tile;
    logic [31:0] index;       // else index is that of the chunk's first element
  } detail_t;

  // Where a write into A or B goes.
  typedef struct packed {
    where_t          where;
    logic            to_b;
    logic [15:0]     cell_index;
    logic [3:0]      row;
    logic [2:0]      step;
    logic [1:0]      scale_write;
    logic [1:0][7:0] scale;
  } place_t;

endpackage
