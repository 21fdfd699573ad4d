/** A run for engines that share work: two convolutions in a row, with inputs. */

import { unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { NetworkBuilder } from '../schedule/networks.js';

/** A run of two convolutions in a row, with inputs; undefined where they do not fit. */
export function request(machine: Machine, channels: number, size: number, seed: number) {
  const b = new NetworkBuilder(seed);
  const x = b.input('x', [1, channels, size, size]);
  const deep = b.conv(x, { channels: 2 * channels, kernel: [3, 3], pads: [1, 1, 1, 1] });
  const graph: Graph = b.build(b.conv(deep, { channels: 5, kernel: [2, 2] }));
  const scheduled = schedule(graph, machine);
  if (!scheduled.ok) return undefined;
  const program = unwrap(lower(scheduled.value.dataflow, machine, scheduled.value.image));
  return { machine, program, dram: initialDram(program, b.feed()) };
}
