/** Networks that their framework has quantised, with operators of the host between the quantised ones. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { openMachine, runEverySegment } from '../../tools/library/index.js';
import { verifyWhole } from '../../tools/library/verify-whole.js';
import { randomTensor } from './networks.js';

const machine = openMachine('edge8');
const scalar = (value: number): Tensor => tensor('float32', [], Float32Array.of(value));
const zero = tensor('int8', [], Int8Array.of(0));

/** Conv, LRN, Conv; `stated` says whether a scale follows the LRN. */
function network(stated: boolean): Graph {
  const b = new GraphBuilder('qdq');
  let count = 0;
  const quantized = (x: string, scale: number): string => {
    const constants = [b.constant(`s${count}`, scalar(scale)), b.constant(`z${count}`, zero)];
    count++;
    return b.node('DequantizeLinear', [b.node('QuantizeLinear', [x, ...constants]), ...constants]);
  };
  const conv = (x: string): string => {
    const { shape, data } = randomTensor([4, 4, 3, 3], count);
    const integers = Int8Array.from(data as Float32Array, (value) => Math.round(value * 127));
    const scale = b.constant(`ws${count}`, scalar(1 / 127));
    const w = b.constant(`w${count}`, tensor('int8', shape, integers));
    const weights = b.node('DequantizeLinear', [w, scale, b.constant(`wz${count}`, zero)]);
    return b.node('Conv', [x, weights], { attributes: { pads: [1, 1, 1, 1] } });
  };
  const first = quantized(
    conv(quantized(b.input('x', { element: 'float32', shape: [1, 4, 4, 4] }), 1 / 64)),
    1 / 16,
  );
  const normal = b.node('LRN', [first], { attributes: { size: 3 } });
  b.output(quantized(conv(stated ? quantized(normal, 1 / 32) : normal), 1 / 8));
  return b.build();
}

const sample = new Map([['x', randomTensor([1, 4, 4, 4], 9)]]);

describe('quantised networks with the host in the middle', () => {
  it('keep the framework’s scales on both sides, and engines with host give the network’s own values', async () => {
    const graph = network(true);
    const result = compile(graph, machine);
    const compiled = unwrap(result);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['quantize/host-between']);
    expect(compiled.segments.length).toBe(2);
    const found = await verifyWhole(arrayEngine, compiled, sample);
    expect(found.mismatches).toBe(0);
    const [own] = evaluateGraph(graph, sample).values();
    const [ours] = evaluateGraph(compiled.quantized.graph, sample).values();
    // The file rounds halves to even, the machine half up: a step of the last scale at most.
    const apart = Array.from(own!.data as Float32Array, (value, i) =>
      Math.abs(value - Number(ours!.data[i])),
    );
    expect(Math.max(...apart)).toBeLessThanOrEqual(1 / 8 + 1e-6);
    expect(
      await runEverySegment(compiled, sample, (index, dram) =>
        arrayEngine.run({ machine, program: compiled.segments[index]!.program, dram }),
      ),
    ).toHaveLength(2);
  });

  it('leave a convolution without a scale in front of it to the host, and say why', () => {
    const result = compile(network(false), machine);
    expect(unwrap(result).segments.length).toBe(1);
    expect(result.diagnostics.map(renderDiagnostic).join('\n')).toContain(
      'Conv has no integer form here (nothing states the scale of its operand',
    );
  });
});
