// SPDX-License-Identifier: Apache-2.0
// weft_v_buffer: V, four banks of consecutive addresses, each with one read and one write port.
//
// A request (valid) is granted (ready) in the same cycle when no reader (writer) of a lower number
// wants the same bank; a loser holds its request. Read data follows the grant by one cycle and must
// be taken. Writes are visible to reads granted in later cycles. A write changes the elements of
// its mask only.
//
// Ready depends combinationally on valid and address of all requesters of the same kind.
`include "weft_assert.svh"

module weft_v_buffer
  import weft_v_pkg::*;
#(
  parameter  int unsigned Bytes = 524288,
  parameter  int unsigned Lanes = 16,
  localparam int unsigned WordWidth = Lanes * 32
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic                 read_valid_i   [NumReaders],
  output logic                 read_ready_o   [NumReaders],
  input  v_address_t           read_address_i [NumReaders],
  output logic                 read_data_valid_o [NumReaders],
  output logic [WordWidth-1:0] read_data_o    [NumReaders],

  input  logic                 write_valid_i   [NumWriters],
  output logic                 write_ready_o   [NumWriters],
  input  v_address_t           write_address_i [NumWriters],
  input  logic [Lanes-1:0]     write_mask_i    [NumWriters],
  input  logic [WordWidth-1:0] write_data_i    [NumWriters]
);
  localparam int unsigned Words     = Bytes / (Lanes * 4);
  localparam int unsigned BankWords = Words / NumBanks;
  localparam int unsigned IndexWidth = $clog2(BankWords);
  localparam int unsigned BankWidth  = $clog2(NumBanks);
  typedef logic [BankWidth-1:0] bank_t;

  `WEFT_REQUIRE(BanksArePowersOfTwo, (1 << IndexWidth) == BankWords)

  function automatic bank_t bank_of(v_address_t address);
    return address[IndexWidth +: BankWidth];
  endfunction

  logic [WordWidth-1:0] bank_data [NumBanks];
  bank_t                read_bank_q [NumReaders];
  logic                 read_granted_q [NumReaders];

  // Grants: nobody with a lower number wants the same bank.
  always_comb begin
    for (int unsigned i = 0; i < NumReaders; i++) begin
      read_ready_o[i] = 1'b1;
      for (int unsigned j = 0; j < i; j++) begin
        if (read_valid_i[j] && bank_of(read_address_i[j]) == bank_of(read_address_i[i])) begin
          read_ready_o[i] = 1'b0;
        end
      end
    end
    for (int unsigned i = 0; i < NumWriters; i++) begin
      write_ready_o[i] = 1'b1;
      for (int unsigned j = 0; j < i; j++) begin
        if (write_valid_i[j] && bank_of(write_address_i[j]) == bank_of(write_address_i[i])) begin
          write_ready_o[i] = 1'b0;
        end
      end
    end
  end

  for (genvar b = 0; b < NumBanks; b++) begin : g_bank
    logic [WordWidth-1:0]  store_q [BankWords];
    logic [WordWidth-1:0]  read_data_q;  // of its own, so that it becomes the block RAM's register
    logic                  read, write;
    logic [IndexWidth-1:0] read_index, write_index;
    logic [Lanes-1:0]      write_mask;
    logic [WordWidth-1:0]  write_data;

    always_comb begin
      read       = 1'b0;
      read_index = '0;
      for (int unsigned i = 0; i < NumReaders; i++) begin
        if (read_valid_i[i] && read_ready_o[i] && bank_of(read_address_i[i]) == bank_t'(b)) begin
          read       = 1'b1;
          read_index = read_address_i[i][IndexWidth-1:0];
        end
      end
    end

    always_comb begin
      write       = 1'b0;
      write_index = '0;
      write_mask  = '0;
      write_data  = '0;
      for (int unsigned i = 0; i < NumWriters; i++) begin
        if (write_valid_i[i] && write_ready_o[i] && bank_of(write_address_i[i]) == bank_t'(b)) begin
          write       = 1'b1;
          write_index = write_address_i[i][IndexWidth-1:0];
          write_mask  = write_mask_i[i];
          write_data  = write_data_i[i];
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (read) read_data_q <= store_q[read_index];
      if (write) begin
        for (int unsigned l = 0; l < Lanes; l++) begin
          if (write_mask[l]) store_q[write_index][32*l +: 32] <= write_data[32*l +: 32];
        end
      end
    end
    assign bank_data[b] = read_data_q;
  end

  for (genvar i = 0; i < NumReaders; i++) begin : g_reader
    always_ff @(posedge clk_i) begin
      if (!rst_ni) read_granted_q[i] <= 1'b0;
      else read_granted_q[i] <= read_valid_i[i] && read_ready_o[i];
      if (read_valid_i[i]) read_bank_q[i] <= bank_of(read_address_i[i]);
    end
    assign read_data_valid_o[i] = read_granted_q[i];
    assign read_data_o[i]       = bank_data[read_bank_q[i]];

    `WEFT_ASSERT(ReadInside, read_valid_i[i] |-> 32'(read_address_i[i]) < Words)
  end

  for (genvar i = 0; i < NumWriters; i++) begin : g_writer
    `WEFT_ASSERT(WriteInside, write_valid_i[i] |-> 32'(write_address_i[i]) < Words)
  end

endmodule
