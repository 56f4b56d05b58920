// SPDX-License-Identifier: Apache-2.0
// Commands as the sequencer hands them to the units: checked, bindings resolved to addresses,
// scalars to values. Field meanings are those of the reference pages; `where` is carried along for
// faults and traces.
package weft_unit_pkg;
  import weft_spec_pkg::*;

  // Positions of the units in vectors of one bit or count each.
  localparam logic [1:0] IndexLoad   = 2'(UnitLoad);
  localparam logic [1:0] IndexMatmul = 2'(UnitMatmul);
  localparam logic [1:0] IndexVector = 2'(UnitVector);
  localparam logic [1:0] IndexStore  = 2'(UnitStore);

  // Which command: position in the launch list and in the program.
  typedef struct packed {
    logic [15:0] program_index;
    logic [15:0] command_index;
  } where_t;

  typedef struct packed {
    where_t      where;
    logic [1:0]  target;      // target_e
    logic [1:0]  format;      // load_format_e
    logic [15:0] rows;
    logic [15:0] cols;
    logic [63:0] address;     // of the first element in memory
    logic [31:0] row_stride;  // bytes
    logic [15:0] extra_groups;
    logic [31:0] group_stride;
    logic [47:0] extent;      // bytes from the first to the last read
    logic [15:0] dst;
    logic [15:0] dst_pitch;
    logic        from_v;      // the source is V, else memory
    logic        gather;      // rows are those of a table at `address`, picked by indices at src
    logic [31:0] table_rows;
    logic [15:0] src;
    logic [15:0] src_pitch;
    logic        transpose;
    logic        stochastic;
    logic [31:0] seed;
    logic [15:0] tensor;
    logic [31:0] index;       // logical, of the first element
  } load_cmd_t;

  typedef struct packed {
    where_t      where;
    logic        fp;          // MXINT8 with FP32 accumulation, else INT8 with int32
    logic        preload;
    logic [15:0] m;
    logic [15:0] n;
    logic [15:0] k;
    logic [15:0] a;
    logic [15:0] a_pitch;
    logic [15:0] b;
    logic [15:0] b_pitch;
    logic [15:0] dst;
    logic [15:0] dst_pitch;
    logic [15:0] initial_word;
    logic [15:0] initial_pitch;
  } matmul_cmd_t;

  typedef struct packed {
    where_t      where;
    logic [15:0] rows;
    logic [15:0] cols;
    logic [15:0] src;
    logic [15:0] src_pitch;
    logic [15:0] second;
    logic [15:0] second_pitch;
    logic [15:0] column;
    logic [15:0] row;
    logic [15:0] dst;
    logic [15:0] dst_pitch;
    logic [15:0] reduce_dst;
    logic        convert_in;    // int32 to FP32
    logic        convert_out;   // FP32 to int8
    logic        discard;       // nothing is written to dst
    logic [3:0]  multiplicand;  // operand_e
    logic [3:0]  addend;
    logic [3:0]  compare_with;
    logic [3:0]  divisor;
    logic [3:0]  multiplicand2;
    logic [3:0]  addend2;
    logic [2:0]  compare;       // compare_e
    logic [3:0]  func;          // function_e
    logic [2:0]  reduce;        // reduce_e
    logic        by_column;     // reduce_axis
    logic [3:0][31:0] value;    // of the operands value0 to value3
  } vector_cmd_t;

  typedef struct packed {
    where_t      where;
    logic [1:0]  format;      // store_format_e
    logic [15:0] all_rows;    // of all groups
    logic [15:0] rows;
    logic [15:0] cols;
    logic [63:0] address;
    logic [31:0] row_stride;
    logic [15:0] extra_groups;
    logic [31:0] group_stride;
    logic [15:0] src;
    logic [15:0] src_pitch;
  } store_cmd_t;

  // What went wrong in a unit: memory answered with an error at that address, or an index, the
  // address then, is out of range.
  typedef struct packed {
    where_t      where;
    logic [63:0] address;
  } memory_error_t;

endpackage
