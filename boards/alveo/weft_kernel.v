// SPDX-License-Identifier: Apache-2.0
// weft_kernel: one engine as an RTL kernel of the Vitis flow (UG1393, "RTL kernels").
//
// Verilog, not SystemVerilog: the packager takes no SystemVerilog as top level (UG1118, "Top-Level
// HDL Requirements").
//
// Wires only. The names are those the flow looks for: ap_clk, ap_rst_n, interrupt, s_axi_control
// and one 512-bit master m_axi_gmem. The registers are XRT's ap_ctrl_hs block already; kernel.xml
// is generated from the same definition.
//
// What the engine does not drive is constant here, as UG1393 asks of a master: AxCACHE 0011
// (modifiable, bufferable: lets the interconnect convert widths), AxPROT 000, no locks, QoS or
// regions.
// Reset is registered once, so that its fan-out starts inside the kernel.
module weft_kernel (
  input  wire                     ap_clk,
  input  wire                     ap_rst_n,
  output wire                     interrupt,

  input  wire                     s_axi_control_awvalid,
  output wire                     s_axi_control_awready,
  input  wire  [11:0]             s_axi_control_awaddr,
  input  wire                     s_axi_control_wvalid,
  output wire                     s_axi_control_wready,
  input  wire  [31:0]             s_axi_control_wdata,
  input  wire  [3:0]              s_axi_control_wstrb,
  output wire                     s_axi_control_bvalid,
  input  wire                     s_axi_control_bready,
  output wire  [1:0]              s_axi_control_bresp,
  input  wire                     s_axi_control_arvalid,
  output wire                     s_axi_control_arready,
  input  wire  [11:0]             s_axi_control_araddr,
  output wire                     s_axi_control_rvalid,
  input  wire                     s_axi_control_rready,
  output wire  [31:0]             s_axi_control_rdata,
  output wire  [1:0]              s_axi_control_rresp,

  output wire                     m_axi_gmem_awvalid,
  input  wire                     m_axi_gmem_awready,
  output wire  [0:0]              m_axi_gmem_awid,
  output wire  [63:0] m_axi_gmem_awaddr,
  output wire  [7:0]              m_axi_gmem_awlen,
  output wire  [2:0]              m_axi_gmem_awsize,
  output wire  [1:0]              m_axi_gmem_awburst,
  output wire  [0:0]              m_axi_gmem_awlock,
  output wire  [3:0]              m_axi_gmem_awcache,
  output wire  [2:0]              m_axi_gmem_awprot,
  output wire  [3:0]              m_axi_gmem_awqos,
  output wire  [3:0]              m_axi_gmem_awregion,
  output wire                     m_axi_gmem_wvalid,
  input  wire                     m_axi_gmem_wready,
  output wire  [511:0]    m_axi_gmem_wdata,
  output wire  [63:0]  m_axi_gmem_wstrb,
  output wire                     m_axi_gmem_wlast,
  input  wire                     m_axi_gmem_bvalid,
  output wire                     m_axi_gmem_bready,
  input  wire  [0:0]              m_axi_gmem_bid,
  input  wire  [1:0]              m_axi_gmem_bresp,
  output wire                     m_axi_gmem_arvalid,
  input  wire                     m_axi_gmem_arready,
  output wire  [0:0]              m_axi_gmem_arid,
  output wire  [63:0] m_axi_gmem_araddr,
  output wire  [7:0]              m_axi_gmem_arlen,
  output wire  [2:0]              m_axi_gmem_arsize,
  output wire  [1:0]              m_axi_gmem_arburst,
  output wire  [0:0]              m_axi_gmem_arlock,
  output wire  [3:0]              m_axi_gmem_arcache,
  output wire  [2:0]              m_axi_gmem_arprot,
  output wire  [3:0]              m_axi_gmem_arqos,
  output wire  [3:0]              m_axi_gmem_arregion,
  input  wire                     m_axi_gmem_rvalid,
  output wire                     m_axi_gmem_rready,
  input  wire  [0:0]              m_axi_gmem_rid,
  input  wire  [511:0]    m_axi_gmem_rdata,
  input  wire  [1:0]              m_axi_gmem_rresp,
  input  wire                     m_axi_gmem_rlast
);
  reg reset_n;
  always @(posedge ap_clk) reset_n <= ap_rst_n;

  assign m_axi_gmem_awlock   = 1'b0;
  assign m_axi_gmem_awcache  = 4'b0011;
  assign m_axi_gmem_awprot   = 3'b000;
  assign m_axi_gmem_awqos    = 4'd0;
  assign m_axi_gmem_awregion = 4'd0;
  assign m_axi_gmem_arlock   = 1'b0;
  assign m_axi_gmem_arcache  = 4'b0011;
  assign m_axi_gmem_arprot   = 3'b000;
  assign m_axi_gmem_arqos    = 4'd0;
  assign m_axi_gmem_arregion = 4'd0;

  weft_top u_engine (
    .clk_i(ap_clk), .rst_ni(reset_n), .interrupt_o(interrupt),
    .s_axil_awready(s_axi_control_awready), .s_axil_awvalid(s_axi_control_awvalid),
    .s_axil_awaddr(s_axi_control_awaddr[6:0]), .s_axil_awprot(3'b000),
    .s_axil_wready(s_axi_control_wready), .s_axil_wvalid(s_axi_control_wvalid),
    .s_axil_wdata(s_axi_control_wdata), .s_axil_wstrb(s_axi_control_wstrb),
    .s_axil_bready(s_axi_control_bready), .s_axil_bvalid(s_axi_control_bvalid),
    .s_axil_bresp(s_axi_control_bresp),
    .s_axil_arready(s_axi_control_arready), .s_axil_arvalid(s_axi_control_arvalid),
    .s_axil_araddr(s_axi_control_araddr[6:0]), .s_axil_arprot(3'b000),
    .s_axil_rready(s_axi_control_rready), .s_axil_rvalid(s_axi_control_rvalid),
    .s_axil_rdata(s_axi_control_rdata), .s_axil_rresp(s_axi_control_rresp),
    .m_axi_arvalid(m_axi_gmem_arvalid), .m_axi_arready(m_axi_gmem_arready),
    .m_axi_arid(m_axi_gmem_arid), .m_axi_araddr(m_axi_gmem_araddr),
    .m_axi_arlen(m_axi_gmem_arlen), .m_axi_arsize(m_axi_gmem_arsize),
    .m_axi_arburst(m_axi_gmem_arburst),
    .m_axi_rvalid(m_axi_gmem_rvalid), .m_axi_rready(m_axi_gmem_rready),
    .m_axi_rid(m_axi_gmem_rid), .m_axi_rdata(m_axi_gmem_rdata), .m_axi_rresp(m_axi_gmem_rresp),
    .m_axi_rlast(m_axi_gmem_rlast),
    .m_axi_awvalid(m_axi_gmem_awvalid), .m_axi_awready(m_axi_gmem_awready),
    .m_axi_awid(m_axi_gmem_awid), .m_axi_awaddr(m_axi_gmem_awaddr),
    .m_axi_awlen(m_axi_gmem_awlen), .m_axi_awsize(m_axi_gmem_awsize),
    .m_axi_awburst(m_axi_gmem_awburst),
    .m_axi_wvalid(m_axi_gmem_wvalid), .m_axi_wready(m_axi_gmem_wready),
    .m_axi_wdata(m_axi_gmem_wdata), .m_axi_wstrb(m_axi_gmem_wstrb), .m_axi_wlast(m_axi_gmem_wlast),
    .m_axi_bvalid(m_axi_gmem_bvalid), .m_axi_bready(m_axi_gmem_bready),
    .m_axi_bid(m_axi_gmem_bid), .m_axi_bresp(m_axi_gmem_bresp)
  );

  // The registers repeat every 128 bytes of the kernel's 4 KiB.
  wire unused = &{s_axi_control_awaddr[11:7], s_axi_control_araddr[11:7]};

endmodule
