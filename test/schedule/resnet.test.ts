/** Large networks schedule fast, to few instructions, and lose no multiplication. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { verifyDataflow } from '../../compiler/dataflow/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { machineOf, NetworkBuilder } from './networks.js';

/** ResNet-18 at 224 x 224 in shape, with random weights. */
function resnet18(): Graph {
  const b = new NetworkBuilder(1);
  let x = b.input('x', [1, 3, 224, 224]);
  x = b.conv(x, { channels: 64, kernel: [7, 7], stride: [2, 2], pads: [3, 3, 3, 3] });
  x = b.pool(x, 'IntegerMaxPool', [3, 3], [2, 2], [1, 1, 1, 1]);
  for (const channels of [64, 128, 256, 512]) {
    for (let block = 0; block < 2; block++) {
      const stride: [number, number] = block === 0 && channels > 64 ? [2, 2] : [1, 1];
      const y = b.conv(x, { channels, kernel: [3, 3], stride, pads: [1, 1, 1, 1] });
      const short = stride[0] === 2 ? b.conv(x, { channels, kernel: [1, 1], stride }) : x;
      x = b.add(short, b.conv(y, { channels, kernel: [3, 3], pads: [1, 1, 1, 1] }));
    }
  }
  return b.build(b.dense(b.flatten(b.pool(x, 'IntegerAveragePool', [7, 7], [1, 1])), 1000));
}

describe('ResNet-18 at 224 x 224 on a 16 x 16 array', () => {
  const machine = machineOf({
    rows: 16,
    columns: 16,
    lanes: 16,
    actRows: 2048,
    wgtRows: 4096,
    accRows: 512,
    parRows: 64,
  });

  it('schedules to under 20,000 legal operations that do all its MACs', () => {
    const graph = resnet18();
    const { dataflow } = unwrap(schedule(graph, machine));
    expect(dataflow.layers.reduce((sum, layer) => sum + layer.body.length, 0)).toBeLessThan(20000);
    expect(dataflow.layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(1814073344);
    expect(verifyDataflow(dataflow, machine)).toEqual([]);
  });
});
