/**
 * The requantiser alone in Icarus Verilog against the integers' definition (BigInt), over activation and multiplier widths, both
 * with the scaled value of 32 bits that `add` uses and with the narrow one of lanes without `add`.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasTool, withFiles } from '../verilog/support.js';

const seed = Number(process.env['SYSTOLE_SEED'] ?? 20261);
const count = 100 * Number(process.env['SYSTOLE_RUNS'] ?? 20);
const LATENCY = 6;

interface Vector {
  readonly value: number;
  readonly multiplier: number;
  readonly shift: number;
}

/** Held for all vectors of a run. */
interface Bounds {
  readonly zeroPoint: number;
  readonly min: number;
  readonly max: number;
}

const scaled = ({ value, multiplier, shift }: Vector): bigint => {
  const rounded = (BigInt(value) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
  return rounded < -(2n ** 31n) ? -(2n ** 31n) : rounded > 2n ** 31n - 1n ? 2n ** 31n - 1n : rounded;
};

const clamped = (vector: Vector, { zeroPoint, min, max }: Bounds): number =>
  Math.min(max, Math.max(min, Number(scaled(vector)) + zeroPoint));

/** Magnitudes of every length; ends of the range and products at the edge of 32 and of 10 bits are frequent. */
function vectors(multiplierBits: number): fc.Arbitrary<Vector> {
  const value = fc.oneof(
    fc.tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.nat(31)).map(([v, by]) => v >> by),
    fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1, 0, 1, 2 ** 16, 511, 512, -512, -513),
  );
  const greatest = 2 ** (multiplierBits - 1) - 1;
  const multiplier = fc.oneof(
    fc.tuple(fc.nat(greatest), fc.nat(multiplierBits - 2)).map(([m, by]) => m >> by),
    fc.constantFrom(greatest, greatest - 1, (greatest + 1) / 2, 1),
  );
  return fc.record({ value, multiplier, shift: fc.integer({ min: 1, max: 63 }) });
}

function bench(actBits: number, multiplierBits: number, scaledBits: number, bounds: Bounds): string {
  const m = multiplierBits - 1;
  return `module bench;
  reg clk = 0;
  reg [${37 + m}:0] in [0:${count - 1}];
  reg [${37 + m}:0] now = 0;
  wire [${scaledBits - 1}:0] s;
  wire [${actBits - 1}:0] c;
  integer i;
  requantizer #(.ACT_BITS(${actBits}), .MULTIPLIER_BITS(${multiplierBits}), .SCALED_BITS(${scaledBits})) dut (
    .clk_i(clk), .value_i(now[${37 + m}:${6 + m}]), .bias_i(32'd0), .multiplier_i(now[${5 + m}:6]), .shift_i(now[5:0]),
    .zero_point_i(${signed(8, bounds.zeroPoint)}), .min_i(${signed(actBits, bounds.min)}), .max_i(${signed(actBits, bounds.max)}),
    .scaled_o(s), .clamped_o(c));
  initial begin
    $readmemb("in.txt", in);
    for (i = 0; i < ${count + LATENCY - 1}; i = i + 1) begin
      if (i < ${count}) now = in[i];
      #1 clk = 1;
      #1 if (i >= ${LATENCY - 2}) $display("%0d %0d", $signed(s), $signed(c));
      clk = 0;
    end
  end
endmodule
`;
}

const signed = (bits: number, value: number) => `${bits}'d${value & (2 ** bits - 1)}`;
const binary = (value: number, bits: number) =>
  BigInt.asUintN(bits, BigInt(value)).toString(2).padStart(bits, '0');

/** What the module gave: a pair of columns a line; the clamped value comes a cycle after the scaled one. */
function simulate(
  list: readonly Vector[],
  multiplierBits: number,
  text: string,
  variant: '' | 'asic/',
): readonly (readonly number[])[] {
  const lines = list.map(
    (v) => binary(v.value, 32) + binary(v.multiplier, multiplierBits - 1) + binary(v.shift, 6),
  );
  const template = (path: string) =>
    readFileSync(new URL(`../../hdl-templates/${path}`, import.meta.url), 'utf8');
  const files = [
    { path: 'in.txt', text: lines.join('\n') },
    { path: 'bench.v', text },
    { path: 'requantizer.v', text: template('requantizer.v') },
    { path: 'scaling_product.v', text: template(`${variant}scaling_product.v`) },
  ];
  return withFiles(files, (folder) => {
    const built = spawnSync(
      'iverilog',
      ['-g2005', '-o', 'sim', 'bench.v', 'requantizer.v', 'scaling_product.v'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    expect(built.stderr).toBe('');
    const run = spawnSync('vvp', [join(folder, 'sim')], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return run.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
  });
}

describe.skipIf(!hasTool('iverilog'))('the requantiser in Icarus Verilog', () => {
  for (const actBits of [4, 8, 16]) {
    for (const [multiplierBits, variant] of [
      [8, ''],
      [16, ''],
      [32, ''],
      [8, 'asic/'],
      [19, 'asic/'],
      [32, 'asic/'],
    ] as const) {
      it(`rounds, saturates and clamps as the integers do: ${actBits}-bit activations, ${multiplierBits}-bit multiplier ${variant && 'of the ASIC '}(seed ${seed})`, () => {
        const list = fc.sample(vectors(multiplierBits), { numRuns: count, seed });
        const half = 2 ** (actBits - 1);
        for (const bounds of [
          { zeroPoint: -128, min: -half, max: half - 1 },
          { zeroPoint: 127, min: -half, max: half - 1 },
          { zeroPoint: 3, min: 3, max: half - 2 },
        ]) {
          for (const scaledBits of [32, Math.max(actBits, 8) + 2]) {
            const rows = simulate(
              list,
              multiplierBits,
              bench(actBits, multiplierBits, scaledBits, bounds),
              variant,
            );
            expect(rows.slice(1).map((row) => row[1])).toEqual(list.map((v) => clamped(v, bounds)));
            if (scaledBits === 32)
              expect(rows.slice(0, -1).map((row) => row[0])).toEqual(list.map((v) => Number(scaled(v))));
          }
        }
      }, 60_000);
    }
  }
});
