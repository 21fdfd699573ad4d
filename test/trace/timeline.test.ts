/** The timeline says the same as the run: waits add up to the engine's counters, slices to its busy cycles. */

import { describe, expect, it } from 'vitest';
import { unitNames } from '../../compiler/isa/index.js';
import { simulateArray } from '../../simulator/array/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { formatPlace, placesOf, type TraceEvent, timelineOf, waitsOf } from '../../simulator/trace/index.js';
import { checkLaw } from '../support/check-law.js';
import { traceCase } from './case.js';

describe('waits', () => {
  it('waits law: derived from the times alone, they equal what the engines count, unit by unit', async () => {
    await checkLaw({ law: 'waits law', runs: 25 }, ({ machine, program }) => {
      const run = simulateTiming(machine, program);
      const waits = waitsOf(program, run);
      for (const unit of unitNames) {
        for (const producer of unitNames) {
          const sum = waits
            .filter((w) => w.unit === unit && w.producer === producer)
            .reduce((cycles, w) => cycles + w.to - w.from, 0);
          expect(sum, `${unit} for ${producer}`).toBe(run.units[unit].waiting[producer]);
        }
      }
    });
  });
});

describe('timeline', () => {
  const { machine, program, dram } = traceCase();
  const run = simulateArray({ machine, program, dram });
  const timeline = timelineOf(machine, program, run);
  const slices = timeline.traceEvents.filter((e) => e.ph === 'X');
  const track = (name: string) =>
    timeline.traceEvents.find((e) => e.name === 'thread_name' && e.args?.name === name)!.tid;
  const cycles = (microseconds: number) => Math.round(microseconds * machine.clockMegahertz);

  it('has one track a unit whose slices are the busy cycles and the waits, and never overlap', () => {
    for (const unit of unitNames) {
      const own = slices.filter((e) => e.tid === track(unit)).sort((a, b) => a.ts! - b.ts!);
      const total = (category: string) =>
        own.filter((e) => e.cat === category).reduce((sum, e) => sum + cycles(e.dur!), 0);
      const { busy, waiting } = run.units[unit];
      expect(total('run')).toBe(busy);
      expect(total('wait')).toBe(unitNames.reduce((sum, name) => sum + waiting[name], 0));
      expectDisjoint(own, cycles);
    }
    expect(slices.filter((e) => e.cat === 'wait').length).toBeGreaterThan(0);
    expectDisjoint(
      slices.filter((e) => e.tid === track('fetch')),
      cycles,
    );
  });

  it('names node, layer, tile, dataflow line and the instruction waited for', () => {
    const matmul = slices.find((e) => e.cat === 'run' && e.tid === track('matmul'))!;
    const place = placesOf(program)(Number(matmul.args!.instruction));
    expect(place.mnemonic).toBe('matmul');
    expect(place.node).toBe(program.layers[program.layerOf[place.index]!]!.node);
    expect(matmul.args).toMatchObject({
      node: place.node,
      dataflowLine: program.lineOf[place.index]!,
      text: place.text,
    });
    expect(formatPlace(place)).toContain(`dataflow line ${place.line}`);
    const wait = slices.find((e) => e.cat === 'wait' && e.tid === track('matmul'))!;
    expect(wait.name).toBe('wait for load');
    expect(program.instructions[Number(wait.args!.waitsForInstruction)]!.mnemonic).toMatch(/load|fill|sync/);
  });

  it('counts the tiles that a dataflow line expands to', () => {
    const placeOf = placesOf(program);
    const places = program.instructions.map((_, index) => placeOf(index)).filter((p) => p.line > 0);
    for (const { line, tiles } of places)
      expect(places.filter((p) => p.line === line).map((p) => p.tile)).toEqual(
        Array.from({ length: tiles }, (_, i) => i),
      );
  });

  it('draws an arrow from every signal to the wait that it ends', () => {
    const starts = timeline.traceEvents.filter((e) => e.ph === 's');
    const ends = timeline.traceEvents.filter((e) => e.ph === 'f');
    expect(starts.map((e) => e.id)).toEqual(ends.map((e) => e.id));
    for (const [i, start] of starts.entries()) expect(start.ts!).toBeLessThanOrEqual(ends[i]!.ts!);
  });
});

function expectDisjoint(events: readonly TraceEvent[], cycles: (microseconds: number) => number): void {
  let until = 0;
  for (const { ts, dur } of events) {
    expect(cycles(ts!)).toBeGreaterThanOrEqual(until);
    until = cycles(ts!) + cycles(dur!);
  }
}
