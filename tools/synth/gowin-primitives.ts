/** What Gowin's block RAMs and multipliers do, as primitives.ts states those of other families: the modes that the flow's netlists use. */

import { initParameters, rowMemory } from './primitives.js';

/** Gowin SDPB (8-bit bytes) and SDPX9B (9-bit bytes): A writes, B reads; the low address bits of A are its byte enables. */
function gowinRam(name: string, bits: 32 | 36, byte: 8 | 9): string {
  return `
module ${name} (
  input wire CLKA, input wire CEA, input wire RESETA, input wire [13:0] ADA, input wire [${bits - 1}:0] DI,
  input wire CLKB, input wire CEB, input wire RESETB, input wire OCE, input wire [13:0] ADB,
  input wire [2:0] BLKSELA, input wire [2:0] BLKSELB, output wire [${bits - 1}:0] DO
);
${initParameters('INIT_RAM_', 64)}
  parameter READ_MODE = 0; parameter BIT_WIDTH_0 = ${bits}; parameter BIT_WIDTH_1 = ${bits};
  parameter BLK_SEL_0 = 0; parameter BLK_SEL_1 = 0; parameter RESET_MODE = "SYNC";
  localparam WIDTH = BIT_WIDTH_0;
  localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == ${byte} ? 3 : WIDTH == ${2 * byte} ? 4 : 5;
  localparam GROUPS = WIDTH < ${2 * byte} ? 1 : WIDTH / ${byte};
  wire [WIDTH-1:0] rdata;
  generate
    if (BIT_WIDTH_1 != WIDTH || READ_MODE != 0 || BLK_SEL_0 != 0 || BLK_SEL_1 != 0) begin : g_refuse
      mode_of_this_block_ram_is_not_modelled u_refuse ();
    end
  endgenerate
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(14 - LOW)) u_rows (
    .wclk(CLKA), .we((WIDTH < ${2 * byte} ? 1'b1 : ADA[GROUPS-1:0]) & {GROUPS{CEA}}), .waddr(ADA[13:LOW]), .wdata(DI[WIDTH-1:0]),
    .rclk(CLKB), .re(CEB), .raddr(ADB[13:LOW]), .rdata(rdata)
  );
  assign DO = rdata;
endmodule
`;
}

/** DPB and DPX9B as Yosys uses them for one port of each kind: A writes and B reads, or the other way round. */
function gowinDualRam(name: string, bits: 16 | 18, byte: 8 | 9): string {
  return `
module ${name} (
  input wire CLKA, input wire CEA, input wire RESETA, input wire OCEA, input wire WREA,
  input wire CLKB, input wire CEB, input wire RESETB, input wire OCEB, input wire WREB,
  input wire [13:0] ADA, input wire [13:0] ADB, input wire [${bits - 1}:0] DIA, input wire [${bits - 1}:0] DIB,
  input wire [2:0] BLKSELA, input wire [2:0] BLKSELB, output wire [${bits - 1}:0] DOA, output wire [${bits - 1}:0] DOB
);
${initParameters('INIT_RAM_', 64)}
  parameter READ_MODE0 = 0; parameter READ_MODE1 = 0; parameter WRITE_MODE0 = 0; parameter WRITE_MODE1 = 0;
  parameter BIT_WIDTH_0 = ${bits}; parameter BIT_WIDTH_1 = ${bits};
  parameter BLK_SEL_0 = 0; parameter BLK_SEL_1 = 0; parameter RESET_MODE = "SYNC";
  localparam WIDTH = BIT_WIDTH_0;
  localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == ${byte} ? 3 : 4;
  localparam GROUPS = WIDTH < ${2 * byte} ? 1 : WIDTH / ${byte};
  generate
    if (BIT_WIDTH_1 != WIDTH || READ_MODE0 != 0 || READ_MODE1 != 0 || BLK_SEL_0 != 0 || BLK_SEL_1 != 0) begin : g_refuse
      mode_of_this_block_ram_is_not_modelled u_refuse ();
    end
  endgenerate
  // Both copies take both writes, which never come at once: one read port each.
  wire a_writes = CEA & WREA;
  wire b_writes = CEB & WREB;
  wire [13:0] address = a_writes ? ADA : ADB;
  wire [GROUPS-1:0] enable = (WIDTH < ${2 * byte} ? 1'b1 : address[GROUPS-1:0]) & {GROUPS{a_writes | b_writes}};
  wire [${bits - 1}:0] data = a_writes ? DIA : DIB;
  wire [WIDTH-1:0] a_read;
  wire [WIDTH-1:0] b_read;
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(14 - LOW)) u_a (
    .wclk(CLKA), .we(enable), .waddr(address[13:LOW]), .wdata(data[WIDTH-1:0]),
    .rclk(CLKA), .re(CEA & ~WREA), .raddr(ADA[13:LOW]), .rdata(a_read)
  );
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(14 - LOW)) u_b (
    .wclk(CLKA), .we(enable), .waddr(address[13:LOW]), .wdata(data[WIDTH-1:0]),
    .rclk(CLKB), .re(CEB & ~WREB), .raddr(ADB[13:LOW]), .rdata(b_read)
  );
  assign DOA = a_read;
  assign DOB = b_read;
endmodule
`;
}

/** MULT18X18 and MULT9X9 as the rules of hdl-templates/gowin use them: without registers. Any parameter, which would set one, is refused at elaboration. */
function gowinMultiplier(name: string, bits: 18 | 9): string {
  const top = bits - 1;
  return `
module ${name} (
  input wire [${top}:0] A, input wire [${top}:0] SIA, input wire [${top}:0] B, input wire [${top}:0] SIB,
  input wire ASIGN, input wire BSIGN, input wire ASEL, input wire BSEL, input wire CE, input wire CLK, input wire RESET,
  output wire [${2 * bits - 1}:0] DOUT, output wire [${top}:0] SOA, output wire [${top}:0] SOB
);
  wire signed [${bits}:0] a = {ASIGN & A[${top}], A};
  wire signed [${bits}:0] b = {BSIGN & B[${top}], B};
  wire signed [${2 * bits + 1}:0] product = a * b;
  assign DOUT = ASEL | BSEL ? ${2 * bits}'bx : product[${2 * bits - 1}:0];
  assign SOA = ${bits}'bx;
  assign SOB = ${bits}'bx;
endmodule
`;
}

export const gowinModels = [
  rowMemory,
  gowinRam('SDPB', 32, 8),
  gowinRam('SDPX9B', 36, 9),
  gowinDualRam('DPB', 16, 8),
  gowinDualRam('DPX9B', 18, 9),
  gowinMultiplier('MULT18X18', 18),
  gowinMultiplier('MULT9X9', 9),
].join('');
