/**
 * The models of block RAM primitives, and Yosys' mapping onto them: `ram_1r1w` mapped for each family, simulated with the family's models,
 * in step with the template itself. A wrong model and a wrong mapping both show as a different word.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unwrap } from '../../base/index.js';
import { cellTemplates, familyModules, yosysMapping } from '../../compiler/verilog/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { compileNetlist, elaborate, type RtlSimulator } from '../../simulator/rtl/index.js';
import type { FpgaFlow } from '../../tools/report/index.js';
import { families } from '../../tools/synth/families.js';
import { simulationFiles } from '../../tools/synth/fpga.js';
import { runYosysJob } from '../../tools/synth/yosys.js';

const machine = machinePresets.get('edge4')!;
const template = cellTemplates.get('ram_1r1w.v')!;

interface Shape {
  readonly width: number;
  readonly groups: number;
  readonly depth: number;
}

/** Sizes that buffers have: groups of bytes, accumulators, tables; and one of 72 bits. */
const allShapes: readonly Shape[] = [
  { width: 16, groups: 2, depth: 512 },
  { width: 96, groups: 1, depth: 256 },
  { width: 8, groups: 1, depth: 512 },
  { width: 72, groups: 1, depth: 512 },
];

/** Yosys' model of the iCE40 block RAM has a write enable a bit, and each costs the simulation: one word of bytes, one table. */
const shapesOf = (flow: FpgaFlow) =>
  flow === 'ice40'
    ? [
        { width: 8, groups: 2, depth: 256 },
        { width: 8, groups: 1, depth: 512 },
      ]
    : allShapes;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'systole-memories-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All shapes side by side in one module, one mapping run a family. */
function design(shapes: readonly Shape[]): string {
  const instances = shapes.map(({ width, groups, depth }, i) => {
    const bits = width * groups;
    const index = Math.log2(depth);
    return `
  ram_1r1w #(.WIDTH(${width}), .GROUPS(${groups}), .DEPTH(${depth})) u_ram${i} (
    .clk_i(clk_i), .write_i(write_i[${groups - 1}:0]), .write_row_i(write_row_i[${index - 1}:0]), .write_data_i(data_i[${bits - 1}:0]),
    .read_i(read_i), .read_row_i(read_row_i[${index - 1}:0]), .read_data_o(out${i}_o)
  );`;
  });
  const outputs = shapes.map(({ width, groups }, i) => `output wire [${width * groups - 1}:0] out${i}_o`);
  return `module memories (input wire clk_i, input wire [1:0] write_i, input wire [8:0] write_row_i, input wire [95:0] data_i,
  input wire read_i, input wire [8:0] read_row_i, ${outputs.join(', ')});${instances.join('')}
endmodule
`;
}

async function simulator(
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<RtlSimulator> {
  return unwrap(await compileNetlist(unwrap(await elaborate(files, 'memories')))).instantiate();
}

/** Deterministic 32-bit words (xorshift). */
function words(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const wide = (next: () => number) => [0, 1, 2].reduce((sum) => (sum << 32n) | BigInt(next()), 0n);

describe.each(Object.keys(families) as FpgaFlow[])('block RAM of %s', (flow) => {
  test('mapped memories read what the template reads', { timeout: 120_000 }, async () => {
    const family = families[flow];
    const shapes = shapesOf(flow);
    const sources = [
      { path: 'ram_1r1w.v', text: template },
      { path: 'memories.v', text: design(shapes) },
    ];
    const name = `memories-${flow}`;
    await runYosysJob({
      name,
      folder,
      inputs: [
        { path: 'ram_1r1w.v', text: familyModules(machine, flow).get('ram_1r1w') ?? template },
        sources[1]!,
      ],
      script: [
        'read_verilog ram_1r1w.v memories.v',
        yosysMapping(flow, 'memories'),
        'flatten',
        'delete t:$scopeinfo',
        `write_json ${name}.json`,
        `write_verilog -noattr ${name}.v`,
      ],
      outputs: [`${name}.json`, `${name}.v`],
    });
    const mapped = readFileSync(join(folder, `${name}.v`), 'utf8');
    expect(mapped.split('\n').some((line) => family.cells.blockRams.test(line.trim().split(' ')[0]!))).toBe(
      true,
    );
    const pair = [await simulator(sources), await simulator(simulationFiles(family, mapped))];
    const next = words(0x5157);
    // Every row is written once before anything is read: power-up contents are nobody's business.
    for (let cycle = 0; cycle < (flow === 'ice40' ? 640 : 1024); cycle++) {
      const filling = cycle < 512;
      const write = filling ? 3 : next() & 3;
      const writeRow = filling ? cycle : next() & 511;
      const readRow = next() & 511;
      // The row being written is not read: undefined in the template. 256-row memories see eight address bits.
      const collides = (readRow & 255) === (writeRow & 255);
      const data = wide(next);
      for (const rtl of pair) {
        rtl.poke('write_i', write);
        rtl.poke('write_row_i', writeRow);
        rtl.poke('data_i', data);
        rtl.poke('read_i', filling || collides ? 0 : 1);
        rtl.poke('read_row_i', readRow);
        rtl.step();
      }
      if (filling || collides) continue;
      shapes.forEach((_, i) => {
        const [expected, actual] = pair.map((rtl) => rtl.peek(`out${i}_o`));
        expect(actual, `memory ${i} (${shapes[i]!.width} bits), row ${readRow}, cycle ${cycle}`).toBe(
          expected,
        );
      });
    }
  });
});
