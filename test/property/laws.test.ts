/**
 * The laws of the system, on random machines and random networks. Whatever compiles must give the integer graph's values
 * and the predicted cycles on every engine, and count what it really moved.
 */

import { describe, it } from 'vitest';
import { checkLaw } from '../support/check-law.js';
import {
  fasterIsNeverSlower,
  sameActivity,
  sameCycles,
  sameInIcarus,
  sameInVerilog,
  sameValues,
} from '../support/laws.js';
import { hasTool } from '../verilog/support.js';

describe('laws', () => {
  it('law 1: every layer stores what the integer graph evaluates to, on the interpreter and the array engine', () =>
    checkLaw({ law: 'law 1', runs: 60 }, sameValues));

  it('law 2: cycles, and dispatch, accept and end of every instruction, are equal on the timing and the array engine', () =>
    checkLaw({ law: 'law 2', runs: 60 }, sameCycles));

  it('law 1-2-4: the emitted Verilog, on the RTL engine, gives those values and cycles, and moves the counted bytes', () =>
    checkLaw({ law: 'law 1-2-4', runs: 4, share: 0.1 }, sameInVerilog));

  it('law 4: every layer executes exactly the MACs of the network, and both engines count the same activity', () =>
    checkLaw({ law: 'law 4', runs: 60 }, sameActivity));

  it('laws 1 and 2 on large arrays: R and C to 256, one of them mostly small', () =>
    checkLaw(
      { law: 'laws 1 and 2 on large arrays', runs: 6, share: 0.1, machines: { extent: 256, elements: 4096 } },
      (c) => {
        sameValues(c);
        sameCycles(c);
      },
    ));

  it('law 5: quicker memory, deeper queues and more outstanding bursts never take more cycles', () =>
    checkLaw({ law: 'law 5', runs: 150 }, fasterIsNeverSlower));
});

describe.skipIf(!hasTool('iverilog'))(
  'laws in Icarus Verilog (skipped where iverilog is not installed)',
  () => {
    it('law 3: the emitted Verilog stores the same bytes in the same cycles and moves the counted bytes', () =>
      checkLaw({ law: 'law 3', runs: 6, share: 0.2 }, sameInIcarus));
  },
);
