// SPDX-License-Identifier: Apache-2.0
// weft_operand_buffer: A or B. Mantissas and scales of operand cells, written by the load unit one
// row at a time, read by the array one contraction step of Rows rows at a time.
//
// A cell is 16 rows x 64 contraction indices. A step is 8 indices of Rows rows (Rows x 64 bits).
// The steps of a cell lie in Banks memories (step modulo Banks), so that a write fills Banks steps
// of one row at once. Reads follow their request by one cycle. Scales: one per row and block of 32.
//
//                     cell      row / Rows   step / Banks           lane
//   index in a bank   |---------|------------|                      row % Rows
//
// Write and read may meet in one cycle; a read of what is being written returns the old or the new
// value (programs order the two by `after`).
module weft_operand_buffer #(
  parameter  int unsigned Bytes = 131072,
  parameter  int unsigned Rows  = 4,
  parameter  int unsigned WriteBytes = 64,
  parameter  int unsigned ScaleWidth = 8,
  localparam int unsigned Banks = WriteBytes / 8,
  localparam int unsigned Cells = Bytes / 1024,
  localparam int unsigned CellWidth = $clog2(Cells),
  localparam int unsigned Subs = 16 / Rows,
  localparam int unsigned SubWidth = Subs > 1 ? $clog2(Subs) : 1
) (
  input  logic                       clk_i,

  input  logic                       write_valid_i,
  input  logic [CellWidth-1:0]       write_cell_i,
  input  logic [3:0]                 write_row_i,
  input  logic [2:0]                 write_step_i,  // first step, a multiple of Banks
  input  logic [Banks-1:0]           write_mask_i,  // steps that are written
  input  logic [8*WriteBytes-1:0]    write_data_i,

  input  logic [1:0]                 scale_write_i, // blocks that are written
  input  logic [1:0][ScaleWidth-1:0] scale_data_i,  // of write_cell_i, write_row_i

  input  logic                       read_valid_i,
  input  logic [CellWidth-1:0]       read_cell_i,
  input  logic [SubWidth-1:0]        read_sub_i,    // which Rows of the 16
  input  logic [2:0]                 read_step_i,
  output logic [64*Rows-1:0]         read_data_o,
  output logic [Rows-1:0][ScaleWidth-1:0] read_scale_o  // of the block of read_step_i
);
  localparam int unsigned Parts = 8 / Banks;  // memory words a row of a cell takes in a bank
  localparam int unsigned Depth = Cells * Subs * Parts;
  localparam int unsigned IndexWidth = $clog2(Depth);
  localparam int unsigned ScaleDepth = Cells * Subs;
  typedef logic [IndexWidth-1:0] index_t;

  function automatic index_t index_of(logic [CellWidth-1:0] cell_index, int unsigned sub,
                                      logic [2:0] step);
    return index_t'((32'(cell_index) * Subs + sub) * Parts + 32'(step) / Banks);
  endfunction

  logic [64*Rows-1:0] bank_data [Banks];
  index_t             write_index, read_index;
  logic [Rows-1:0]    write_lane;
  logic [2:0]         read_step_q;

  assign write_index = index_of(write_cell_i, 32'(write_row_i) / Rows, write_step_i);
  assign read_index  = index_of(read_cell_i, Subs > 1 ? 32'(read_sub_i) : 0, read_step_i);
  assign write_lane  = Rows'(1) << (32'(write_row_i) % Rows);

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic [64*Rows-1:0] store_q [Depth];
    logic [64*Rows-1:0] read_data_q;  // of its own, so that it becomes the block RAM's register

    always_ff @(posedge clk_i) begin
      if (write_valid_i && write_mask_i[b]) begin
        for (int unsigned l = 0; l < Rows; l++) begin
          if (write_lane[l]) store_q[write_index][64*l +: 64] <= write_data_i[64*b +: 64];
        end
      end
      if (read_valid_i && 32'(read_step_i) % Banks == b) read_data_q <= store_q[read_index];
    end
    assign bank_data[b] = read_data_q;
  end

  always_ff @(posedge clk_i) begin
    if (read_valid_i) read_step_q <= read_step_i;
  end
  assign read_data_o = bank_data[32'(read_step_q) % Banks];

  // Scales: block 0 and block 1 of a cell in two memories.
  logic [Rows-1:0][ScaleWidth-1:0] scale_out [2];
  for (genvar b = 0; b < 2; b++) begin : g_scale
    logic [Rows-1:0][ScaleWidth-1:0] store_q [ScaleDepth];
    logic [Rows-1:0][ScaleWidth-1:0] read_scale_q;
    localparam int unsigned ScaleIndexWidth = $clog2(ScaleDepth);

    always_ff @(posedge clk_i) begin
      if (scale_write_i[b]) begin
        for (int unsigned l = 0; l < Rows; l++) begin
          if (write_lane[l]) begin
            store_q[ScaleIndexWidth'(32'(write_cell_i) * Subs + 32'(write_row_i) / Rows)][l]
                <= scale_data_i[b];
          end
        end
      end
      if (read_valid_i && read_step_i[2] == 1'(b)) begin
        read_scale_q <= store_q[ScaleIndexWidth'(32'(read_cell_i) * Subs
                                                 + (Subs > 1 ? 32'(read_sub_i) : 0))];
      end
    end
    assign scale_out[b] = read_scale_q;
  end
  assign read_scale_o = scale_out[read_step_q[2]];

endmodule
