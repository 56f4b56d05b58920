// SPDX-License-Identifier: Apache-2.0
// weft_top: the card. One clock, one AXI4-Lite slave, one AXI4 master, one interrupt.
//
// The registers are XRT's ap_ctrl_hs block (docs/reference). All memory traffic goes through the
// master: reads with identity 0 are the sequencer's, 1 the load unit's; writes with identity 0 the
// store unit's, 1 the completion record's. Bursts are INCR, beats full width, no burst crosses
// 4 KiB. Read data and write answers are always taken (ready is constant).
//
// The width of the memory port fixes the lanes: a beat is a word of V, one lane per 4 bytes, one
// array column per lane.
`include "weft_assert.svh"

module weft_top
  import weft_spec_pkg::*;
  import weft_unit_pkg::*;
  import weft_v_pkg::*;
  import weft_load_pkg::*;
#(
  parameter  int unsigned ArrayRows    = 4,
  parameter  int unsigned ArrayColumns = 16,
  parameter  int unsigned ArrayDepth   = 8,
  parameter  int unsigned AxiBytes     = 64,
  parameter  int unsigned ABytes       = 131072,
  parameter  int unsigned BBytes       = 262144,
  parameter  int unsigned VBytes       = 524288,
  localparam int unsigned AxiWidth     = 8 * AxiBytes
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  output logic                interrupt_o,

  output logic                s_axil_awready,
  input  logic                s_axil_awvalid,
  input  logic [6:0]          s_axil_awaddr,
  input  logic [2:0]          s_axil_awprot,
  output logic                s_axil_wready,
  input  logic                s_axil_wvalid,
  input  logic [31:0]         s_axil_wdata,
  input  logic [3:0]          s_axil_wstrb,
  input  logic                s_axil_bready,
  output logic                s_axil_bvalid,
  output logic [1:0]          s_axil_bresp,
  output logic                s_axil_arready,
  input  logic                s_axil_arvalid,
  input  logic [6:0]          s_axil_araddr,
  input  logic [2:0]          s_axil_arprot,
  input  logic                s_axil_rready,
  output logic                s_axil_rvalid,
  output logic [31:0]         s_axil_rdata,
  output logic [1:0]          s_axil_rresp,

  output logic                m_axi_arvalid,
  input  logic                m_axi_arready,
  output logic [0:0]          m_axi_arid,
  output logic [63:0]         m_axi_araddr,
  output logic [7:0]          m_axi_arlen,
  output logic [2:0]          m_axi_arsize,
  output logic [1:0]          m_axi_arburst,
  input  logic                m_axi_rvalid,
  output logic                m_axi_rready,
  input  logic [0:0]          m_axi_rid,
  input  logic [AxiWidth-1:0] m_axi_rdata,
  input  logic [1:0]          m_axi_rresp,
  input  logic                m_axi_rlast,
  output logic                m_axi_awvalid,
  input  logic                m_axi_awready,
  output logic [0:0]          m_axi_awid,
  output logic [63:0]         m_axi_awaddr,
  output logic [7:0]          m_axi_awlen,
  output logic [2:0]          m_axi_awsize,
  output logic [1:0]          m_axi_awburst,
  output logic                m_axi_wvalid,
  input  logic                m_axi_wready,
  output logic [AxiWidth-1:0] m_axi_wdata,
  output logic [AxiBytes-1:0] m_axi_wstrb,
  output logic                m_axi_wlast,
  input  logic                m_axi_bvalid,
  output logic                m_axi_bready,
  input  logic [0:0]          m_axi_bid,
  input  logic [1:0]          m_axi_bresp
);
  localparam int unsigned ACells = ABytes / CellBytes;
  localparam int unsigned BCells = BBytes / CellBytes;
  localparam int unsigned Steps  = AxiBytes / 8;

  `WEFT_REQUIRE(ABlockIsOneStepPerRow, ArrayRows * ArrayDepth == Block)
  `WEFT_REQUIRE(StepsAreBytes, ArrayDepth == 8)
  `WEFT_REQUIRE(OneColumnPerLane, AxiBytes == 4 * ArrayColumns)
  `WEFT_REQUIRE(PortIs128Or512Bits, AxiBytes == 16 || AxiBytes == 64)
  `WEFT_REQUIRE(BuffersArePowersOfTwo,
      (1 << $clog2(ABytes)) == ABytes && (1 << $clog2(BBytes)) == BBytes
      && (1 << $clog2(VBytes)) == VBytes)
  `WEFT_REQUIRE(PlacesFitTheirFields,
      VBytes / WordBytes <= 65536 && ABytes / CellBytes <= 65536 && BBytes / CellBytes <= 65536)
  `WEFT_REQUIRE(BuffersHoldACell, ABytes >= 2 * CellBytes && BBytes >= 2 * CellBytes)

  // -------------------------------------------------------------- registers
  weft_regs_pkg::weft_regs__in_t  regs_in;
  weft_regs_pkg::weft_regs__out_t regs_out;
  logic        start, accept, done, idle;
  logic [63:0] arena, record;
  fault_e      fault;
  logic [2:0]  fault_unit;
  where_t      fault_where;

  weft_regs u_regs (
    .clk(clk_i), .rst_n(rst_ni),
    .s_axil_awready, .s_axil_awvalid, .s_axil_awaddr, .s_axil_awprot, .s_axil_wready,
    .s_axil_wvalid, .s_axil_wdata, .s_axil_wstrb, .s_axil_bready, .s_axil_bvalid, .s_axil_bresp,
    .s_axil_arready, .s_axil_arvalid, .s_axil_araddr, .s_axil_arprot, .s_axil_rready,
    .s_axil_rvalid, .s_axil_rdata, .s_axil_rresp,
    .hwif_in(regs_in), .hwif_out(regs_out)
  );

  assign start  = regs_out.ctrl.start.value;
  // A multiple of 4096: then alignments within the arena are alignments in memory.
  assign arena  = {regs_out.arena_hi.value.value, regs_out.arena_lo.value.value[31:12], 12'd0};
  assign record = {regs_out.record_hi.value.value, regs_out.record_lo.value.value};
  assign regs_in.ctrl.start.hwclr      = accept;
  assign regs_in.ctrl.done.hwset       = done;
  assign regs_in.ctrl.idle.next        = idle && !start;
  assign regs_in.ctrl.ready.next       = idle && !start;
  assign regs_in.isr.done.hwset        = done && regs_out.ier.done.value;
  assign regs_in.isr.ready.hwset       = accept && regs_out.ier.ready.value;
  assign regs_in.fault.code.next       = fault;
  assign regs_in.fault.unit.next       = fault_unit;
  assign regs_in.fault_at.command.next = fault_where.command_index;
  assign regs_in.fault_at.entry.next   = fault_where.program_index;
  assign interrupt_o = regs_out.gier.enable.value
                    && (regs_out.isr.done.value || regs_out.isr.ready.value);

  // -------------------------------------------------------------- sequencer
  logic                load_valid, load_ready, matmul_valid, matmul_ready;
  logic                vector_valid, vector_ready, store_valid, store_ready;
  load_cmd_t           load_cmd;
  matmul_cmd_t         matmul_cmd;
  vector_cmd_t         vector_cmd;
  store_cmd_t          store_cmd;
  logic [NumUnits-1:0] retire, active, busy, wait_read, wait_write, wait_bank;
  logic                read_error_valid, index_error_valid, write_error_valid, unit_clear;
  memory_error_t       read_error, index_error, write_error;
  logic                memory_moves, unit_rst_n;

  logic [1:0]  ar_valid, ar_ready;
  logic [63:0] ar_address [2];
  logic [7:0]  ar_len [2];
  logic        record_aw_valid, record_w_valid, record_w_last;
  logic [63:0] record_aw_address;
  logic [7:0]  record_aw_len;
  logic [AxiWidth-1:0] record_w_data;
  logic        store_aw_valid, store_w_valid, store_w_last;
  logic [63:0] store_aw_address;
  logic [7:0]  store_aw_len;
  logic [AxiWidth-1:0] store_w_data;
  logic [AxiBytes-1:0] store_w_strobe;

  assign unit_rst_n   = rst_ni && !unit_clear;
  assign memory_moves = (m_axi_arvalid && m_axi_arready) || m_axi_rvalid
                     || (m_axi_awvalid && m_axi_awready) || (m_axi_wvalid && m_axi_wready)
                     || m_axi_bvalid;

  weft_sequencer #(
    .Rows(ArrayRows), .Columns(ArrayColumns), .Bytes(AxiBytes), .ABytes(ABytes), .BBytes(BBytes),
    .VBytes(VBytes)
  ) u_sequencer (
    .clk_i, .rst_ni, .start_i(start), .accept_o(accept), .done_o(done), .idle_o(idle),
    .arena_i(arena), .record_i(record), .fault_o(fault), .fault_unit_o(fault_unit),
    .fault_where_o(fault_where), .unit_clear_o(unit_clear),
    .load_valid_o(load_valid), .load_ready_i(load_ready), .load_o(load_cmd),
    .matmul_valid_o(matmul_valid), .matmul_ready_i(matmul_ready), .matmul_o(matmul_cmd),
    .vector_valid_o(vector_valid), .vector_ready_i(vector_ready), .vector_o(vector_cmd),
    .store_valid_o(store_valid), .store_ready_i(store_ready), .store_o(store_cmd),
    .retire_i(retire), .active_i(active), .busy_i(busy), .wait_read_i(wait_read),
    .wait_write_i(wait_write), .wait_bank_i(wait_bank),
    .read_error_valid_i(read_error_valid), .read_error_i(read_error),
    .index_error_valid_i(index_error_valid), .index_error_i(index_error),
    .write_error_valid_i(write_error_valid), .write_error_i(write_error),
    .memory_moves_i(memory_moves), .read_beat_i(m_axi_rvalid),
    .write_beat_i(m_axi_wvalid && m_axi_wready),
    .ar_valid_o(ar_valid[0]), .ar_ready_i(ar_ready[0]), .ar_address_o(ar_address[0]),
    .ar_len_o(ar_len[0]), .r_valid_i(m_axi_rvalid && m_axi_rid == 1'b0), .r_data_i(m_axi_rdata),
    .r_error_i(m_axi_rresp[1]),
    .aw_valid_o(record_aw_valid), .aw_ready_i(m_axi_awready && record_aw_valid),
    .aw_address_o(record_aw_address), .aw_len_o(record_aw_len), .w_valid_o(record_w_valid),
    .w_ready_i(m_axi_wready), .w_data_o(record_w_data), .w_last_o(record_w_last),
    .b_valid_i(m_axi_bvalid && m_axi_bid == 1'b1), .b_error_i(m_axi_bresp[1])
  );

  // ------------------------------------------------------------ scratchpads
  logic                v_read_valid [NumReaders], v_read_ready [NumReaders];
  logic                v_read_data_valid [NumReaders];
  v_address_t          v_read_address [NumReaders];
  logic [AxiWidth-1:0] v_read_data [NumReaders];
  logic                v_write_valid [NumWriters], v_write_ready [NumWriters];
  v_address_t          v_write_address [NumWriters];
  logic [ArrayColumns-1:0] v_write_mask [NumWriters];
  logic [AxiWidth-1:0] v_write_data [NumWriters];
  where_t              v_write_where [NumWriters];

  weft_v_buffer #(.Bytes(VBytes), .Lanes(ArrayColumns)) u_v (
    .clk_i, .rst_ni(unit_rst_n),
    .read_valid_i(v_read_valid), .read_ready_o(v_read_ready), .read_address_i(v_read_address),
    .read_data_valid_o(v_read_data_valid), .read_data_o(v_read_data),
    .write_valid_i(v_write_valid), .write_ready_o(v_write_ready),
    .write_address_i(v_write_address), .write_mask_i(v_write_mask), .write_data_i(v_write_data)
  );

  logic                ab_write, operand_read;
  place_t              ab_place;
  logic [Steps-1:0]    ab_mask;
  logic [AxiWidth-1:0] ab_data;
  logic [$clog2(ACells)-1:0]      a_cell;
  logic [$clog2(BCells)-1:0]      b_cell;
  logic [1:0]                     a_sub, b_sub;
  logic [2:0]                     operand_step;
  logic [64*ArrayRows-1:0]        a_data;
  logic [64*ArrayColumns-1:0]     b_data;
  logic [ArrayRows-1:0][7:0]      a_scale;
  logic [ArrayColumns-1:0][18:0]  b_scale;

  // An e8m0 scale as B keeps it: sign, exponent, 10 bits of fraction; 255 is NaN.
  function automatic logic [18:0] b_scale_of(logic [7:0] scale);
    return {1'b0, scale, scale == 8'd255 ? 10'h200 : 10'h000};
  endfunction

  weft_operand_buffer #(.Bytes(ABytes), .Rows(ArrayRows), .WriteBytes(AxiBytes), .ScaleWidth(8))
  u_a (
    .clk_i, .write_valid_i(ab_write && !ab_place.to_b),
    .write_cell_i(ab_place.cell_index[$clog2(ACells)-1:0]), .write_row_i(ab_place.row),
    .write_step_i(ab_place.step), .write_mask_i(ab_mask), .write_data_i(ab_data),
    .scale_write_i(ab_write && !ab_place.to_b ? ab_place.scale_write : 2'b00),
    .scale_data_i(ab_place.scale),
    .read_valid_i(operand_read), .read_cell_i(a_cell), .read_sub_i(a_sub),
    .read_step_i(operand_step), .read_data_o(a_data), .read_scale_o(a_scale)
  );
  localparam int unsigned BSubWidth = ArrayColumns < 16 ? $clog2(16 / ArrayColumns) : 1;
  weft_operand_buffer #(.Bytes(BBytes), .Rows(ArrayColumns), .WriteBytes(AxiBytes),
                        .ScaleWidth(19))
  u_b (
    .clk_i, .write_valid_i(ab_write && ab_place.to_b),
    .write_cell_i(ab_place.cell_index[$clog2(BCells)-1:0]), .write_row_i(ab_place.row),
    .write_step_i(ab_place.step), .write_mask_i(ab_mask), .write_data_i(ab_data),
    .scale_write_i(ab_write && ab_place.to_b ? ab_place.scale_write : 2'b00),
    .scale_data_i({b_scale_of(ab_place.scale[1]), b_scale_of(ab_place.scale[0])}),
    .read_valid_i(operand_read), .read_cell_i(b_cell), .read_sub_i(b_sub[BSubWidth-1:0]),
    .read_step_i(operand_step), .read_data_o(b_data), .read_scale_o(b_scale)
  );

  // ------------------------------------------------------------------ units
  // Each on its own clock, which runs while the unit has work or is being reset.
  logic load_clk, matmul_clk, vector_clk, store_clk;
  weft_clock_gate u_load_gate (
    .clk_i, .en_i(load_valid || active[IndexLoad] || !unit_rst_n), .clk_o(load_clk)
  );
  weft_clock_gate u_matmul_gate (
    .clk_i, .en_i(matmul_valid || active[IndexMatmul] || !unit_rst_n), .clk_o(matmul_clk)
  );
  weft_clock_gate u_vector_gate (
    .clk_i, .en_i(vector_valid || active[IndexVector] || !unit_rst_n), .clk_o(vector_clk)
  );
  weft_clock_gate u_store_gate (
    .clk_i, .en_i(store_valid || active[IndexStore] || !unit_rst_n), .clk_o(store_clk)
  );

  weft_load #(.Bytes(AxiBytes)) u_load (
    .clk_i(load_clk), .rst_ni(unit_rst_n), .cmd_valid_i(load_valid), .cmd_ready_o(load_ready),
    .cmd_i(load_cmd), .retire_o(retire[IndexLoad]), .active_o(active[IndexLoad]),
    .busy_o(busy[IndexLoad]), .wait_read_o(wait_read[IndexLoad]),
    .wait_bank_o(wait_bank[IndexLoad]),
    .error_valid_o(read_error_valid), .error_o(read_error),
    .index_error_valid_o(index_error_valid), .index_error_o(index_error),
    .ar_valid_o(ar_valid[1]), .ar_ready_i(ar_ready[1]), .ar_address_o(ar_address[1]),
    .ar_len_o(ar_len[1]), .r_valid_i(m_axi_rvalid && m_axi_rid == 1'b1), .r_data_i(m_axi_rdata),
    .r_error_i(m_axi_rresp[1]), .r_last_i(m_axi_rlast),
    .ab_write_o(ab_write), .ab_place_o(ab_place), .ab_mask_o(ab_mask), .ab_data_o(ab_data),
    .v_read_valid_o(v_read_valid[ReadLoad]), .v_read_ready_i(v_read_ready[ReadLoad]),
    .v_read_address_o(v_read_address[ReadLoad]),
    .v_read_data_valid_i(v_read_data_valid[ReadLoad]), .v_read_data_i(v_read_data[ReadLoad]),
    .v_write_valid_o(v_write_valid[WriteLoad]), .v_write_ready_i(v_write_ready[WriteLoad]),
    .v_write_address_o(v_write_address[WriteLoad]), .v_write_mask_o(v_write_mask[WriteLoad]),
    .v_write_data_o(v_write_data[WriteLoad]), .v_write_where_o(v_write_where[WriteLoad])
  );
  assign wait_write[IndexLoad] = 1'b0;

  weft_matmul #(.Rows(ArrayRows), .Columns(ArrayColumns), .ACells(ACells), .BCells(BCells))
  u_matmul (
    .clk_i(matmul_clk), .rst_ni(unit_rst_n), .cmd_valid_i(matmul_valid),
    .cmd_ready_o(matmul_ready), .cmd_i(matmul_cmd), .retire_o(retire[IndexMatmul]),
    .active_o(active[IndexMatmul]), .busy_o(busy[IndexMatmul]),
    .wait_bank_o(wait_bank[IndexMatmul]),
    .read_valid_o(operand_read), .a_cell_o(a_cell), .a_sub_o(a_sub), .b_cell_o(b_cell),
    .b_sub_o(b_sub), .read_step_o(operand_step), .a_data_i(a_data), .a_scale_i(a_scale),
    .b_data_i(b_data), .b_scale_i(b_scale),
    .v_read_valid_o(v_read_valid[ReadMatmul]), .v_read_ready_i(v_read_ready[ReadMatmul]),
    .v_read_address_o(v_read_address[ReadMatmul]),
    .v_read_data_valid_i(v_read_data_valid[ReadMatmul]), .v_read_data_i(v_read_data[ReadMatmul]),
    .v_write_valid_o(v_write_valid[WriteMatmul]), .v_write_ready_i(v_write_ready[WriteMatmul]),
    .v_write_address_o(v_write_address[WriteMatmul]), .v_write_mask_o(v_write_mask[WriteMatmul]),
    .v_write_data_o(v_write_data[WriteMatmul]), .v_write_where_o(v_write_where[WriteMatmul])
  );
  assign wait_read[IndexMatmul]  = 1'b0;
  assign wait_write[IndexMatmul] = 1'b0;

  weft_vector #(.Lanes(ArrayColumns)) u_vector (
    .clk_i(vector_clk), .rst_ni(unit_rst_n), .cmd_valid_i(vector_valid),
    .cmd_ready_o(vector_ready), .cmd_i(vector_cmd), .retire_o(retire[IndexVector]),
    .active_o(active[IndexVector]), .busy_o(busy[IndexVector]),
    .wait_bank_o(wait_bank[IndexVector]),
    .v_read_valid_o(v_read_valid[ReadVector:ReadSecond]),
    .v_read_ready_i(v_read_ready[ReadVector:ReadSecond]),
    .v_read_address_o(v_read_address[ReadVector:ReadSecond]),
    .v_read_data_valid_i(v_read_data_valid[ReadVector:ReadSecond]),
    .v_read_data_i(v_read_data[ReadVector:ReadSecond]),
    .v_write_valid_o(v_write_valid[WriteVector]), .v_write_ready_i(v_write_ready[WriteVector]),
    .v_write_address_o(v_write_address[WriteVector]), .v_write_mask_o(v_write_mask[WriteVector]),
    .v_write_data_o(v_write_data[WriteVector]), .v_write_where_o(v_write_where[WriteVector])
  );
  assign wait_read[IndexVector]  = 1'b0;
  assign wait_write[IndexVector] = 1'b0;

  where_t write_where;
  weft_store #(.Bytes(AxiBytes)) u_store (
    .clk_i(store_clk), .rst_ni(unit_rst_n), .cmd_valid_i(store_valid), .cmd_ready_o(store_ready),
    .cmd_i(store_cmd), .retire_o(retire[IndexStore]), .active_o(active[IndexStore]),
    .busy_o(busy[IndexStore]), .wait_write_o(wait_write[IndexStore]),
    .wait_bank_o(wait_bank[IndexStore]), .error_valid_o(write_error_valid), .error_o(write_error),
    .write_where_o(write_where),
    .v_read_valid_o(v_read_valid[ReadStore]), .v_read_ready_i(v_read_ready[ReadStore]),
    .v_read_address_o(v_read_address[ReadStore]),
    .v_read_data_valid_i(v_read_data_valid[ReadStore]), .v_read_data_i(v_read_data[ReadStore]),
    .aw_valid_o(store_aw_valid), .aw_ready_i(m_axi_awready && !record_aw_valid),
    .aw_address_o(store_aw_address), .aw_len_o(store_aw_len), .w_valid_o(store_w_valid),
    .w_ready_i(m_axi_wready && !record_w_valid), .w_data_o(store_w_data),
    .w_strobe_o(store_w_strobe), .w_last_o(store_w_last),
    .b_valid_i(m_axi_bvalid && m_axi_bid == 1'b0), .b_error_i(m_axi_bresp[1])
  );
  assign wait_read[IndexStore] = 1'b0;

  // ------------------------------------------------------------ memory port
  weft_axi_read_mux u_read_mux (
    .clk_i, .rst_ni, .valid_i(ar_valid), .ready_o(ar_ready), .address_i(ar_address),
    .len_i(ar_len), .ar_valid_o(m_axi_arvalid), .ar_ready_i(m_axi_arready), .ar_id_o(m_axi_arid),
    .ar_address_o(m_axi_araddr), .ar_len_o(m_axi_arlen)
  );
  assign m_axi_arsize  = 3'($clog2(AxiBytes));
  assign m_axi_arburst = 2'b01;
  assign m_axi_rready  = 1'b1;

  // The completion record is written only while the store unit has nothing to write.
  assign m_axi_awvalid = record_aw_valid || store_aw_valid;
  assign m_axi_awid    = record_aw_valid;
  assign m_axi_awaddr  = record_aw_valid ? record_aw_address : store_aw_address;
  assign m_axi_awlen   = record_aw_valid ? record_aw_len : store_aw_len;
  assign m_axi_awsize  = 3'($clog2(AxiBytes));
  assign m_axi_awburst = 2'b01;
  assign m_axi_wvalid  = record_w_valid || store_w_valid;
  assign m_axi_wdata   = record_w_valid ? record_w_data : store_w_data;
  assign m_axi_wstrb   = record_w_valid ? '1 : store_w_strobe;
  assign m_axi_wlast   = record_w_valid ? record_w_last : store_w_last;
  assign m_axi_bready  = 1'b1;

  `WEFT_ASSERT(RecordAndStoreNeverMeet, !(record_aw_valid && store_aw_valid)
                                        && !(record_w_valid && store_w_valid))

  // Which command each write belongs to: what a simulator digests per command.
  logic unused;
  assign unused = &{v_write_where[0], v_write_where[1], v_write_where[2], write_where,
                    ab_place.where, m_axi_rresp[0], m_axi_bresp[0], b_sub,
                    regs_out.arena_lo.value.value[11:0]};

endmodule
