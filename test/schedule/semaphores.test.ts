/** The synchroniser orders what conflicts, only what conflicts, and no more often than needed. */

import { describe, expect, it } from 'vitest';
import { Synchronizer, type Touch } from '../../compiler/schedule/index.js';

const [LOAD, MATMUL, VECTOR, STORE] = [0, 1, 2, 3] as const;
const bit = (unit: number) => 1 << unit;
const read = (memory: string, low: number, high: number): Touch => ({ memory, low, high, write: false });
const write = (memory: string, low: number, high: number): Touch => ({ memory, low, high, write: true });

describe('Synchronizer', () => {
  it('orders a read after the write of its rows, and leaves other rows alone', () => {
    const s = new Synchronizer();
    const first = s.add(LOAD, [write('act0', 0, 10)]);
    const second = s.add(LOAD, [write('act0', 10, 20)]);
    const user = s.add(MATMUL, [read('act0', 2, 5)]);
    expect(s.masks(first).signal).toBe(bit(MATMUL));
    expect(s.masks(second).signal).toBe(0);
    expect(s.masks(user).wait).toBe(bit(LOAD));
  });

  it('waits once for a producer, not for what an earlier wait already implies', () => {
    const s = new Synchronizer();
    s.add(LOAD, [write('act0', 0, 10)]);
    s.add(MATMUL, [read('act0', 0, 10)]);
    const again = s.add(MATMUL, [read('act0', 0, 10)]);
    expect(s.masks(again).wait).toBe(0);
  });

  it('follows chains through a third unit', () => {
    const s = new Synchronizer();
    s.add(LOAD, [write('act0', 0, 10)]);
    s.add(MATMUL, [read('act0', 0, 10), write('acc0', 0, 4)]);
    const last = s.add(VECTOR, [read('act0', 0, 10), read('acc0', 0, 4)]);
    expect(s.masks(last).wait).toBe(bit(MATMUL));
  });

  it('orders a write after every earlier read of its rows', () => {
    const s = new Synchronizer();
    s.add(LOAD, [write('act0', 0, 10)]);
    const reader = s.add(STORE, [read('act0', 4, 6)]);
    const writer = s.add(LOAD, [write('act0', 5, 8)]);
    expect(s.masks(reader).signal).toBe(bit(LOAD));
    expect(s.masks(writer).wait).toBe(bit(STORE));
  });

  it('never lets more than 255 signals of a pair wait to be taken', () => {
    const s = new Synchronizer();
    const numbers: number[] = [];
    for (let i = 0; i < 600; i++) numbers.push(s.add(MATMUL, [read('wgt0', i, i + 1)]));
    const loads = numbers.map((_, i) => s.add(LOAD, [write('wgt0', i, i + 1)]));
    const signals = numbers.filter((n) => s.masks(n).signal !== 0).length;
    const waits = loads.filter((n) => s.masks(n).wait !== 0).length;
    expect(signals).toBe(waits);
    expect(signals).toBeLessThan(256);
    expect(s.masks(loads[0]!).wait).toBe(bit(MATMUL));
  });

  it('nor where each consumer needs a producer of its own: the producer waits in turn', () => {
    const s = new Synchronizer();
    const loads: number[] = [];
    const matmuls: number[] = [];
    for (let i = 0; i < 1000; i++) {
      loads.push(s.add(LOAD, [write('wgt0', i, i + 1)]));
      matmuls.push(s.add(MATMUL, [read('wgt0', i, i + 1)]));
    }
    // The producer runs on as far as it may; the consumer moves only when it cannot.
    const waiting = { load: 0, matmul: 0 };
    let [next, done, most] = [0, 0, 0];
    const mask = (n: number) => s.masks(n);
    while (done < matmuls.length) {
      const load = loads[next];
      const free = load !== undefined && ((mask(load).wait & bit(MATMUL)) === 0 || waiting.load > 0);
      if (free) {
        if ((mask(load).wait & bit(MATMUL)) !== 0) waiting.load--;
        if ((mask(load).signal & bit(MATMUL)) !== 0) waiting.matmul++;
        next++;
        most = Math.max(most, waiting.matmul);
        continue;
      }
      const matmul = matmuls[done]!;
      expect((mask(matmul).wait & bit(LOAD)) === 0 || waiting.matmul > 0).toBe(true);
      // What it reads has been loaded.
      expect(next).toBeGreaterThan(done);
      if ((mask(matmul).wait & bit(LOAD)) !== 0) waiting.matmul--;
      if ((mask(matmul).signal & bit(LOAD)) !== 0) waiting.load++;
      done++;
    }
    expect(next).toBe(1000);
    expect(most).toBeGreaterThan(200);
    expect(most).toBeLessThan(256);
  });
});
