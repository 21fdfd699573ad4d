/**
 * Input samples of a network: what quantisation is calibrated with and what verification runs. From a `.npy` file
 * (first axis: samples), or drawn from a seed when the user has none; then the record says so.
 */

import {
  allocate,
  DiagnosticError,
  type ElementType,
  elementCount,
  errorDiagnostic,
  type Tensor,
  tensor,
} from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { readUserFile } from './files.js';
import { readNpy } from './npy.js';

export type Sample = ReadonlyMap<string, Tensor>;

/** A seeded generator of uniform numbers in [0, 1): mulberry32. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` samples of standard normal numbers (Box-Muller), the shape that normalised pictures have. */
export function syntheticSamples(graph: Graph, count: number, seed = 1): Sample[] {
  const uniform = seededUniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Array.from({ length: count }, () => {
    return new Map(
      graph.inputs.map((name) => {
        const { element, shape } = graph.values.get(name)!.type;
        const { least, values } = drawnIntegers(element) ?? { least: 0, values: 0 };
        const draw = values === 0 ? normal : () => Math.floor(least + uniform() * values);
        return [name, typed(element, shape, Array.from({ length: elementCount(shape) }, draw))];
      }),
    );
  });
}

/** The integers that samples are drawn from: all of a byte; of wider ones, which may be indices, 0 and 1. Undefined for floats. */
function drawnIntegers(
  element: ElementType,
): { readonly least: number; readonly values: number } | undefined {
  if (element === 'int8') return { least: -128, values: 256 };
  if (element === 'uint8') return { least: 0, values: 256 };
  return element.startsWith('float') || element === 'bfloat16' ? undefined : { least: 0, values: 2 };
}

/** A tensor of the input's own element type. */
function typed(element: ElementType, shape: readonly number[], values: ArrayLike<number>): Tensor {
  const data = allocate(element, values.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    data.set(Array.from(values, (value) => BigInt(Math.trunc(value))));
  else if (!Array.isArray(data)) data.set(values);
  return tensor(element, shape, data);
}

/**
 * Samples from a `.npy` array [samples, ...] for a network with one input; each group of the input's batch size makes a sample.
 * @throws DiagnosticError when the file's shape does not fit the input.
 */
export function readSamples(path: string, graph: Graph): Sample[] {
  const array = readNpy(readUserFile(path), path);
  const name = graph.inputs[0]!;
  const { element, shape } = graph.values.get(name)!.type;
  const size = elementCount(shape);
  if (graph.inputs.length !== 1 || array.data.length % size !== 0 || array.data.length === 0) {
    throw new DiagnosticError([
      errorDiagnostic(
        'samples/shape',
        `samples of shape [${array.shape.join(',')}] do not fill input "${name}" [${shape.join(',')}]`,
        {
          where: { kind: 'file', file: path },
          hint: 'the array holds samples along its first axis; networks with several inputs need one file each, not supported yet',
        },
      ),
    ]);
  }
  return Array.from({ length: array.data.length / size }, (_, i) => {
    return new Map([
      [name, typed(element, shape, array.data.slice(i * size, (i + 1) * size) as Float32Array)],
    ]);
  });
}
