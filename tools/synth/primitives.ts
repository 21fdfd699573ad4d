/**
 * What block RAM primitives do that Yosys has as black boxes only: Verilog for simulating mapped netlists. They cover the
 * modes that Yosys' memory mapping produces for this machine's RAMs (one write and one read port of equal width, no output
 * registers); any other use instantiates a module that does not exist, so that elaboration refuses it. Contents at
 * power-up are not modelled: the machine's are undefined. Written from the vendors' descriptions of the primitives.
 */

/** `parameter INIT_00 = 0; ... INIT_7F`: declared so that netlists may state them. */
export function initParameters(prefix: string, count: number, lowercase = false): string {
  return Array.from({ length: count }, (_, i) => {
    const hex = i.toString(16).padStart(2, '0');
    return `  parameter ${prefix}${lowercase ? hex : hex.toUpperCase()} = 0;`;
  }).join('\n');
}

/** Rows of WIDTH bits in GROUPS groups with enables of their own; reads keep their data while not enabled. */
export const rowMemory = `
module systole_row_memory #(
  parameter WIDTH = 9, parameter GROUPS = 1, parameter INDEX_BITS = 11
) (
  input  wire                  wclk, input wire [GROUPS-1:0] we,
  input  wire [INDEX_BITS-1:0] waddr, input wire [WIDTH-1:0] wdata,
  input  wire                  rclk, input wire re,
  input  wire [INDEX_BITS-1:0] raddr, output reg [WIDTH-1:0] rdata
);
  (* no_rw_check *)
  reg [WIDTH-1:0] rows [0:(1<<INDEX_BITS)-1];
  integer g;
  always @(posedge wclk)
    for (g = 0; g < GROUPS; g = g + 1)
      if (we[g]) rows[waddr][(WIDTH/GROUPS)*g +: WIDTH/GROUPS] <= wdata[(WIDTH/GROUPS)*g +: WIDTH/GROUPS];
  always @(posedge rclk) if (re) rdata <= rows[raddr];
endmodule
`;

/**
 * RAMB18E1 and RAMB36E1. SDP: A reads, B writes. TDP: one port reads and the other writes. Address bit 0 is that of
 * 1-bit words, so words of W data bits start at bit log2 W; data and parity travel apart, eight and one bit a byte.
 */
function xilinxRam(name: string, addressPins: number, kilobits: 16 | 32, dataPins: number): string {
  const p = dataPins / 8;
  const addressTop = kilobits === 32 ? 14 : 13;
  const sdpWidth = kilobits === 32 ? 72 : 36;
  const wide = dataPins * 2;
  return `
module ${name} (
  output wire [${dataPins - 1}:0] DOADO, output wire [${p - 1}:0] DOPADOP,
  output wire [${dataPins - 1}:0] DOBDO, output wire [${p - 1}:0] DOPBDOP,
  input wire [${dataPins - 1}:0] DIADI, input wire [${p - 1}:0] DIPADIP,
  input wire [${dataPins - 1}:0] DIBDI, input wire [${p - 1}:0] DIPBDIP,
  input wire [${addressPins - 1}:0] ADDRARDADDR, input wire [${addressPins - 1}:0] ADDRBWRADDR,
  input wire CLKARDCLK, input wire CLKBWRCLK, input wire ENARDEN, input wire ENBWREN,
  input wire REGCEAREGCE, input wire REGCEB, input wire RSTRAMARSTRAM, input wire RSTRAMB,
  input wire RSTREGARSTREG, input wire RSTREGB,
  input wire [${kilobits === 32 ? 3 : 1}:0] WEA, input wire [${kilobits === 32 ? 7 : 3}:0] WEBWE${
    kilobits === 32
      ? `,
  input wire CASCADEINA, input wire CASCADEINB, input wire INJECTDBITERR, input wire INJECTSBITERR,
  output wire CASCADEOUTA, output wire CASCADEOUTB, output wire DBITERR, output wire SBITERR,
  output wire [7:0] ECCPARITY, output wire [8:0] RDADDRECC`
      : ''
  }
);
${initParameters('INIT_', kilobits * 4)}
${initParameters('INITP_', kilobits / 2)}
  parameter INIT_A = 0; parameter INIT_B = 0; parameter SRVAL_A = 0; parameter SRVAL_B = 0;
  parameter WRITE_MODE_A = "WRITE_FIRST"; parameter WRITE_MODE_B = "WRITE_FIRST";
  parameter READ_WIDTH_A = 0; parameter READ_WIDTH_B = 0;
  parameter WRITE_WIDTH_A = 0; parameter WRITE_WIDTH_B = 0;
  parameter DOA_REG = 0; parameter DOB_REG = 0; parameter RAM_MODE = "TDP";
  parameter RAM_EXTENSION_A = "NONE"; parameter RAM_EXTENSION_B = "NONE";
  parameter RDADDR_COLLISION_HWCONFIG = "DELAYED_WRITE"; parameter SIM_COLLISION_CHECK = "ALL";
  parameter SIM_DEVICE = "7SERIES"; parameter INIT_FILE = "NONE";
  parameter EN_ECC_READ = "FALSE"; parameter EN_ECC_WRITE = "FALSE";
  parameter IS_CLKARDCLK_INVERTED = 0; parameter IS_CLKBWRCLK_INVERTED = 0;
  parameter IS_ENARDEN_INVERTED = 0; parameter IS_ENBWREN_INVERTED = 0;
  parameter IS_RSTRAMARSTRAM_INVERTED = 0; parameter IS_RSTRAMB_INVERTED = 0;
  parameter IS_RSTREGARSTREG_INVERTED = 0; parameter IS_RSTREGB_INVERTED = 0;
  localparam B_WRITES = WRITE_WIDTH_B != 0;
  localparam WIDTH = B_WRITES ? WRITE_WIDTH_B : WRITE_WIDTH_A;
  localparam READ_WIDTH = B_WRITES ? READ_WIDTH_A : READ_WIDTH_B;
  localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == 9 ? 3 : WIDTH == 18 ? 4 : WIDTH == 36 ? 5 : 6;
  localparam GROUPS = WIDTH < 9 ? 1 : WIDTH / 9;
  localparam INDEX_BITS = ${addressTop + 1} - LOW;
  wire [${addressTop}:0] waddr = B_WRITES ? ADDRBWRADDR[${addressTop}:0] : ADDRARDADDR[${addressTop}:0];
  wire [${addressTop}:0] raddr = B_WRITES ? ADDRARDADDR[${addressTop}:0] : ADDRBWRADDR[${addressTop}:0];
  // All data pins, the wide ones of SDP being A's below B's.
  wire [${wide - 1}:0] din = WIDTH == ${sdpWidth} ? {DIBDI, DIADI} : B_WRITES ? {${dataPins}'d0, DIBDI} : {${dataPins}'d0, DIADI};
  wire [${2 * p - 1}:0] pin = WIDTH == ${sdpWidth} ? {DIPBDIP, DIPADIP} : B_WRITES ? {${p}'d0, DIPBDIP} : {${p}'d0, DIPADIP};
  wire [${wide + 2 * p - 1}:0] bytes_in;
  wire [${wide + 2 * p - 1}:0] bytes_out;
  wire [${wide - 1}:0] dout;
  wire [${2 * p - 1}:0] pout;
  genvar i;
  generate
    for (i = 0; i < ${2 * p}; i = i + 1) begin : g_byte
      assign bytes_in[9*i +: 9] = {pin[i], din[8*i +: 8]};
      assign {pout[i], dout[8*i +: 8]} = bytes_out[9*i +: 9];
    end
    if (READ_WIDTH != WIDTH || DOA_REG != 0 || DOB_REG != 0 || (READ_WIDTH_A != 0 && READ_WIDTH_B != 0)
        || RAM_EXTENSION_A != "NONE" || (WRITE_WIDTH_A != 0 && WRITE_WIDTH_B != 0)) begin : g_refuse
      mode_of_this_block_ram_is_not_modelled u_refuse ();
    end
  endgenerate
  wire [WIDTH-1:0] rdata;
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(INDEX_BITS)) u_rows (
    .wclk(CLKBWRCLK), .we((B_WRITES ? WEBWE[GROUPS-1:0] : WEA[GROUPS-1:0]) & {GROUPS{B_WRITES ? ENBWREN : ENARDEN}}),
    .waddr(waddr[${addressTop}:LOW]), .wdata(bytes_in[WIDTH-1:0]),
    .rclk(CLKARDCLK), .re(B_WRITES ? ENARDEN : ENBWREN), .raddr(raddr[${addressTop}:LOW]), .rdata(rdata)
  );
  assign bytes_out = rdata;
  assign {DOBDO, DOADO} = WIDTH == ${sdpWidth} || B_WRITES ? dout : {dout[${dataPins - 1}:0], ${dataPins}'d0};
  assign {DOPBDOP, DOPADOP} = WIDTH == ${sdpWidth} || B_WRITES ? pout : {pout[${p - 1}:0], ${p}'d0};
endmodule
`;
}

export const xilinxModels = [
  rowMemory,
  xilinxRam('RAMB36E1', 16, 32, 32),
  xilinxRam('RAMB18E1', 14, 16, 16),
].join('');

const range = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i));
const busOf = (prefix: string, count: number) =>
  `{${range(count, (i) => `${prefix}${i}`)
    .reverse()
    .join(', ')}}`;
const inputs = (prefix: string, count: number) => range(count, (i) => `input wire ${prefix}${i}`).join(', ');
const outputs = (prefix: string, count: number) =>
  range(count, (i) => `output wire ${prefix}${i}`).join(', ');

/**
 * ECP5 DP16KD as Yosys uses it: A writes and B reads (36 bits wide as a pair of halves), or the other way round. In words of
 * 18 and 36 bits the low address bits of a writing port are its byte enables.
 */
export const ecp5Models = `${rowMemory}
module DP16KD (
  ${inputs('DIA', 18)},
  ${inputs('DIB', 18)},
  ${inputs('ADA', 14)},
  ${inputs('ADB', 14)},
  input wire CLKA, input wire CLKB, input wire CEA, input wire CEB, input wire OCEA, input wire OCEB,
  input wire WEA, input wire WEB, input wire RSTA, input wire RSTB,
  input wire CSA0, input wire CSA1, input wire CSA2, input wire CSB0, input wire CSB1, input wire CSB2,
  ${outputs('DOA', 18)},
  ${outputs('DOB', 18)}
);
${initParameters('INITVAL_', 64)}
  parameter DATA_WIDTH_A = 18; parameter DATA_WIDTH_B = 18; parameter REGMODE_A = "NOREG"; parameter REGMODE_B = "NOREG";
  parameter RESETMODE = "SYNC"; parameter ASYNC_RESET_RELEASE = "SYNC"; parameter GSR = "AUTO"; parameter INIT_DATA = "STATIC";
  parameter CSDECODE_A = "0b000"; parameter CSDECODE_B = "0b000"; parameter CLKAMUX = "CLKA"; parameter CLKBMUX = "CLKB";
  parameter WRITEMODE_A = "NORMAL"; parameter WRITEMODE_B = "NORMAL";
  localparam WIDTH = DATA_WIDTH_A;
  localparam LOW = WIDTH == 1 ? 0 : WIDTH == 2 ? 1 : WIDTH == 4 ? 2 : WIDTH == 9 ? 3 : WIDTH == 18 ? 4 : 5;
  localparam GROUPS = WIDTH < 18 ? 1 : WIDTH / 9;
  wire [13:0] ada = ${busOf('ADA', 14)};
  wire [13:0] adb = ${busOf('ADB', 14)};
  wire [35:0] di = {${busOf('DIB', 18)}, ${busOf('DIA', 18)}};
  wire [35:0] rows;
  wire [WIDTH-1:0] rdata;
  generate
    if (DATA_WIDTH_B != WIDTH || REGMODE_B != "NOREG" || CLKAMUX != "CLKA" || CLKBMUX != "CLKB") begin : g_refuse
      mode_of_this_block_ram_is_not_modelled u_refuse ();
    end
  endgenerate
  // Yosys ties the write enable of a port that only reads to 0, which is how the sides are told apart.
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(14 - LOW)) u_rows (
    .wclk(CLKA), .we((WIDTH < 18 ? 1'b1 : ada[GROUPS-1:0]) & {GROUPS{CEA & WEA}}),
    .waddr(ada[13:LOW]), .wdata(di[WIDTH-1:0]),
    .rclk(CLKB), .re(CEB), .raddr(adb[13:LOW]), .rdata(rdata)
  );
  assign rows = rdata;
  assign {${busOf('DOB', 18)}, ${busOf('DOA', 18)}} = WIDTH == 36 ? rows : {rows[17:0], 18'd0};
endmodule
module MULT18X18D (
  ${inputs('A', 18)},
  ${inputs('B', 18)},
  ${inputs('C', 18)},
  input wire SIGNEDA, input wire SIGNEDB, input wire SOURCEA, input wire SOURCEB,
  ${outputs('P', 36)}
);
  // Yosys uses it without registers: any parameter, and any other port, is refused at elaboration.
  wire signed [18:0] a = {SIGNEDA & A17, ${busOf('A', 18)}};
  wire signed [18:0] b = {SIGNEDB & B17, ${busOf('B', 18)}};
  wire signed [37:0] product = a * b;
  assign {${busOf('P', 36)}} = product[35:0];
endmodule
`;

/**
 * Cyclone V memories. Yosys' own model of M10K has the write enable active low in all widths; its mapping (and the device, by the
 * comment there) has it active high when 40 bits wide.
 */
export const intelModels = `${rowMemory}
module MISTRAL_M10K (CLK1, A1ADDR, A1DATA, A1EN, B1ADDR, B1DATA, B1EN);
  parameter INIT = 0;
  parameter CFG_ABITS = 10;
  parameter CFG_DBITS = 10;
  input wire CLK1;
  input wire [CFG_ABITS-1:0] A1ADDR, B1ADDR;
  input wire [CFG_DBITS-1:0] A1DATA;
  input wire A1EN, B1EN;
  output wire [CFG_DBITS-1:0] B1DATA;
  systole_row_memory #(.WIDTH(CFG_DBITS), .GROUPS(1), .INDEX_BITS(CFG_ABITS)) u_rows (
    .wclk(CLK1), .we((CFG_DBITS == 40) ? A1EN : !A1EN), .waddr(A1ADDR), .wdata(A1DATA),
    .rclk(CLK1), .re(B1EN), .raddr(B1ADDR), .rdata(B1DATA)
  );
endmodule
module MISTRAL_MLAB (
  input wire [4:0] A1ADDR, input wire A1DATA, input wire A1EN, input wire CLK1, input wire [4:0] B1ADDR, output wire B1DATA
);
  reg [31:0] bits;
  always @(posedge CLK1) if (A1EN) bits[A1ADDR] <= A1DATA;
  assign B1DATA = bits[B1ADDR];
endmodule
`;

/** Parameters of an SB_MAC16, by default the mode that is modelled (Yosys also elaborates what nobody instantiates). */
const macParameters = [
  ...[
    'NEG_TRIGGER C_REG A_REG B_REG D_REG PIPELINE_16x16_MULT_REG1 PIPELINE_16x16_MULT_REG2',
    'TOPADDSUB_LOWERINPUT TOPADDSUB_UPPERINPUT TOPADDSUB_CARRYSELECT BOTADDSUB_LOWERINPUT BOTADDSUB_UPPERINPUT',
    'BOTADDSUB_CARRYSELECT',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `  parameter ${name} = 0;`),
  ...'TOP_8x8_MULT_REG BOT_8x8_MULT_REG MODE_8x8 A_SIGNED B_SIGNED'
    .split(' ')
    .map((name) => `  parameter ${name} = 1;`),
  ...['TOPOUTPUT_SELECT', 'BOTOUTPUT_SELECT'].map((name) => `  parameter ${name} = 2;`),
].join('\n');

/** SB_DFF, with the letters of its name: E enable, SR/SS synchronous and R/S asynchronous reset and set. */
function ice40FlipFlop(enable: boolean, control: '' | 'SR' | 'SS' | 'R' | 'S'): string {
  const pin = control === '' ? '' : control.at(-1)!;
  const synchronous = control.length === 2;
  const value = pin === 'R' ? 0 : 1;
  const ports = [
    'output reg Q',
    'input wire C',
    ...(enable ? ['input wire E'] : []),
    ...(pin ? [`input wire ${pin}`] : []),
    'input wire D',
  ];
  const take = synchronous ? `Q <= ${pin} ? 1'b${value} : D;` : 'Q <= D;';
  const clocked = enable ? `if (E) ${take}` : take;
  const body =
    pin && !synchronous
      ? `always @(posedge C, posedge ${pin}) if (${pin}) Q <= 1'b${value}; else ${clocked}`
      : `always @(posedge C) ${clocked}`;
  return `module SB_DFF${enable ? 'E' : ''}${control} (${ports.join(', ')});\n  ${body}\nendmodule\n`;
}

/**
 * iCE40 logic and block RAM. Yosys has models of its own, in one file with that of the 32 KiB RAM, which takes minutes to read. Block RAM: words
 * of 16 >> MODE bits, which lie at every 2nd, 4th or 8th data pin; MASK holds bits back in words of 16.
 */
export const ice40Models = `${rowMemory}
module SB_MAC16 (
  input wire CLK, input wire CE, input wire [15:0] A, input wire [15:0] B, input wire [15:0] C, input wire [15:0] D,
  input wire AHOLD, input wire BHOLD, input wire CHOLD, input wire DHOLD, input wire IRSTTOP, input wire IRSTBOT,
  input wire ORSTTOP, input wire ORSTBOT, input wire OLOADTOP, input wire OLOADBOT, input wire ADDSUBTOP, input wire ADDSUBBOT,
  input wire OHOLDTOP, input wire OHOLDBOT, input wire CI, input wire ACCUMCI, input wire SIGNEXTIN,
  output wire [31:0] O, output wire CO, output wire ACCUMCO, output wire SIGNEXTOUT
);
${macParameters}
  // Two signed products of bytes, each with its register: the mode of pe_pair.v.
  generate
    if (!MODE_8x8 || !A_SIGNED || !B_SIGNED || !TOP_8x8_MULT_REG || !BOT_8x8_MULT_REG || NEG_TRIGGER || A_REG || B_REG ||
        TOPOUTPUT_SELECT != 2 || BOTOUTPUT_SELECT != 2) begin : g_refuse
      mode_of_this_multiplier_is_not_modelled u_refuse ();
    end
  endgenerate
  wire signed [7:0] a1 = A[15:8];
  wire signed [7:0] a0 = A[7:0];
  wire signed [7:0] b1 = B[15:8];
  wire signed [7:0] b0 = B[7:0];
  reg signed [15:0] high;
  reg signed [15:0] low;
  always @(posedge CLK) if (CE) begin
    high <= a1 * b1;
    low <= a0 * b0;
  end
  assign O = {high, low};
  assign CO = 1'b0;
  assign ACCUMCO = 1'b0;
  assign SIGNEXTOUT = 1'b0;
endmodule
module SB_LUT4 (output wire O, input wire I0, input wire I1, input wire I2, input wire I3);
  parameter [15:0] LUT_INIT = 0;
  wire [15:0] row = LUT_INIT >> {I3, I2, I1, I0};
  assign O = row[0];
endmodule
module SB_CARRY (output wire CO, input wire I0, input wire I1, input wire CI);
  assign CO = (I0 & I1) | ((I0 | I1) & CI);
endmodule
${[false, true].flatMap((enable) => (['', 'SR', 'SS', 'R', 'S'] as const).map((control) => ice40FlipFlop(enable, control))).join('')}
module SB_RAM40_4K (
  output wire [15:0] RDATA, input wire RCLK, input wire RCLKE, input wire RE, input wire [10:0] RADDR,
  input wire WCLK, input wire WCLKE, input wire WE, input wire [10:0] WADDR, input wire [15:0] MASK, input wire [15:0] WDATA
);
${range(16, (i) => `  parameter INIT_${i.toString(16).toUpperCase()} = 0;`).join('\n')}
  parameter INIT_FILE = ""; parameter READ_MODE = 0; parameter WRITE_MODE = 0;
  localparam WIDTH = 16 >> WRITE_MODE;
  localparam STEP = 1 << WRITE_MODE;
  localparam FIRST = (STEP >> 1) - ((STEP > 1) ? 1 : 0);
  localparam GROUPS = (WRITE_MODE == 0) ? 16 : 1;
  wire [WIDTH-1:0] wdata;
  wire [WIDTH-1:0] rdata;
  wire [GROUPS-1:0] we;
  genvar i;
  generate
    if (READ_MODE != WRITE_MODE) begin : g_refuse
      mode_of_this_block_ram_is_not_modelled u_refuse ();
    end
    for (i = 0; i < WIDTH; i = i + 1) begin : g_bit
      assign wdata[i] = WDATA[STEP*i+FIRST];
      assign RDATA[STEP*i+FIRST] = rdata[i];
    end
    for (i = 0; i < GROUPS; i = i + 1) begin : g_enable
      assign we[i] = WE & WCLKE & ((GROUPS == 1) | ~MASK[i]);
    end
  endgenerate
  systole_row_memory #(.WIDTH(WIDTH), .GROUPS(GROUPS), .INDEX_BITS(8 + WRITE_MODE)) u_rows (
    .wclk(WCLK), .we(we), .waddr(WADDR[7+WRITE_MODE:0]), .wdata(wdata),
    .rclk(RCLK), .re(RE & RCLKE), .raddr(RADDR[7+WRITE_MODE:0]), .rdata(rdata)
  );
endmodule
`;
