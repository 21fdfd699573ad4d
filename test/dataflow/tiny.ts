/** The machine of docs/dataflow.md (4x4, V = 2, 32-bit bus) and texts for it. */

import { unwrap } from '../../base/index.js';
import { type Dataflow, parseDataflow } from '../../compiler/dataflow/index.js';
import { type Machine, machineSchema } from '../../models/machine/index.js';

export function tinyMachine(
  change: { queueDepth?: number; functions?: Machine['vector']['functions'] } = {},
): Machine {
  const { functions, queueDepth = 4 } = change;
  return machineSchema.parse({
    name: 'tiny4',
    array: { rows: 4, columns: 4 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 32 },
      weight: { rows: 32 },
      accumulator: { rowsPerBank: 16 },
      parameter: { rows: 8 },
    },
    vector: { lanes: 2, ...(functions ? { functions } : {}) },
    bus: { bytes: 4 },
    queueDepth,
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'ice40' },
  });
}

const tensors = `
tensor %x : int8[1,4,4,4] blocked(4 pitch 4) bytes 64 in dram @ 0x0 kind input value "x"
tensor %w : int8 bytes 64 in dram @ 0x1000 kind weights
tensor %p : uint8 bytes 40 in dram @ 0x2000 kind parameters
tensor %t : int8[1,4,4,4] blocked(4 pitch 4) bytes 64 in dram @ 0x3000 kind tensor value "t"
`;

/** A dataflow of one layer with these lines; `declarations` replace the usual tensors %x, %w, %p, %t. */
export function tinyText(body: string, declarations = tensors): string {
  const layer = 'layer "l" from node "n" (IntegerConv) macs 0 -> %t';
  return `dataflow "tiny" on "tiny4"\n${declarations}\n${layer} {\n${body.replace(/^\n|\n *$/g, '')}\n}\n`;
}

export const tiny = (body: string, declarations?: string): Dataflow =>
  unwrap(parseDataflow(tinyText(body, declarations), 'tiny.dataflow'));
