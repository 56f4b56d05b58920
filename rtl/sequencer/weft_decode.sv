// SPDX-License-Identifier: Apache-2.0
// weft_decode: checks a command and resolves it: bindings to addresses, scalars to values.
//
// One command at a time, four cycles: fields, products, sums, verdict. For more than one group of
// rows one before them, for the number of rows and the place of the last group; for a gather too,
// for the upper half of the place of the table's last row. The checks are
// those of the fault list, in its order; fault_o is the first that fails. Every memory access a
// command makes lies between its first byte and its extent, and every scratchpad access in the
// ranges checked here, so a command without a fault cannot leave its bindings.
//
// out_valid_o holds until out_ready_i. The binding is read one cycle after the command is taken.
module weft_decode
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_sequencer_pkg::*;
#(
  parameter int unsigned ACells = 128,
  parameter int unsigned BCells = 256,
  parameter int unsigned VWords = 8192
) (
  input  logic              clk_i,
  input  logic              rst_ni,

  input  logic [63:0]       arena_i,
  input  logic [5:0]        bindings_i,        // how many there are
  output logic [4:0]        binding_index_o,
  input  binding_t          binding_i,         // answers binding_index_o in the same cycle
  input  logic [15:0][31:0] scalar_i,

  input  logic              in_valid_i,
  output logic              in_ready_o,
  input  logic [511:0]      in_command_i,
  input  where_t            in_where_i,
  input  counts_t           in_counts_i,       // commands of each unit before this one

  output logic              out_valid_o,
  input  logic              out_ready_i,
  output fault_e            fault_o,
  output head_t             head_o,
  output load_cmd_t         load_o,
  output matmul_cmd_t       matmul_o,
  output vector_cmd_t       vector_o,
  output store_cmd_t        store_o
);
  typedef enum logic [2:0] {StIdle, StGroups, StFields, StProducts, StSums, StDone} state_e_t;

  // A scratchpad range: base + count * pitch + extra must be below limit.
  typedef struct packed {
    logic        used;
    logic [15:0] base;
    logic [15:0] count;
    logic [15:0] pitch;
    logic [15:0] extra;
    logic [16:0] limit;
  } range_t;
  localparam int unsigned NumRanges = 6;

  state_e_t       state_q;
  logic [511:0]   command_q;
  where_t         where_q;
  counts_t        counts_q;
  load_fields_t   load;
  matmul_fields_t matmul;
  vector_fields_t vector;
  store_fields_t  store;
  opcode_e        opcode;

  assign load   = unpack_load(command_q);
  assign matmul = unpack_matmul(command_q);
  assign vector = unpack_vector(command_q);
  assign store  = unpack_store(command_q);
  assign opcode = opcode_e'(command_q[7:0]);

  function automatic logic [15:0] groups(logic [15:0] rows);  // of 16
    return 16'((32'(rows) + 15) / 16);
  endfunction
  function automatic logic [31:0] chunks(logic [31:0] columns);  // of 64
    return 32'((33'(columns) + 63) / 64);
  endfunction

  // ------------------------------------------------------------------ groups
  // Only loads and stores have more than one; their rows are at most 65535, which the scratchpad
  // check sees to.
  load_fields_t  in_load;
  store_fields_t in_store;
  logic          in_extra;                     // there are products for the cycle before
  logic [15:0]   rows, extra_groups;
  logic [31:0]   group_stride, all_rows, all_rows_q;
  logic [47:0]   group_offset_q;               // of the last group
  logic [31:0]   last_entry;                   // row of the table
  logic          is_load;

  assign is_load         = opcode == OpLoad;
  assign in_load         = unpack_load(in_command_i);
  assign in_store        = unpack_store(in_command_i);
  always_comb begin
    unique case (opcode_e'(in_command_i[7:0]))
      OpLoad:  in_extra = in_load.extra_groups != 0 || in_load.source == SourceGather;
      OpStore: in_extra = in_store.extra_groups != 0;
      default: in_extra = 1'b0;
    endcase
  end
  assign rows         = is_load ? load.rows : store.rows;
  assign extra_groups = is_load ? load.extra_groups : store.extra_groups;
  assign group_stride = is_load ? load.group_stride : store.group_stride;
  assign all_rows     = extra_groups == 0 ? 32'(rows) : all_rows_q;
  assign last_entry   = load.table_rows - 1'b1;

  // ------------------------------------------------------------------ fields
  logic        known, fields_ok, after_ok, uses_memory;
  logic        load_from_v, load_gathers, load_quantises, load_stochastic, load_transposes;
  logic [31:0] operand_rows, operand_columns;  // of what a load makes in A or B
  logic        vector_ok, uses_second, uses_column, uses_row, reduces, discards;
  counts_t     after;
  logic [7:0]  binding;
  logic [63:0] offset;

  assign after       = {load.after_store, load.after_vector, load.after_matmul, load.after_load};
  assign uses_memory = (is_load && !load_from_v) || opcode == OpStore;
  assign load_from_v     = load.source == SourceV;
  assign load_gathers    = is_load && load.source == SourceGather;
  assign load_quantises  = load.target != TargetV
                        && (load.format == LoadFormatFp32 || load.format == LoadFormatBf16);
  assign load_stochastic = load.rounding == RoundingStochastic;
  assign load_transposes = load.transpose == TransposeYes;
  assign operand_rows    = load_transposes ? 32'(load.cols) : all_rows;
  assign operand_columns = load_transposes ? all_rows : 32'(load.cols);
  assign binding     = is_load ? load.binding : store.binding;
  assign offset      = is_load ? load.offset : store.offset;
  assign binding_index_o = binding[4:0];

  weft_decode_vector u_vector (
    .vector_i(vector), .ok_o(vector_ok), .uses_second_o(uses_second), .uses_column_o(uses_column),
    .uses_row_o(uses_row), .reduces_o(reduces), .discards_o(discards)
  );

  always_comb begin
    known     = 1'b1;
    fields_ok = 1'b0;
    unique case (opcode)
      OpLoad: begin
        fields_ok = reserved_zero_load(command_q) && ranges_ok_load(load);
        unique case (load_format_e'(load.format))
          LoadFormatFp32:   fields_ok &= load.offset[1:0] == 0 && load.row_stride[1:0] == 0
                                      && load.group_stride[1:0] == 0;
          LoadFormatBf16:   fields_ok &= !load.offset[0] && !load.row_stride[0]
                                      && !load.group_stride[0];
          LoadFormatMxint8: fields_ok &= load.offset[5:0] == 0 && load.row_stride == 0
                                      && load.extra_groups == 0;
          default:          ;
        endcase
        fields_ok &= load.extra_groups != 0 || load.group_stride == 0;
        if (load.target == TargetV) begin
          fields_ok &= load.format == LoadFormatFp32 || load.format == LoadFormatBf16;
          fields_ok &= all_rows == 1 || load.dst_pitch >= groups(load.cols);
        end else begin
          fields_ok &= operand_rows <= 16 || 32'(load.dst_pitch) >= chunks(operand_columns);
        end
        fields_ok &= load_quantises || (!load_transposes && !load_stochastic);
        fields_ok &= load_stochastic || (load.seed_scalar == 0 && load.tensor == 0);
        fields_ok &= (load_stochastic && load.seed_scalar == 0) || load.seed == 0;
        if (load_from_v) begin
          fields_ok &= load.binding == 0 && load_quantises && load.format == LoadFormatFp32;
          fields_ok &= load.extra_groups == 0;
          fields_ok &= load_stochastic || (load.offset == 0 && load.row_stride == 0);
        end else begin
          fields_ok &= (load_gathers || load.src == 0) && load.src_pitch == 0;
        end
        fields_ok &= load_gathers == (load.table_rows != 0);
        if (load_gathers) fields_ok &= load.target == TargetV && load.extra_groups == 0;
      end
      OpMatmul: begin
        fields_ok = reserved_zero_matmul(command_q) && ranges_ok_matmul(matmul)
                 && (matmul.preload == PreloadV
                     || (matmul.initial_ == 0 && matmul.initial_pitch == 0))
                 && (matmul.m == 1 || matmul.dst_pitch >= groups(matmul.n));
      end
      OpVector: begin
        fields_ok = reserved_zero_vector(command_q) && ranges_ok_vector(vector) && vector_ok;
      end
      OpStore: begin
        fields_ok = reserved_zero_store(command_q) && ranges_ok_store(store);
        unique case (store_format_e'(store.format))
          StoreFormatWord32: fields_ok &= store.offset[1:0] == 0 && store.row_stride[1:0] == 0
                               && store.group_stride[1:0] == 0
                               && (store.rows == 1 || store.row_stride >= 32'(store.cols) << 2);
          StoreFormatBf16:   fields_ok &= !store.offset[0] && !store.row_stride[0]
                               && !store.group_stride[0]
                               && (store.rows == 1 || store.row_stride >= 32'(store.cols) << 1);
          default:           fields_ok &= store.rows == 1 || store.row_stride >= 32'(store.cols);
        endcase
        fields_ok &= store.extra_groups != 0 || store.group_stride == 0;
      end
      default: known = 1'b0;
    endcase
    after_ok = 1'b1;
    for (int unsigned u = 0; u < NumUnits; u++) if (after[u] > counts_q[u]) after_ok = 1'b0;
  end

  fault_e fields_fault;
  always_comb begin
    fields_fault = FaultNone;
    if (!known) fields_fault = FaultBadOpcode;
    else if (!fields_ok) fields_fault = FaultBadField;
    else if (!after_ok) fields_fault = FaultBadAfter;
    else if (uses_memory && binding >= 8'(bindings_i)) fields_fault = FaultBadBinding;
    else if (uses_memory && !(is_load ? binding_i.rights[0] : binding_i.rights[1])) begin
      fields_fault = FaultNoRights;
    end
  end

  // What the products are made of.
  range_t      range_d [NumRanges], range_q [NumRanges];
  logic [15:0] extent_count_d, extent_count_q;  // rows or panels after the first
  logic [31:0] extent_stride_d, extent_stride_q;
  logic [31:0] extent_last_d, extent_last_q;    // bytes of the last row or panel
  logic [15:0] load_chunks, panels;
  logic [4:0]  last_panel_rows;
  logic [20:0] last_panel_chunks;

  assign load_chunks       = 16'(chunks(32'(load.cols)));
  assign panels            = groups(load.rows);
  assign last_panel_rows   = 5'(load.rows - 16'd1) % 5'd16 + 5'd1;
  assign last_panel_chunks = 21'(last_panel_rows) * 21'(load_chunks);

  always_comb begin
    for (int unsigned i = 0; i < NumRanges; i++) range_d[i] = '0;
    extent_count_d  = store.rows - 1'b1;
    extent_stride_d = store.row_stride;
    extent_last_d   = '0;
    unique case (opcode)
      OpLoad: begin
        extent_count_d  = load_gathers ? last_entry[15:0] : load.rows - 1'b1;
        extent_stride_d = load.row_stride;
        unique case (load_format_e'(load.format))
          LoadFormatFp32: extent_last_d = 32'(load.cols) << 2;
          LoadFormatBf16: extent_last_d = 32'(load.cols) << 1;
          LoadFormatInt8: extent_last_d = 32'(load.cols);
          default: begin
            extent_count_d  = panels - 1'b1;
            extent_stride_d = (32'(load_chunks) * 16 + (32'(load_chunks) + 1) / 2) << 6;
            extent_last_d   = (32'(last_panel_chunks) + (32'(last_panel_chunks) + 31) / 32) << 6;
          end
        endcase
        if (load.target == TargetV) begin
          range_d[0] = '{used: 1'b1, base: load.dst, count: 16'(all_rows) - 1'b1,
                         pitch: load.dst_pitch, extra: groups(load.cols) - 1'b1,
                         limit: 17'(VWords)};
        end else begin
          range_d[0] = '{used: 1'b1, base: load.dst, count: groups(16'(operand_rows)) - 1'b1,
                         pitch: load.dst_pitch, extra: 16'(chunks(operand_columns)) - 1'b1,
                         limit: load.target == TargetA ? 17'(ACells) : 17'(BCells)};
        end
        range_d[1] = '{used: load_from_v || load_gathers, base: load.src,
                       count: load.rows - 1'b1, pitch: load.src_pitch,
                       extra: groups(load_gathers ? load.rows : load.cols) - 1'b1,
                       limit: 17'(VWords)};
      end
      OpMatmul: begin
        range_d[0] = '{used: 1'b1, base: matmul.a, count: groups(matmul.m) - 1'b1,
                       pitch: matmul.a_pitch, extra: 16'(chunks(32'(matmul.k))) - 1'b1,
                       limit: 17'(ACells)};
        range_d[1] = '{used: 1'b1, base: matmul.b, count: groups(matmul.n) - 1'b1,
                       pitch: matmul.b_pitch, extra: 16'(chunks(32'(matmul.k))) - 1'b1,
                       limit: 17'(BCells)};
        range_d[2] = '{used: 1'b1, base: matmul.dst, count: matmul.m - 1'b1,
                       pitch: matmul.dst_pitch, extra: groups(matmul.n) - 1'b1,
                       limit: 17'(VWords)};
        range_d[3] = '{used: matmul.preload == PreloadV, base: matmul.initial_,
                       count: matmul.m - 1'b1, pitch: matmul.initial_pitch,
                       extra: groups(matmul.n) - 1'b1, limit: 17'(VWords)};
      end
      OpVector: begin
        range_d[0] = '{used: 1'b1, base: vector.src, count: vector.rows - 1'b1,
                       pitch: vector.src_pitch, extra: groups(vector.cols) - 1'b1,
                       limit: 17'(VWords)};
        range_d[1] = '{used: uses_second, base: vector.second, count: vector.rows - 1'b1,
                       pitch: vector.second_pitch, extra: groups(vector.cols) - 1'b1,
                       limit: 17'(VWords)};
        range_d[2] = '{used: !discards, base: vector.dst, count: vector.rows - 1'b1,
                       pitch: vector.dst_pitch, extra: groups(vector.cols) - 1'b1,
                       limit: 17'(VWords)};
        range_d[3] = '{used: uses_column, base: vector.column, count: '0, pitch: '0,
                       extra: groups(vector.cols) - 1'b1, limit: 17'(VWords)};
        range_d[4] = '{used: uses_row, base: vector.row, count: '0, pitch: '0,
                       extra: groups(vector.rows) - 1'b1, limit: 17'(VWords)};
        range_d[5] = '{used: reduces, base: vector.reduce_dst, count: '0, pitch: '0,
                       extra: groups(vector.reduce_axis == ReduceAxisRow ? vector.rows
                                                                         : vector.cols) - 1'b1,
                       limit: 17'(VWords)};
      end
      default: begin
        unique case (store_format_e'(store.format))
          StoreFormatWord32: extent_last_d = 32'(store.cols) << 2;
          StoreFormatBf16:   extent_last_d = 32'(store.cols) << 1;
          default:           extent_last_d = 32'(store.cols);
        endcase
        range_d[0] = '{used: 1'b1, base: store.src, count: 16'(all_rows) - 1'b1,
                       pitch: store.src_pitch, extra: groups(store.cols) - 1'b1,
                       limit: 17'(VWords)};
      end
    endcase
  end

  // ------------------------------------------------- products, sums, verdict
  logic [31:0] product_q [NumRanges];
  logic [47:0] extent_product_q, extent_q;
  logic        memory_bad_q, scratch_bad_q;
  fault_e      fault_q;
  binding_t    binding_q;

  logic scratch_bad;
  logic [32:0] range_end [NumRanges];
  always_comb begin
    scratch_bad = 1'b0;
    for (int unsigned i = 0; i < NumRanges; i++) begin
      range_end[i] = 33'(product_q[i]) + 33'(range_q[i].base) + 33'(range_q[i].extra);
      if (range_q[i].used && range_end[i] >= 33'(range_q[i].limit)) scratch_bad = 1'b1;
    end
  end
  logic [64:0] extent;
  always_comb begin
    extent = 65'(extent_product_q) + 65'(extent_last_q);
    if (load_gathers) extent += 65'(group_offset_q) << 16;
    else if (extra_groups != 0) extent += 65'(group_offset_q);
  end
  logic too_many_rows;
  assign too_many_rows = (is_load || opcode == OpStore) && all_rows[31:16] != 0;

  // One multiplier for the place of the last row in its group or table, and of the last group.
  logic [15:0] extent_count;
  logic [31:0] extent_stride;
  logic [47:0] extent_product;
  always_comb begin
    extent_count  = extent_count_q;
    extent_stride = extent_stride_q;
    if (state_q == StGroups) begin
      extent_count  = load_gathers ? last_entry[31:16] : extra_groups;
      extent_stride = load_gathers ? load.row_stride : group_stride;
    end
  end
  assign extent_product = 48'(extent_count) * 48'(extent_stride);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= StIdle;
    else begin
      unique case (state_q)
        StIdle:     if (in_valid_i) state_q <= in_extra ? StGroups : StFields;
        StGroups:   state_q <= StFields;
        StFields:   state_q <= StProducts;
        StProducts: state_q <= StSums;
        StSums:     state_q <= StDone;
        default:    if (out_ready_i) state_q <= StIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      StIdle: begin
        command_q <= in_command_i;
        where_q   <= in_where_i;
        counts_q  <= in_counts_i;
      end
      StGroups: begin
        all_rows_q     <= 32'(extra_groups) * 32'(rows) + 32'(rows);
        group_offset_q <= extent_product;
      end
      StFields: begin
        fault_q         <= fields_fault;
        binding_q       <= binding_i;
        range_q         <= range_d;
        extent_count_q  <= extent_count_d;
        extent_stride_q <= extent_stride_d;
        extent_last_q   <= extent_last_d;
      end
      StProducts: begin
        for (int unsigned i = 0; i < NumRanges; i++) begin
          product_q[i] <= 32'(range_q[i].count) * 32'(range_q[i].pitch);
        end
        extent_product_q <= extent_product;
      end
      StSums: begin
        extent_q      <= extent[47:0];
        memory_bad_q  <= uses_memory && (offset[63:48] != 0
                         || 66'(offset[47:0]) + 66'(extent) > 66'(binding_q.size));
        scratch_bad_q <= scratch_bad || too_many_rows;
      end
      default: ;
    endcase
  end

  assign in_ready_o  = state_q == StIdle;
  assign out_valid_o = state_q == StDone;
  always_comb begin
    fault_o = fault_q;
    if (fault_q == FaultNone && memory_bad_q) fault_o = FaultBindingRange;
    else if (fault_q == FaultNone && scratch_bad_q) fault_o = FaultScratchRange;
  end

  // ---------------------------------------------------------------- resolved
  logic [63:0] address;
  assign address = arena_i + 64'(binding_q.offset) + offset;

  function automatic logic [31:0] value_of(logic [7:0] scalar, logic [31:0] immediate,
                                           logic [15:0][31:0] scalars);
    return scalar == 0 ? immediate : scalars[4'(scalar - 8'd1)];
  endfunction

  always_comb begin
    unique case (opcode)
      OpLoad:   head_o.unit = 2'd0;
      OpMatmul: head_o.unit = 2'd1;
      OpVector: head_o.unit = 2'd2;
      default:  head_o.unit = 2'd3;
    endcase
    head_o.after = after;

    load_o = '{where: where_q, target: load.target[1:0], format: load.format[1:0],
               rows: load.rows, cols: load.cols, address: address, row_stride: load.row_stride,
               extra_groups: load.extra_groups, group_stride: load.group_stride,
               extent: extent_q, dst: load.dst, dst_pitch: load.dst_pitch, from_v: load_from_v,
               gather: load_gathers, table_rows: load.table_rows, src: load.src,
               src_pitch: load.src_pitch, transpose: load_transposes,
               stochastic: load_stochastic,
               seed: value_of(load.seed_scalar, load.seed, scalar_i), tensor: load.tensor,
               index: 32'(load.format == LoadFormatBf16 ? load.offset >> 1 : load.offset >> 2)};
    matmul_o = '{where: where_q, fp: matmul.arithmetic == ArithmeticMxint8,
                 preload: matmul.preload == PreloadV, m: matmul.m, n: matmul.n, k: matmul.k,
                 a: matmul.a, a_pitch: matmul.a_pitch, b: matmul.b, b_pitch: matmul.b_pitch,
                 dst: matmul.dst, dst_pitch: matmul.dst_pitch, initial_word: matmul.initial_,
                 initial_pitch: matmul.initial_pitch};
    vector_o = '{where: where_q, rows: vector.rows, cols: vector.cols, src: vector.src,
                 src_pitch: vector.src_pitch, second: vector.second,
                 second_pitch: vector.second_pitch, column: vector.column, row: vector.row,
                 dst: vector.dst, dst_pitch: vector.dst_pitch, reduce_dst: vector.reduce_dst,
                 convert_in: vector.convert_in == ConvertInInt32,
                 convert_out: vector.convert_out == ConvertOutInt8, discard: discards,
                 multiplicand: vector.multiplicand[3:0], addend: vector.addend[3:0],
                 compare_with: vector.compare_with[3:0], divisor: vector.divisor[3:0],
                 multiplicand2: vector.multiplicand2[3:0], addend2: vector.addend2[3:0],
                 compare: vector.compare[2:0], func: vector.function_[3:0],
                 reduce: vector.reduce[2:0],
                 by_column: vector.reduce_axis == ReduceAxisColumn, value: '0};
    vector_o.value[0] = value_of(vector.value0_scalar, vector.value0, scalar_i);
    vector_o.value[1] = value_of(vector.value1_scalar, vector.value1, scalar_i);
    vector_o.value[2] = value_of(vector.value2_scalar, vector.value2, scalar_i);
    vector_o.value[3] = value_of(vector.value3_scalar, vector.value3, scalar_i);
    store_o = '{where: where_q, format: store.format[1:0], all_rows: 16'(all_rows),
                rows: store.rows, cols: store.cols, address: address,
                row_stride: store.row_stride, extra_groups: store.extra_groups,
                group_stride: store.group_stride, src: store.src, src_pitch: store.src_pitch};
  end
endmodule
