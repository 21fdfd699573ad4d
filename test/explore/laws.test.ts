/**
 * Points of a space are machines like any other: laws 1 (values) and 2 (cycles) hold on whatever point is drawn, and what the search
 * believed of it is what the compiled program does. SYSTOLE_RUNS sets the points, SYSTOLE_SEED replays.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { compilePrepared, prepare } from '../../compiler/pipeline/index.js';
import { confirmExactly, Evaluator, machineAt, parseSpace } from '../../tools/explore/index.js';
import { openNetwork, verify } from '../../tools/library/index.js';
import { isVerified } from '../../tools/report/index.js';

const space = unwrap(
  parseSpace(
    `
name: laws
machine: edge8
parameters:
  array.rows: [2, 3, 4, 6, 8, 12, 16]
  array.columns: [2, 3, 4, 6, 8, 12, 16]
  array.dataflow: [weight-stationary, output-stationary]
  array.multiplierStages: [0, 1, 2]
  elements.activationBits: [4, 8]
  buffers.activation.banks: [3, 4, 5]
  buffers.activation.rowsPerBank: {from: 128, to: 1024, factor: 2}
  buffers.weight.rows: {from: 64, to: 1024, factor: 4}
  buffers.accumulator.rowsPerBank: {from: 16, to: 256, factor: 4}
  bus.bytes: [4, 8, 32]
  queueDepth: [1, 2, 8]
  memory.readLatency: [1, 30]
derived: {vector.lanes: "gcd(array.rows, array.columns)"}
objectives: [latency]
`,
    'laws.yaml',
    ['digits'],
  ),
);
const opened = openNetwork('digits');
const prepared = unwrap(prepare(opened.graph, { calibration: opened.calibration }));
const evaluator = new Evaluator([prepared]);
const runs = Number(process.env.SYSTOLE_RUNS ?? 25);
const seed = Number(process.env.SYSTOLE_SEED ?? Date.now() % 1_000_000);

async function holds(engine: 'array' | 'rtl', id: number): Promise<void> {
  const point = machineAt(space, id);
  fc.pre(point.ok);
  if (!point.ok) return;
  const believed = evaluator.evaluate(point.machine);
  expect(confirmExactly([prepared], point.machine)).toEqual(believed);
  fc.pre(believed.ok);
  const compiled = unwrap(compilePrepared(prepared, point.machine));
  const record = await verify({ opened, compiled }, { scope: 'full', engine, inputs: 1 });
  expect(isVerified(record), JSON.stringify(record)).toBe(true);
  if (believed.ok) expect(record.cyclesSimulated).toBe(believed.measurement.networks[0]!.cycles);
}

describe('points of a space', () => {
  it.each([
    ['array', runs],
    ['rtl', Math.max(1, Math.floor(runs / 12))],
  ] as const)('property: laws 1 and 2 hold on the %s engine', { timeout: 120_000 }, async (engine, count) => {
    const property = fc.asyncProperty(fc.nat(space.size - 1), (id) => holds(engine, id));
    const { failed, errorInstance, counterexample, numRuns, numSkips } = await fc.check(property, {
      seed,
      numRuns: count,
    });
    console.log(
      `${engine}: seed ${seed}, ${numRuns} points of ${space.size}, ${numSkips} without a machine or schedule`,
    );
    if (failed) throw new Error(`point ${counterexample?.[0]} (SYSTOLE_SEED=${seed}): ${errorInstance}`);
  });
});
