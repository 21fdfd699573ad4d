/**
 * The timeline keeps to the Chrome trace-event format ("Trace Event Format", JSON object form): every event has the fields that its
 * phase needs and no other, and both ends of an arrow lie in a slice of their track, without which a viewer draws none.
 */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { simulateTiming } from '../../simulator/timing/index.js';
import { type TraceEvent, timelineOf } from '../../simulator/trace/index.js';
import { checkLaw } from '../support/check-law.js';
import { traceCase } from './case.js';

const track = { pid: z.number().int().positive(), tid: z.number().int().positive() };
const time = z.number().nonnegative();
const args = z.record(z.string(), z.union([z.string(), z.number()]));
const named = { name: z.string().min(1), cat: z.string().min(1) };
const flow = { ...track, ...named, ts: time, id: z.number().int().nonnegative() };

const event = z.discriminatedUnion('ph', [
  z.strictObject({ ph: z.literal('X'), ...track, ...named, ts: time, dur: z.number().positive(), args }),
  z.strictObject({ ph: z.literal('s'), ...flow }),
  z.strictObject({ ph: z.literal('f'), ...flow, bp: z.literal('e') }),
  z.strictObject({
    ph: z.literal('M'),
    pid: track.pid,
    tid: z.number().int().nonnegative(),
    name: z.enum(['process_name', 'thread_name', 'thread_sort_index']),
    args,
  }),
]);
const schema = z.strictObject({
  displayTimeUnit: z.enum(['ms', 'ns']),
  otherData: args,
  traceEvents: z.array(event),
});

/** The slice of an arrow's end: of its track, around its time. */
const sliceAt = (slices: readonly TraceEvent[], end: TraceEvent, category: string) =>
  slices.filter(
    ({ cat, tid, ts, dur }) => cat === category && tid === end.tid && ts! <= end.ts! && end.ts! < ts! + dur!,
  );

describe('timeline format', () => {
  it('format law: every event is one of the format, whatever the machine and the network', async () => {
    await checkLaw({ law: 'format law', runs: 10 }, ({ machine, program }) => {
      const timeline = timelineOf(machine, program, simulateTiming(machine, program));
      // As it is read back: what JSON drops or turns to null is a fault.
      const read: unknown = JSON.parse(JSON.stringify(timeline));
      expect(schema.parse(read)).toEqual(timeline);
    });
  });

  it('both ends of an arrow lie in a slice: of the instruction that signals, and of the wait', () => {
    const { machine, program } = traceCase();
    const { traceEvents } = timelineOf(machine, program, simulateTiming(machine, program));
    const slices = traceEvents.filter(({ ph }) => ph === 'X');
    const [starts, ends] = (['s', 'f'] as const).map((ph) => traceEvents.filter((e) => e.ph === ph));
    expect(starts!.length).toBeGreaterThan(0);
    expect(new Set(starts!.map(({ id }) => id)).size).toBe(starts!.length);
    for (const start of starts!) expect(sliceAt(slices, start, 'run').length).toBe(1);
    for (const end of ends!) expect(sliceAt(slices, end, 'wait').length).toBe(1);
  });
});
