// Channel parameters: DEPTH rows of LANES entries. An entry arrives as 72 bits {shift 8, multiplier 32, bias 32} and is
// kept as {shift 6, multiplier MULTIPLIER_BITS-1, bias 32}: multipliers are never negative, shifts at most 63.
// Reads show their data in the next cycle.
`default_nettype none
module par_buffer #(
  parameter LANES = 4,
  parameter DEPTH = 16,
  parameter MULTIPLIER_BITS = 32,
  parameter ENTRY_BITS = 32 + MULTIPLIER_BITS - 1 + 6
) (
  input  wire                        clk_i,
  input  wire                        load_we_i,
  input  wire [15:0]                 load_row_i,
  input  wire [72*LANES-1:0]         load_data_i,
  input  wire                        vec_re_i,
  input  wire [15:0]                 vec_row_i,
  output wire [ENTRY_BITS*LANES-1:0] vec_data_o
);
  localparam INDEX_BITS = $clog2(DEPTH);

  wire unused_high_bits;
  assign unused_high_bits = &{1'b0, load_row_i, vec_row_i, load_data_i};

  wire [ENTRY_BITS*LANES-1:0] entries;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      assign entries[ENTRY_BITS*l +: ENTRY_BITS] =
        {load_data_i[72*l+64 +: 6], load_data_i[72*l +: 32+MULTIPLIER_BITS-1]};
    end
  endgenerate

  ram_1r1w #(
    .WIDTH (ENTRY_BITS*LANES),
    .DEPTH (DEPTH)
  ) u_ram (
    .clk_i        (clk_i),
    .write_i      (load_we_i),
    .write_row_i  (load_row_i[INDEX_BITS-1:0]),
    .write_data_i (entries),
    .read_i       (vec_re_i),
    .read_row_i   (vec_row_i[INDEX_BITS-1:0]),
    .read_data_o  (vec_data_o)
  );
endmodule
`default_nettype wire
