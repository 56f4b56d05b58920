// SPDX-License-Identifier: Apache-2.0
// weft_sequencer: the life of a launch, from start_i to done_o.
//
//   record -> { entry -> bindings -> commands -> units retire } for each program -> completion
//
// Commands are fetched ahead, checked one after another, and put into the queue of their unit. The
// first command of a program is checked when all units have retired the program before. A fault in
// a command ends the launch: what was dispatched before it finishes first, so memory is then as
// if the program had been executed in order up to that command.
//
// Two faults end a launch whose units cannot finish: `deadlock` (nobody works, nothing moves, and a
// command still waits) and `stalled` (no unit busy, no command retired, nothing moved on the memory
// port for stall_limit cycles). unit_clear_o then resets
// the units after `deadlock`. After `stalled`, memory may still owe answers, so units keep their
// state, and the card refuses further launches with the same fault until it is reset by rst_ni.
`include "weft_assert.svh"

module weft_sequencer
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_sequencer_pkg::*;
#(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Columns = 16,
  parameter int unsigned Bytes   = 64,
  parameter int unsigned ABytes  = 131072,
  parameter int unsigned BBytes  = 262144,
  parameter int unsigned VBytes  = 524288
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  input  logic               start_i,     // level: taken by accept_o
  output logic               accept_o,
  output logic               done_o,      // pulse
  output logic               idle_o,
  input  logic [63:0]        arena_i,
  input  logic [63:0]        record_i,
  output fault_e             fault_o,     // of the last launch
  output logic [2:0]         fault_unit_o,
  output where_t             fault_where_o,
  output logic               unit_clear_o,

  output logic               load_valid_o,
  input  logic               load_ready_i,
  output load_cmd_t          load_o,
  output logic               matmul_valid_o,
  input  logic               matmul_ready_i,
  output matmul_cmd_t        matmul_o,
  output logic               vector_valid_o,
  input  logic               vector_ready_i,
  output vector_cmd_t        vector_o,
  output logic               store_valid_o,
  input  logic               store_ready_i,
  output store_cmd_t         store_o,

  // Of each unit, by its number.
  input  logic [NumUnits-1:0] retire_i,
  input  logic [NumUnits-1:0] active_i,
  input  logic [NumUnits-1:0] busy_i,
  input  logic [NumUnits-1:0] wait_read_i,
  input  logic [NumUnits-1:0] wait_write_i,
  input  logic [NumUnits-1:0] wait_bank_i,
  input  logic               read_error_valid_i,
  input  memory_error_t      read_error_i,
  input  logic               index_error_valid_i,
  input  memory_error_t      index_error_i,
  input  logic               write_error_valid_i,
  input  memory_error_t      write_error_i,
  input  logic               memory_moves_i,  // any handshake on the memory port
  input  logic               read_beat_i,
  input  logic               write_beat_i,

  output logic               ar_valid_o,
  input  logic               ar_ready_i,
  output logic [63:0]        ar_address_o,
  output logic [7:0]         ar_len_o,
  input  logic               r_valid_i,
  input  logic [8*Bytes-1:0] r_data_i,
  input  logic               r_error_i,

  output logic               aw_valid_o,
  input  logic               aw_ready_i,
  output logic [63:0]        aw_address_o,
  output logic [7:0]         aw_len_o,
  output logic               w_valid_o,
  input  logic               w_ready_i,
  output logic [8*Bytes-1:0] w_data_o,
  output logic               w_last_o,
  input  logic               b_valid_i,
  input  logic               b_error_i
);
  typedef enum logic [3:0] {
    StIdle, StRecord, StEntry, StEntryRest, StBindings, StCommands, StRetire, StDrain, StWrite,
    StDone
  } state_e_t;

  state_e_t       state_q;
  launch_fields_t launch_q, launch;
  entry_fields_t  entry_q, entry;
  logic [511:0]   entry_head_q;
  logic [15:0]    program_q;                 // position in the list
  logic [15:0]    command_q;                 // position of the next command to decode
  logic [5:0]     binding_q;                 // bindings read so far
  counts_t        dispatched_q, retired_q;
  logic           finished_q;                // a program's last command is dispatched
  logic           lost_q;                    // after a stall
  logic           refused_q;                 // a start after that
  logic           drop_commands_q;           // empties decoder and queues
  logic [63:0]    arena_q;                   // of this launch
  logic           record_ok_q;               // the completion record has a place

  // The first fault of the launch; from StWrite on what the completion record says, which must not
  // change while memory has not taken it, be it never.
  fault_e         fault_q;
  logic [2:0]     fault_unit_q;
  where_t         fault_where_q;
  logic [63:0]    fault_address_q;
  // What a unit met.
  logic           unit_fault_valid;
  fault_e         unit_fault;
  logic [2:0]     unit_fault_unit;
  memory_error_t  unit_error;

  // ------------------------------------------------------------------ fetch
  logic         request, cancel, fetch_idle, line_valid, line_ready, line_error;
  logic [63:0]  request_address;
  logic [16:0]  request_lines;
  logic [511:0] line;
  logic [63:0]  line_address;

  weft_fetch #(.Bytes(Bytes)) u_fetch (
    .clk_i, .rst_ni, .request_i(request),
    .request_address_i(request_address), .request_lines_i(request_lines), .cancel_i(cancel),
    .idle_o(fetch_idle), .line_valid_o(line_valid), .line_ready_i(line_ready), .line_o(line),
    .line_error_o(line_error), .line_address_o(line_address), .ar_valid_o, .ar_ready_i,
    .ar_address_o, .ar_len_o, .r_valid_i,
    .r_data_i, .r_error_i
  );

  assign launch = unpack_launch(line);
  assign entry  = unpack_entry({line, entry_head_q});

  logic record_ok, entry_ok;
  always_comb begin
    record_ok = reserved_zero_launch(line) && launch.magic == Magic
             && launch.mode >= LaunchModeRun && launch.mode <= LaunchModeReset
             && launch.completion[8:0] == 0 && small_offset(launch.completion)
             && (launch.mode != LaunchModeRun
                 || (launch.list[5:0] == 0 && small_offset(launch.list)
                     && launch.entries != 0 && launch.entries <= MaxPrograms));
    entry_ok = reserved_zero_entry({line, entry_head_q})
            && entry.program_[5:0] == 0 && small_offset(entry.program_)
            && entry.commands != 0 && entry.commands <= MaxCommands
            && entry.bindings <= MaxBindings
            && entry.binding_table[5:0] == 0 && small_offset(entry.binding_table);
  end

  // --------------------------------------------------------------- bindings
  logic       bindings_take, bindings_bad, bindings_end;
  logic [4:0] binding_index;
  binding_t   binding;
  assign bindings_take = state_q == StBindings && line_valid;
  weft_bindings u_bindings (
    .clk_i, .line_valid_i(bindings_take), .line_i(line), .first_i(binding_q),
    .count_i(entry_q.bindings[5:0]), .bad_o(bindings_bad), .end_o(bindings_end),
    .index_i(binding_index), .binding_o(binding)
  );

  // ----------------------------------------------------------------- decode
  logic        decode_in, decode_ready, decode_valid, dispatch, queue_ready;
  fault_e      decode_fault;
  head_t       head;
  where_t      decode_where_q;
  load_cmd_t   load;
  matmul_cmd_t matmul;
  vector_cmd_t vector;
  store_cmd_t  store;

  assign decode_in = state_q == StCommands && line_valid && !line_error;
  weft_decode #(.ACells(ABytes/CellBytes), .BCells(BBytes/CellBytes), .VWords(VBytes/WordBytes))
  u_decode (
    .clk_i, .rst_ni(rst_ni && !drop_commands_q), .arena_i(arena_q),
    .bindings_i(entry_q.bindings[5:0]), .binding_index_o(binding_index),
    .binding_i(binding),
    .scalar_i(entry_q.scalar), .in_valid_i(decode_in), .in_ready_o(decode_ready),
    .in_command_i(line), .in_where_i('{program_index: program_q, command_index: command_q}),
    .in_counts_i(dispatched_q), .out_valid_o(decode_valid), .out_ready_i(dispatch),
    .fault_o(decode_fault), .head_o(head), .load_o(load), .matmul_o(matmul), .vector_o(vector),
    .store_o(store)
  );

  // ----------------------------------------------------------------- queues
  logic [NumUnits-1:0]      queue_in, queue_in_ready, waiting;
  logic [NumUnits-1:0][1:0] waits_for;
  always_comb begin
    for (int unsigned u = 0; u < NumUnits; u++) begin
      queue_in[u] = decode_valid && state_q == StCommands && decode_fault == FaultNone
                 && 32'(head.unit) == u;
    end
  end
  assign queue_ready = queue_in_ready[head.unit];
  // Behind a fault, what is still being decoded is dropped.
  assign dispatch    = decode_valid
                    && (state_q != StCommands || decode_fault != FaultNone || queue_ready);

  weft_unit_queue #(.Width($bits(load_cmd_t))) u_load_queue (
    .clk_i, .rst_ni(rst_ni && !drop_commands_q), .retired_i(retired_q),
    .in_valid_i(queue_in[IndexLoad]),
    .in_ready_o(queue_in_ready[IndexLoad]), .in_after_i(head.after), .in_data_i(load),
    .out_valid_o(load_valid_o), .out_ready_i(load_ready_i), .out_data_o(load_o),
    .waiting_o(waiting[IndexLoad]), .waits_for_o(waits_for[IndexLoad])
  );
  weft_unit_queue #(.Width($bits(matmul_cmd_t))) u_matmul_queue (
    .clk_i, .rst_ni(rst_ni && !drop_commands_q), .retired_i(retired_q),
    .in_valid_i(queue_in[IndexMatmul]), .in_ready_o(queue_in_ready[IndexMatmul]),
    .in_after_i(head.after), .in_data_i(matmul),
    .out_valid_o(matmul_valid_o), .out_ready_i(matmul_ready_i), .out_data_o(matmul_o),
    .waiting_o(waiting[IndexMatmul]), .waits_for_o(waits_for[IndexMatmul])
  );
  weft_unit_queue #(.Width($bits(vector_cmd_t))) u_vector_queue (
    .clk_i, .rst_ni(rst_ni && !drop_commands_q), .retired_i(retired_q),
    .in_valid_i(queue_in[IndexVector]), .in_ready_o(queue_in_ready[IndexVector]),
    .in_after_i(head.after), .in_data_i(vector),
    .out_valid_o(vector_valid_o), .out_ready_i(vector_ready_i), .out_data_o(vector_o),
    .waiting_o(waiting[IndexVector]), .waits_for_o(waits_for[IndexVector])
  );
  weft_unit_queue #(.Width($bits(store_cmd_t))) u_store_queue (
    .clk_i, .rst_ni(rst_ni && !drop_commands_q), .retired_i(retired_q),
    .in_valid_i(queue_in[IndexStore]),
    .in_ready_o(queue_in_ready[IndexStore]), .in_after_i(head.after), .in_data_i(store),
    .out_valid_o(store_valid_o), .out_ready_i(store_ready_i), .out_data_o(store_o),
    .waiting_o(waiting[IndexStore]), .waits_for_o(waits_for[IndexStore])
  );

  // ------------------------------------------------------ progress and ends
  logic all_retired, running, deadlock, stalled;
  assign all_retired = retired_q == dispatched_q;
  assign running     = state_q != StIdle && state_q != StDone;
  weft_progress u_progress (
    .clk_i, .rst_ni, .running_i(running), .all_retired_i(all_retired),
    .limit_i(launch_q.stall_limit),
    .moves_i(memory_moves_i || busy_i != 0 || retire_i != 0), .waiting_i(waiting != 0),
    .works_i(active_i != 0 || load_valid_o || matmul_valid_o || vector_valid_o || store_valid_o),
    .deadlock_o(deadlock), .stalled_o(stalled)
  );

  // ------------------------------------------------------------------- flow
  logic entry_end, record_placed;
  assign record_placed = record_i[5:0] == 0 && small_offset(record_i);
  assign accept_o  = state_q == StIdle && start_i;
  assign idle_o    = state_q == StIdle;
  assign entry_end = state_q == StRetire && all_retired && fault_q == FaultNone
                  && !unit_fault_valid;

  always_comb begin
    line_ready = 1'b1;
    if (state_q == StCommands) line_ready = decode_ready;
    cancel = state_q == StDrain || lost_q;
    request         = 1'b0;
    request_address = '0;
    request_lines   = '0;
    if (accept_o && !lost_q && record_placed) begin
      request         = 1'b1;
      request_address = arena_i + record_i;
      request_lines   = 17'd1;
    end
    if (fetch_idle) begin
      unique case (state_q)
        StEntry: begin
          request         = fault_q == FaultNone;
          request_address = arena_q + launch_q.list + {41'd0, program_q, 7'd0};
          request_lines   = 17'd2;
        end
        StBindings: begin
          request         = binding_q == 0 && entry_q.bindings != 0;
          request_address = arena_q + entry_q.binding_table;
          request_lines   = 17'((entry_q.bindings + 1) / 2);
        end
        StCommands: begin
          request         = command_q == 0 && !finished_q;
          request_address = arena_q + entry_q.program_;
          request_lines   = 17'(entry_q.commands);
        end
        default: ;
      endcase
    end
  end

  task automatic raise(fault_e code, logic [2:0] unit, where_t where, logic [63:0] address);
    if (fault_q == FaultNone && !(state_q == StWrite && code == FaultStalled)) begin
      fault_q         <= code;
      fault_unit_q    <= unit;
      fault_where_q   <= where;
      fault_address_q <= address;
    end
  endtask

  weft_unit_faults u_unit_faults (
    .clk_i, .rst_ni, .clear_i(!running), .read_valid_i(read_error_valid_i),
    .read_i(read_error_i), .index_valid_i(index_error_valid_i), .index_i(index_error_i),
    .write_valid_i(write_error_valid_i), .write_i(write_error_i), .valid_o(unit_fault_valid),
    .fault_o(unit_fault), .unit_o(unit_fault_unit), .error_o(unit_error)
  );

  logic   write_start, write_done, write_error;
  where_t here;
  assign here = '{program_index: program_q, command_index: 16'd0};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       <= StIdle;
      fault_q       <= FaultNone;
      fault_unit_q  <= 3'(UnitSequencer);
      fault_where_q <= '0;
      dispatched_q  <= '0;
      retired_q     <= '0;
      lost_q        <= 1'b0;
      refused_q     <= 1'b0;
      unit_clear_o  <= 1'b0;
      drop_commands_q <= 1'b0;
      record_ok_q   <= 1'b0;
      finished_q    <= 1'b0;
      command_q     <= '0;
      binding_q     <= '0;
    end else begin
      unit_clear_o    <= 1'b0;
      drop_commands_q <= 1'b0;
      for (int unsigned u = 0; u < NumUnits; u++) begin
        if (retire_i[u]) retired_q[u] <= retired_q[u] + 1'b1;
      end

      // What a unit met counts even if a later command is known to be wrong already.
      if (running && state_q != StWrite && unit_fault_valid
          && (fault_q == FaultNone || unit_error.where < fault_where_q)) begin
        fault_q         <= unit_fault;
        fault_unit_q    <= unit_fault_unit;
        fault_where_q   <= unit_error.where;
        fault_address_q <= unit_error.address;
      end

      unique case (state_q)
        StIdle: if (start_i && lost_q) begin
          refused_q <= 1'b1;
          state_q   <= StDone;
        end else if (start_i) begin
          fault_q         <= !record_placed ? FaultBadRecord : FaultNone;
          fault_unit_q    <= 3'(UnitSequencer);
          fault_where_q   <= '0;
          fault_address_q <= '0;
          program_q       <= '0;
          record_ok_q     <= 1'b0;
          launch_q.stall_limit <= '0;
          arena_q         <= arena_i;
          state_q         <= !record_placed ? StDone : StRecord;
        end

        StRecord: if (line_valid) begin
          launch_q <= launch;
          if (line_error) begin
            raise(FaultReadError, 3'(UnitSequencer), '0, line_address);
            state_q <= StDrain;
          end else begin
            // A record with a magic names a place for the answer even if something else is wrong.
            record_ok_q <= launch.magic == Magic && launch.completion[8:0] == 0
                        && small_offset(launch.completion);
            if (!record_ok) raise(FaultBadRecord, 3'(UnitSequencer), '0, '0);
            else if (launch.mode == LaunchModeRun && launch.spec_hash != SpecHash) begin
              raise(FaultBadSpec, 3'(UnitSequencer), '0, '0);
            end
            unit_clear_o <= record_ok && launch.mode == LaunchModeReset;
            state_q <= record_ok && launch.mode == LaunchModeRun && launch.spec_hash == SpecHash
                     ? StEntry : StDrain;
          end
        end

        StEntry: begin
          if (fault_q != FaultNone) state_q <= StDrain;
          finished_q   <= 1'b0;
          command_q    <= '0;
          binding_q    <= '0;
          dispatched_q <= '0;
          retired_q    <= '0;
          if (line_valid) begin
            entry_head_q <= line;
            if (line_error) raise(FaultReadError, 3'(UnitSequencer), here, line_address);
            state_q <= StEntryRest;
          end
        end

        StEntryRest: if (line_valid) begin
          entry_q <= entry;
          if (line_error) raise(FaultReadError, 3'(UnitSequencer), here, line_address);
          else if (!entry_ok) raise(FaultBadRecord, 3'(UnitSequencer), here, '0);
          state_q <= line_error || !entry_ok || fault_q != FaultNone ? StDrain
                   : entry.bindings == 0 ? StCommands : StBindings;
        end

        StBindings: if (line_valid) begin
          binding_q <= binding_q + 6'd2;
          if (line_error) raise(FaultReadError, 3'(UnitSequencer), here, line_address);
          else if (bindings_bad) raise(FaultBadRecord, 3'(UnitSequencer), here, '0);
          if (line_error || bindings_bad) state_q <= StDrain;
          else if (bindings_end) state_q <= StCommands;
        end

        StCommands: begin
          if (line_valid && line_error && decode_ready) begin
            raise(FaultReadError, 3'(UnitSequencer),
                  '{program_index: program_q, command_index: command_q}, line_address);
            state_q <= StDrain;
          end
          if (decode_in && decode_ready) begin
            decode_where_q <= '{program_index: program_q, command_index: command_q};
            command_q      <= command_q + 1'b1;
          end
          if (dispatch) begin
            if (decode_fault != FaultNone) begin
              raise(decode_fault, 3'(UnitSequencer), decode_where_q, '0);
              state_q <= StDrain;
            end else begin
              dispatched_q[head.unit] <= dispatched_q[head.unit] + 1'b1;
              if (16'(entry_q.commands) == command_q) begin
                finished_q <= 1'b1;
                state_q    <= StRetire;
              end
            end
          end
          if (fault_q != FaultNone) state_q <= StDrain;  // of a unit
        end

        StRetire: begin
          if (entry_end) begin
            program_q <= program_q + 1'b1;
            state_q   <= 32'(program_q) + 1 == launch_q.entries ? StDrain : StEntry;
          end
          if (fault_q != FaultNone) state_q <= StDrain;
        end

        // Everything dispatched finishes, everything requested arrives.
        StDrain: if (all_retired && active_i == 0 && fetch_idle && decode_ready
                     && !unit_clear_o) begin
          state_q <= record_ok_q ? StWrite : StDone;
        end

        StWrite: if (write_done) begin
          // Nobody can read of it in memory; the fault register says so.
          if (write_error) begin
            raise(FaultWriteError, 3'(UnitSequencer), '0, arena_q + launch_q.completion);
          end
          state_q <= StDone;
        end

        default: state_q <= StIdle;  // StDone
      endcase

      if (deadlock) begin
        raise(FaultDeadlock, 3'(UnitSequencer), here, '0);
        unit_clear_o    <= 1'b1;
        drop_commands_q <= 1'b1;
        dispatched_q    <= '0;
        retired_q       <= '0;
        state_q         <= StDrain;
      end
      if (stalled) begin
        // The unit to name: the lowest that works.
        raise(FaultStalled, active_i[IndexLoad] ? 3'(UnitLoad) : active_i[IndexMatmul]
              ? 3'(UnitMatmul) : active_i[IndexVector] ? 3'(UnitVector) : active_i[IndexStore]
              ? 3'(UnitStore) : 3'(UnitSequencer), here, '0);
        // The record cannot follow a store whose data is not complete.
        lost_q          <= 1'b1;
        drop_commands_q <= 1'b1;
        state_q <= state_q == StWrite || !record_ok_q || active_i[IndexStore] ? StDone : StWrite;
      end
    end
  end

  assign done_o        = state_q == StDone;
  assign fault_o       = refused_q || (lost_q && fault_q == FaultNone) ? FaultStalled : fault_q;
  assign fault_unit_o  = refused_q ? 3'(UnitSequencer) : fault_unit_q;
  assign fault_where_o = refused_q ? '0 : fault_where_q;

  // ------------------------------------------------------------- completion
  logic [NumUnits*NumStates-1:0][63:0] counters;
  logic [NumUnits-1:0][31:0]           retired_total;
  logic [63:0]                         cycles, read_beats, write_beats;
  logic                                write_started_q;

  weft_counters u_counters (
    .clk_i, .rst_ni, .clear_i(accept_o && !lost_q),
    .running_i(running && state_q != StWrite), .active_i, .busy_i, .wait_read_i, .wait_write_i,
    .wait_bank_i, .waiting_i(waiting), .waits_for_i(waits_for), .retire_i, .read_beat_i,
    .write_beat_i, .cycles_o(cycles), .retired_o(retired_total), .read_beats_o(read_beats),
    .write_beats_o(write_beats), .counter_o(counters)
  );

  assign write_start = state_q == StWrite && !write_started_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) write_started_q <= 1'b0;
    else write_started_q <= state_q == StWrite;
  end

  logic [4095:0] record;
  weft_completion_record #(
    .Rows(Rows), .Columns(Columns), .Bytes(Bytes), .ABytes(ABytes), .BBytes(BBytes),
    .VBytes(VBytes)
  ) u_record (
    .fault_i(fault_q), .fault_unit_i(fault_unit_q), .fault_where_i(fault_where_q),
    .fault_address_i(fault_address_q), .cycles_i(cycles), .retired_i(retired_total),
    .read_beats_i(read_beats), .write_beats_i(write_beats), .counter_i(counters),
    .record_o(record)
  );
  weft_completion #(.Bytes(Bytes)) u_completion (
    .clk_i, .rst_ni, .start_i(write_start), .address_i(arena_q + launch_q.completion),
    .record_i(record), .done_o(write_done), .error_o(write_error), .aw_valid_o, .aw_ready_i,
    .aw_address_o, .aw_len_o, .w_valid_o, .w_ready_i, .w_data_o, .w_last_o, .b_valid_i,
    .b_error_i
  );

  for (genvar u = 0; u < NumUnits; u++) begin : g_unit_claims
    `WEFT_ASSERT(OnlyDispatchedCommandsRetire, retired_q[u] <= dispatched_q[u])
  end
  // AXI4 A3.2.1, through a stall and starts that are refused after it.
  `WEFT_ASSERT(RecordAddressHolds,
      aw_valid_o && !aw_ready_i |=> aw_valid_o && $stable(aw_address_o))
  `WEFT_ASSERT(RecordHolds,
      w_valid_o && !w_ready_i |=> w_valid_o && $stable(w_data_o) && $stable(w_last_o))

endmodule
