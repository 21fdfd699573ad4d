/**
 * Mutants that change nothing that anyone can see, found by looking at survivors. Each says why. The check counts them apart from both the
 * killed and the survivors; an entry that a run kills after all is a wrong entry, and reported as killed.
 */

import type { Mutant } from './mutants.js';

interface Equivalent {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** Why a mutant is equivalent to the original; undefined where nobody has shown that it is. */
export function whyEquivalent({ file, before, after }: Mutant): string | undefined {
  return equivalents.find((e) => e.file === file && e.before === before && e.after === after)?.why;
}

const unusedFields =
  'requant reads no act: its source address, strides and window are gated off, whatever they are';
const requantFields = (fields: string) => `second_table, ${fields}, dst_slot`;
const requantBefore = requantFields("20'd0, 16'd0, 16'd0, 8'd0, 8'd1, 8'd1, 16'd0, 8'd0");

export const equivalents: readonly Equivalent[] = [
  {
    file: 'hdl-templates/vector_unit.v',
    before: 'assign lut_re_o     = write_q11 && lookup_q;',
    after: 'assign lut_re_o     = write_q11 || lookup_q;',
    why: 'a read enable: more reads cost power, their data are not used',
  },
  {
    file: 'hdl-templates/matmul_unit.v',
    before: "if (rst_i) weight_write_q <= 1'b0;",
    after: "if (rst_i) weight_write_q <= 1'b1;",
    why: 'writes weights during reset; every tile writes its own before its first vector',
  },
  {
    file: 'hdl-templates/vector_decode.v',
    before: requantBefore,
    after: requantFields("20'd1, 16'd0, 16'd0, 8'd0, 8'd1, 8'd1, 16'd0, 8'd0"),
    why: unusedFields,
  },
  {
    file: 'hdl-templates/vector_decode.v',
    before: requantBefore,
    after: requantFields("20'd0, 16'd0, 16'd0, 8'd0, 8'd1, 8'd1, 16'd1, 8'd0"),
    why: unusedFields,
  },
  {
    file: 'hdl-templates/fetch_unit.v',
    before: "assign push_o      = {4{dispatch_o && !target[2]}} & (4'd1 << target[1:0]);",
    after: "assign push_o      = {4{dispatch_o && !target[2]}} & (4'd1 << target[2:0]);",
    why: 'where target[2] is set, the left side of the & is zero',
  },
  {
    file: 'simulator/array/engine.ts',
    before: 'if (overflow >= 0) {',
    after: 'if (overflow >= 1) {',
    why: 'pair 0 is load to load: a unit has no semaphore with itself',
  },
  {
    file: 'simulator/array/engine.ts',
    before: 'if (overflow >= 0) {',
    after: 'if (overflow > 0) {',
    why: 'as above: pair 0 never overflows',
  },
  {
    file: 'simulator/timing/simulate.ts',
    before:
      'const cycle = Math.max(0, ...this.unitEnd, this.fetched > 0 ? this.dispatch[this.fetched - 1]! : 0);',
    after:
      'const cycle = Math.max(0, ...this.unitEnd, this.fetched > 1 ? this.dispatch[this.fetched - 1]! : 0);',
    why: 'queues hold two or more, so two instructions are always dispatched before anything can be stuck',
  },
  {
    file: 'simulator/array/matmul.ts',
    before:
      'if (phase < rows) array.showWeight(ahead, phase, wgt, (fields.wgt + tile * rows + phase) * columns);',
    after:
      'if (phase <= rows) array.showWeight(ahead, phase, wgt, (fields.wgt + tile * rows + phase) * columns);',
    why: 'shows one more row on the weight bus, in a cycle in which no PE writes',
  },
  {
    file: 'simulator/array/pe-array.ts',
    before: 'private cycle = 0;',
    after: 'private cycle = 1;',
    why: 'all cycles of the array are counted from here and only compared with each other',
  },
  {
    file: 'simulator/array/pe-array.ts',
    before: 'private entry = 0;',
    after: 'private entry = 1;',
    why: '`begin` sets it before it is read',
  },
  {
    file: 'simulator/array/matmul.ts',
    before: 'seen[row] = 1;',
    after: 'seen[row] = 2;',
    why: 'rows are checked again, with the same outcome',
  },
  {
    file: 'simulator/array/cycle-counters.ts',
    before: 'return Array.from({ length: Math.ceil(at.rows / GROUP) }, (_, k) => {',
    after: 'return Array.from({ length: Math.ceil(at.rows * GROUP) }, (_, k) => {',
    why: 'the lanes beyond the last row have weight 0',
  },
  {
    file: 'simulator/array/shared-tiles.ts',
    before:
      'return array.multiplierStages === 1 && Math.max(elements.activationBits, elements.weightBits) <= 8;',
    after:
      'return array.multiplierStages === 1 && Math.max(elements.activationBits, elements.weightBits) <= 9;',
    why: 'elements have 4, 8 or 16 bits',
  },
  {
    file: 'simulator/array/shared-tiles.ts',
    before: 'const PIECE_CROSSINGS = 8;',
    after: 'const PIECE_CROSSINGS = 9;',
    why: 'how work is cut changes who does it, not what it gives',
  },
  {
    file: 'simulator/array/shared-tiles.ts',
    before: 'const PIECE_CYCLES = 1024;',
    after: 'const PIECE_CYCLES = 1025;',
    why: 'how work is cut changes who does it, not what it gives',
  },
  {
    file: 'simulator/array/pe-array.ts',
    before: 'for (let word = from >> 2; word < (from + this.at.rows) >> 2; word++)',
    after: 'for (let word = from >> 2; word <= (from + this.at.rows) >> 2; word++)',
    why: 'four lanes more in the next cycle, which overwrites them or takes no vector',
  },
  {
    file: 'simulator/array/pe-module.ts',
    before: 'for (let block = Math.min(rows, Math.floor(UNROLLED_GROUPS / groups)); block > 1; block--)',
    after: 'for (let block = Math.min(rows, Math.ceil(UNROLLED_GROUPS / groups)); block > 1; block--)',
    why: 'how many rows are unrolled changes the code, not what it computes',
  },
  {
    file: 'simulator/array/pe-module.ts',
    before: 'const enable = this.m.v128.load(back, 1, this.get(WRITE_WEST));',
    after: 'const enable = this.m.v128.load(back, 2, this.get(WRITE_WEST));',
    why: 'alignment is a hint to the WebAssembly engine, without meaning',
  },
  {
    file: 'hdl-templates/vector_unit.v',
    before: 'localparam HAS_WINDOW = (HAS_POOL != 0 || HAS_DEPTHWISE != 0) ? 1 : 0;',
    after: 'localparam HAS_WINDOW = (HAS_POOL != 0 || HAS_DEPTHWISE != 0) ? 2 : 0;',
    why: 'only compared with 0',
  },
  {
    file: 'hdl-templates/store_unit.v',
    before: "else if (start_i) running_q <= 1'b1;",
    after: "else if (!(start_i)) running_q <= 1'b1;",
    why: 'done_o is read only while the shell runs a store, and the burst generator is active from the cycle after the start until the last burst',
  },
  {
    file: 'hdl-templates/store_unit.v',
    before: 'if (ACT_BEATS > 1) begin : g_parts',
    after: 'if (ACT_BEATS >= 1) begin : g_parts',
    why: 'with one beat a row, the part that is picked is part 0 of one',
  },
  {
    file: 'hdl-templates/vector_lane.v',
    before: 'if (ACC_BITS < 32) begin : g_narrow_acc',
    after: 'if (ACC_BITS <= 32) begin : g_narrow_acc',
    why: 'at 32 bits it puts no copies of the sign in front',
  },
  {
    file: 'hdl-templates/burst_generator.v',
    before: "assign room        = BURST[8:0] - ({1'b0, beat_q[7:0]} & BURST_MASK);",
    after: "assign room        = BURST[8:0] - ({1'b1, beat_q[7:0]} & BURST_MASK);",
    why: 'bursts have 256 beats at most, so bit 8 of the mask is zero',
  },
  {
    file: 'hdl-templates/burst_generator.v',
    before: 'default: state_q <= IDLE;',
    after: 'default: state_q <= state_q;',
    why: 'the only state that is left for default is IDLE',
  },
  {
    file: 'simulator/timing/durations-of.ts',
    before: 'return { cycles: 0, beats: 0 };',
    after: 'return { cycles: 1, beats: 0 };',
    why: '`end` goes to no unit: nothing reads its duration',
  },
  {
    file: 'simulator/array/unit.ts',
    before: 'for (let producer = 0; producer < 4; producer++) {',
    after: 'for (let producer = 0; producer <= 4; producer++) {',
    why: 'masks have four bits, so bit 4 is zero',
  },
  {
    file: 'simulator/array/dram.ts',
    before: 'private nextBeat = 0;',
    after: 'private nextBeat = 1;',
    why: 'fetch alone takes longer than a cycle: no beat is possible in cycle 0',
  },
  {
    file: 'simulator/array/pe-array.ts',
    before: 'return step >= 0 && this.entered[step % this.entered.length] === step ? value : undefined;',
    after: 'return step >= 1 && this.entered[step % this.entered.length] === step ? value : undefined;',
    why: 'the first vector enters a cycle after the first weight, so none enters in step 0',
  },
  {
    file: 'simulator/array/store.ts',
    before: 'private sentOfBurst = 0;',
    after: 'private sentOfBurst = 1;',
    why: 'set when an instruction starts, read only while it runs',
  },
  {
    file: 'simulator/array/store.ts',
    before: 'private burst = 0;',
    after: 'private burst = 1;',
    why: 'set when an instruction starts, read only while it runs',
  },
  {
    file: 'hdl-templates/store_unit.v',
    before: "else if (done_o) running_q <= 1'b0;",
    after: 'else if (done_o) running_q <= running_q;',
    why: 'as above: done_o is read only while the shell runs a store',
  },
  {
    file: 'hdl-templates/control_registers.v',
    before: "error_q   <= 1'b0;",
    after: "error_q   <= 1'b1;",
    why: 'at reset: halts units that have nothing to do; the write that starts a run clears it (where that write sets it, runs stop: killed)',
  },
  {
    file: 'hdl-templates/load_unit.v',
    before: 'localparam ACT_WGT_BEATS = (ACT_BEATS > WGT_BEATS) ? ACT_BEATS : WGT_BEATS;',
    after: 'localparam ACT_WGT_BEATS = (ACT_BEATS >= WGT_BEATS) ? ACT_BEATS : WGT_BEATS;',
    why: 'the larger of two equal numbers is either',
  },
  {
    file: 'hdl-templates/burst_generator.v',
    before: "beats_left_q <= beats_left_q - {{(COUNT_BITS - 9){1'b0}}, beats};",
    after: "beats_left_q <= beats_left_q - {{(COUNT_BITS - 10){1'b0}}, beats};",
    why: 'Verilog adds the zero that is missing',
  },
  {
    file: 'simulator/timing/overflow.ts',
    before: '}) ?? -1',
    after: '}) ?? -2',
    why: 'any negative number says that nothing overflows',
  },
  {
    file: 'hdl-templates/vector_decode.v',
    before: "second_table, src, src_stride_y, src_block, 8'd1, 8'd1, 8'd1, 16'd0, 8'd0, dst_slot",
    after: "second_table, src, src_stride_y, src_block, 8'd1, 8'd1, 8'd1, 16'd0, 8'd1, dst_slot",
    why: 'the stride between kernel columns, of which rescale has one',
  },
  {
    file: 'hdl-templates/acc_buffer.v',
    before: 'assign vec_reads = vec_re_i && vec_bank_i;',
    after: 'assign vec_reads = vec_re_i || vec_bank_i;',
    why: 'a read enable: matmul has the port before the vector unit, and data that nobody asked for are not used',
  },
  {
    file: 'hdl-templates/load_unit.v',
    before: 'localparam WINDOW_BEATS = (PAR_BEATS > ACT_WGT_BEATS) ? PAR_BEATS : ACT_WGT_BEATS;',
    after: 'localparam WINDOW_BEATS = (PAR_BEATS >= ACT_WGT_BEATS) ? PAR_BEATS : ACT_WGT_BEATS;',
    why: 'the larger of two equal numbers is either',
  },
  {
    file: 'base/numeric.ts',
    before: 'if (Number.isSafeInteger(product) && shift <= 52) {',
    after: 'if (Number.isSafeInteger(product) && shift < 52) {',
    why: 'both ways are exact: which one is taken is a matter of speed',
  },
  {
    file: 'simulator/array/matmul.ts',
    before: 'const seen = new Uint8Array(2 ** 16);',
    after: 'const seen = new Uint8Array(2 ** 17);',
    why: 'saves second checks of a row; there are at most 2^16 rows',
  },
  {
    file: 'simulator/array/matmul.ts',
    before: 'private made = 0;',
    after: 'private made = 1;',
    why: 'set when an instruction starts, read only while it runs',
  },
  {
    file: 'simulator/timing/fetch.ts',
    before: 'return freed <= endIndex && this.askedFrom(burst) <= this.dispatch[endIndex]! + 1;',
    after: 'return freed < endIndex && this.askedFrom(burst) <= this.dispatch[endIndex]! + 1;',
    why: 'where they are equal, room is there two cycles after `end` is dispatched: the second condition says no',
  },
  {
    file: 'simulator/timing/breakdown.ts',
    before: 'end: -1,',
    after: 'end: -2,',
    why: 'one more than it is compared with 0 or more, and the larger taken',
  },
  {
    file: 'hdl-templates/fetch_unit.v',
    before: "ended_q    <= 1'b0;",
    after: "ended_q    <= 1'b1;",
    why: 'at reset: read only while busy, and the start of a run clears it (where that start sets it: killed)',
  },
];
