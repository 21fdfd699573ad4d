/** The ports of the memory model follow the equations of docs/microarchitecture.md, section 4, on random bursts and readiness. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReadPort, WritePort } from '../../simulator/rtl/index.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 200);
const CYCLES = 20_000;
const timing = fc.record({
  readLatency: fc.integer({ min: 1, max: 30 }),
  writeLatency: fc.integer({ min: 1, max: 30 }),
  cyclesPerBeat: fc.integer({ min: 1, max: 5 }),
  outstanding: fc.integer({ min: 1, max: 4 }),
});
/** Cycles between address k - 1 taken and address k asked for, beats, and how long each beat finds the core busy. */
const bursts = fc.array(
  fc.record({ gap: fc.nat(40), busy: fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }) }),
  { minLength: 1, maxLength: 12 },
);

it('reads: c_k, o_j and t_j are those of the equations', () => {
  const property = fc.property(timing, bursts, (memory, asked) => {
    const { readLatency: L, cyclesPerBeat: G, outstanding: O } = memory;
    const port = new ReadPort(memory, 4);
    const busy = asked.flatMap((burst) => burst.busy);
    const found: string[] = [];
    let [sent, from, beat, held] = [0, asked[0]!.gap, 0, 0];
    for (let now = 0; now < CYCLES && beat < busy.length; now++) {
      const valid = sent < asked.length && now >= from;
      const ready = port.valid && held >= busy[beat]!;
      if (ready) found.push(`beat ${beat} in ${now} at ${port.address} last ${port.last}`);
      held = ready ? 0 : port.valid ? held + 1 : 0;
      if (ready) beat++;
      const accepted = valid && port.addressReady;
      port.tick(valid, 1024 * sent, (asked[sent]?.busy.length ?? 1) - 1, ready);
      if (accepted) {
        sent++;
        from = now + 1 + (asked[sent]?.gap ?? 0);
      }
    }
    const expected: string[] = [];
    const ends: number[] = [];
    let [c, t, j] = [-1, Number.NEGATIVE_INFINITY, 0];
    asked.forEach(({ gap, busy: waits }, k) => {
      c = Math.max(c + 1 + gap, (ends[k - O] ?? -1) + 1);
      waits.forEach((wait, i) => {
        t = Math.max(t + G, i === 0 ? c + L : 0) + wait;
        expected.push(`beat ${j++} in ${t} at ${1024 * k + 4 * i} last ${i === waits.length - 1}`);
      });
      ends.push(t);
    });
    expect(found).toEqual(expected);
  });
  fc.assert(property, { numRuns: runs });
});

it('writes: c_k, t_j and b_k are those of the equations', () => {
  const property = fc.property(timing, bursts, (memory, asked) => {
    const { writeLatency: W, cyclesPerBeat: G, outstanding: O } = memory;
    const port = new WritePort(memory, 4);
    const found: string[] = [];
    let [sent, from, left, responses] = [0, asked[0]!.gap, 0, 0];
    for (let now = 0; now < CYCLES && responses < asked.length; now++) {
      const addressValid = sent < asked.length && now >= from && left === 0;
      const length = (asked[sent]?.busy.length ?? 1) - 1;
      const [taken, accepted] = [port.dataReady && left > 0, addressValid && port.addressReady];
      if (taken) found.push(`beat in ${now} at ${port.address}`);
      if (port.responseValid) found.push(`response ${responses++} in ${now}`);
      port.tick({ addressValid, address: 1024 * sent, length, dataValid: left > 0, responseReady: true });
      if (taken) left--;
      if (!accepted) continue;
      sent++;
      left = length + 1;
      from = now + 1 + (asked[sent]?.gap ?? 0);
    }
    const expected: [number, number, string][] = [];
    const responded: number[] = [];
    let [c, t] = [-1, Number.NEGATIVE_INFINITY];
    asked.forEach(({ gap, busy }, k) => {
      c = Math.max(c + 1 + gap, t + 1, (responded[k - O] ?? -1) + 1);
      busy.forEach((_, i) => {
        t = Math.max(c + 1, t + G);
        expected.push([t, 0, `beat in ${t} at ${1024 * k + 4 * i}`]);
      });
      responded.push(t + W);
      expected.push([t + W, 1, `response ${k} in ${t + W}`]);
    });
    expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect(found).toEqual(expected.map(([, , text]) => text));
  });
  fc.assert(property, { numRuns: runs });
});
