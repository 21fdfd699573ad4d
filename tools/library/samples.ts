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
        const integer = integerRangeOf(element);
        const draw = integer === undefined ? normal : () => Math.floor(integer.min + uniform() * 256);
        return [name, typed(element, shape, Array.from({ length: elementCount(shape) }, draw))];
      }),
    );
  });
}

/** Where drawn samples of a quantised input begin; undefined for inputs that are no small integers. */
function integerRangeOf(element: ElementType): { readonly min: number } | undefined {
  if (element === 'int8') return { min: -128 };
  return element === 'uint8' ? { min: 0 } : undefined;
}

/** A tensor of the input's own element type: quantised networks take integers. */
function typed(element: ElementType, shape: readonly number[], values: ArrayLike<number>): Tensor {
  const data = allocate(element === 'int8' || element === 'uint8' ? element : 'float32', values.length);
  (data as Float32Array).set(values);
  return tensor(data instanceof Float32Array ? 'float32' : element, shape, data);
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
