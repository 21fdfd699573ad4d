/** The output-stationary array: model against the emitted Verilog in Icarus, register by register, and against the RTL engine in lock step. */

import { execSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataflowModules, emitVerilog } from '../../compiler/verilog/index.js';
import {
  perRegisterClass,
  type RegisterClass,
  registerBits,
  registerClasses,
} from '../../models/activity/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { OsArray } from '../../simulator/array/os-array.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { lockStep } from '../../simulator/trace/index.js';
import { machineOf } from '../schedule/networks.js';
import { traceCase } from '../trace/case.js';
import { hasTool, withFiles } from '../verilog/support.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 4);

interface Edges {
  readonly load: boolean;
  readonly turn: boolean;
  readonly act: readonly number[];
  readonly weights: readonly number[];
}

interface Case {
  readonly machine: Machine;
  readonly edges: readonly Edges[];
}

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const bits = fc.constantFrom(4 as const, 8 as const, 16 as const);

const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    multiplierStages: fc.constantFrom(0, 1, 2),
    activationBits: bits,
    weightBits: bits,
    accumulatorBits: fc.constantFrom(20, 32),
  })
  .chain(({ rows, columns, multiplierStages, ...elements }) => {
    const base = machineOf({ rows, columns, lanes: 1 });
    const array = { rows, columns, dataflow: 'output-stationary' as const, multiplierStages };
    const edge = fc.record({
      load: fc.boolean(),
      turn: fc.boolean(),
      act: fc.array(integer(elements.activationBits), { minLength: rows, maxLength: rows }),
      weights: fc.array(integer(elements.weightBits), { minLength: columns, maxLength: columns }),
    });
    return fc.record({
      machine: fc.constant({ ...base, array, elements }),
      edges: fc.array(edge, { minLength: 30, maxLength: 30 }),
    });
  });

/** A register of the Verilog, its class and, of a PE, the model's name. */
interface Named {
  readonly path: string;
  readonly name: RegisterClass;
}

function registersOf({ array: { rows, columns, multiplierStages } }: Machine): readonly Named[] {
  const named: Named[] = [];
  const add = (name: RegisterClass, path: string) => named.push({ name, path: `dut.${path}` });
  for (let r = 0; r < rows; r++) {
    add('activationSkew', `g_row[${r}].u_transposer.row_q`);
    if (r > 0) for (const q of ['load_q', 'turn_q']) add('writeSkew', `g_row[${r}].g_next.${q}`);
    for (let c = 0; c < columns; c++) {
      const pe = `g_row[${r}].g_col[${c}].u_pe`;
      add('weight', `${pe}.weight_q`);
      add('activation', `${pe}.activation_q`);
      add('sum', `${pe}.sum_q`);
      add('sum', `${pe}.drain_q`);
      add('writeEnable', `${pe}.turn_q`);
      if (multiplierStages === 1) add('product', `${pe}.g_product.product_q`);
      if (multiplierStages === 2)
        for (const q of ['low_q', 'high_q', 'product_q']) add('product', `${pe}.g_halves.${q}`);
    }
  }
  for (let c = 1; c < columns; c++) {
    add('weightSkew', `g_bus[${c}].u_skew.g_line.line_q`);
    add('sumAlignment', `g_align[${columns - 1 - c}].u_align.g_line.line_q`);
  }
  return named;
}

const packed = (values: readonly number[], width: number) =>
  values.reduceRight((all, v) => (all << BigInt(width)) | BigInt.asUintN(width, BigInt(v)), 0n);

function bench({ machine, edges }: Case, named: readonly Named[]): string {
  const { rows, columns, multiplierStages } = machine.array;
  const { activationBits: a, weightBits: w, accumulatorBits: s } = machine.elements;
  const shown = edges.flatMap(({ load, turn, act, weights }) => [
    `    load = ${Number(load)}; turn = ${Number(turn)};`,
    `    act = ${a * rows}'h${packed(act, a).toString(16)}; wgt = ${w * columns}'h${packed(weights, w).toString(16)};`,
    `    #1 $display("sums %h", sums); clk = 1; #1 clk = 0; show;`,
  ]);
  return [
    'module bench;',
    `  reg clk = 0, load, turn; reg [${a * rows - 1}:0] act; reg [${w * columns - 1}:0] wgt;`,
    `  wire [${s * columns - 1}:0] sums;`,
    `  pe_array_os #(.ROWS(${rows}), .COLUMNS(${columns}), .ACT_BITS(${a}), .WGT_BITS(${w}),`,
    `    .MULTIPLIER_STAGES(${multiplierStages}), .SUM_BITS(${s})) dut (.clk_i(clk), .activations_i(act),`,
    '    .load_i(load), .turn_i(turn), .weights_i(wgt), .sums_o(sums));',
    '  task show; begin',
    ...named.map(({ path }) => `    $display("r %b", ${path});`),
    '  end endtask',
    '  initial begin',
    ...named.map(({ path }) => `    ${path} = 0;`),
    '    show;',
    ...shown,
    '  end',
    'endmodule',
  ].join('\n');
}

/** Sums shown in each cycle and toggles of each class, in Icarus. */
function inIcarus(test: Case): { readonly sums: readonly bigint[]; readonly toggles: object } {
  const named = registersOf(test.machine);
  const modules = [...dataflowModules(test.machine)].filter(([name]) => name !== 'matmul_unit');
  const delay = emitVerilog(test.machine).files.find(({ path }) => path === 'rtl/delay_line.v')!;
  const files = [
    ...modules.map(([name, text]) => ({ path: `${name}.v`, text })),
    { path: 'delay_line.v', text: delay.text },
    { path: 'bench.v', text: bench(test, named) },
  ];
  const command = `iverilog -g2005 -s bench -o b.vvp ${files.map((f) => f.path).join(' ')} && vvp -n b.vvp`;
  const lines = withFiles(files, (cwd) => execSync(command, { cwd, encoding: 'utf8' }).split('\n'));
  const values = lines.filter((line) => line.startsWith('r ')).map((line) => line.slice(2));
  const toggles = perRegisterClass(() => 0);
  for (let i = named.length; i < values.length; i++) {
    const before = values[i - named.length]!;
    toggles[named[i % named.length]!.name] += [...values[i]!].filter((bit, k) => bit !== before[k]).length;
  }
  const sums = lines.filter((line) => line.startsWith('sums ')).map((line) => BigInt(`0x${line.slice(5)}`));
  return { sums, toggles };
}

/** The same from the model. */
function inModel({ machine, edges }: Case): { readonly sums: readonly bigint[]; readonly toggles: object } {
  const array = new OsArray(machine, true);
  const sums = edges.map(({ load, turn, act, weights }) => {
    array.showAct(Int16Array.from(act), 0);
    array.showWeight(Int16Array.from(weights), 0);
    array.step({ load, streaming: true, turn: turn ? { pixels: 1 } : undefined });
    return packed([...array.sums()], machine.elements.accumulatorBits);
  });
  return { sums, toggles: array.takeToggles()! };
}

describe('output-stationary array', () => {
  it.skipIf(!hasTool('iverilog'))(
    'LAW: whatever its edges show, the emitted pe_array_os has the sums and the toggles of the model (skipped without iverilog)',
    () => {
      fc.assert(
        fc.property(cases, (test) => {
          expect(inModel(test)).toEqual(inIcarus(test));
        }),
        { numRuns },
      );
    },
  );

  it('has the register bits that the Verilog has, in every class', () => {
    const machine = { ...machineOf({ rows: 3, columns: 4, lanes: 1 }) };
    const resting = { ...machine, array: { ...machine.array, dataflow: 'output-stationary' as const } };
    const { activationBits: a, weightBits: w, accumulatorBits: s } = resting.elements;
    const own = { weight: 12 * w, activation: 12 * a, product: 12 * (a + w), sum: 24 * s, writeEnable: 12 };
    const edges = { activationSkew: 9 * a, writeSkew: 4, weightSkew: 6 * w, sumAlignment: 6 * s };
    expect(registerBits(resting)).toEqual({ ...own, ...edges });
    expect(Object.keys(registerBits(resting)).sort()).toEqual([...registerClasses].sort());
  });

  it('has the same registers as the emitted Verilog in every cycle of a network', async () => {
    const subject = traceCase({ dataflow: 'output-stationary' });
    const { cycles } = await arrayEngine.run(subject);
    const rtl = createRtlEngine(emitVerilog);
    const { compared, divergence } = await lockStep(subject, [arrayEngine, rtl], {
      from: 0,
      to: cycles,
      signals: [],
    });
    expect(divergence).toBeUndefined();
    expect(compared).toBeGreaterThan(100);
  });
});
