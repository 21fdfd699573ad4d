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
});
