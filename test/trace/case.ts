/** A small network of two convolutions on a small machine: every unit works and waits. */

import { unwrap } from '../../base/index.js';
import { initialDram, type Program } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { machineOf, NetworkBuilder } from '../schedule/networks.js';

export interface TraceCase {
  readonly machine: Machine;
  readonly program: Program;
  readonly dram: Uint8Array;
}

/** Two convolutions on a 4 x 4 array with shallow queues and a slow memory. */
export function traceCase(overrides: Partial<Parameters<typeof machineOf>[0]> = {}): TraceCase {
  const machine = machineOf({ lanes: 2, rows: 4, columns: 4, busBytes: 8, queueDepth: 2, ...overrides });
  const b = new NetworkBuilder(7);
  const first = b.conv(b.input('x', [1, 3, 6, 6]), { channels: 8, kernel: [3, 3] });
  const graph = b.build(b.conv(first, { channels: 5, kernel: [1, 1] }));
  const { dataflow, image } = unwrap(schedule(graph, machine));
  const program = unwrap(lower(dataflow, machine, image));
  return { machine, program, dram: initialDram(program, b.feed()) };
}
