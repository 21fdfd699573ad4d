/**
 * Attention and RotaryEmbedding, as ONNX states them. Heads lie in axis 1 ([N, heads, length, size]) or, of rank 3, in the last
 * axis together with their elements.
 */

import type { Tensor } from '../../../base/index.js';
import { flagAttribute, numberAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import type { TensorType } from '../types.js';
import { broadcastIndex, broadcastShape } from './broadcast.js';
import { generate, isFloat, type Numbers, toNumbers } from './numeric.js';

/** [batch, heads, length, size] of a type of rank 4, or of rank 3 with `heads` heads. */
function headShape({ shape }: TensorType, heads: number, role: string): [number, number, number, number] {
  if (shape.length === 4) return shape as unknown as [number, number, number, number];
  if (shape.length !== 3 || !(heads >= 1) || shape[2]! % heads !== 0)
    refuse(`${role} of shape [${shape.join(', ')}] does not split into ${heads} heads`);
  return [shape[0]!, heads, shape[1]!, shape[2]! / heads];
}

interface Extents {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly past: number;
  /** Past and present keys together. */
  readonly keys: number;
  readonly size: number;
  readonly valueSize: number;
}

function extentsOf(call: InferCall): Extents {
  const { attributes } = call;
  const q = headShape(inputType(call, 0), attributes.number('heads'), 'the queries');
  const k = headShape(inputType(call, 1), attributes.number('kvHeads'), 'the keys');
  const v = headShape(inputType(call, 2), attributes.number('kvHeads'), 'the values');
  const past = call.inputs[4]?.shape[2] ?? 0;
  if (q[0] !== k[0] || k[0] !== v[0] || k[1] !== v[1] || q[1] % k[1] !== 0 || q[3] !== k[3] || k[2] !== v[2])
    refuse(`queries [${q.join(', ')}], keys [${k.join(', ')}] and values [${v.join(', ')}] do not fit`);
  const [batch, heads, queries, size] = q;
  for (const [index, width] of [
    [4, size],
    [5, v[3]],
  ] as const)
    if (
      call.inputs[index] !== undefined &&
      call.inputs[index].shape.join() !== [batch, k[1], past, width].join()
    )
      refuse(
        `past of shape [${call.inputs[index].shape.join(', ')}] is not [${batch}, ${k[1]}, ${past}, ${width}]`,
      );
  if ((call.inputs[4] === undefined) !== (call.inputs[5] === undefined)) refuse('only one past is given');
  return { batch, heads, kvHeads: k[1], queries, past, keys: past + k[2], size, valueSize: v[3] };
}

/** Past and present joined along the lengths, [batch, heads, length, size]. */
function joined(present: Tensor, heads: number, past: Tensor | undefined): Tensor {
  const [n, h, length, size] = headShape(present, heads, 'the input');
  const before = past?.shape[2] ?? 0;
  const [data, old] = [toNumbers(present.data), past && toNumbers(past.data)];
  const shape = [n, h, before + length, size];
  const split = present.shape.length === 3;
  return generate({ element: present.element, shape }, (i) => {
    const [e, at] = [i % size, Math.floor(i / size) % shape[2]!];
    const plane = Math.floor(i / (size * shape[2]!));
    if (at < before) return old![(plane * before + at) * size + e]!;
    const [b, head] = [Math.floor(plane / h), plane % h];
    const row = split ? (b * length + at - before) * h + head : plane * length + at - before;
    return data[row * size + e]!;
  });
}

/** What is added to the score of (flat score index): the mask, the causal triangle and the keys that are padding. */
function maskOf(call: EvaluateCall, x: Extents): (flat: number) => number {
  const mask = call.inputs[3];
  const causal = call.attributes.flag('causal');
  const valid = call.inputs[6] && toNumbers(call.inputs[6].data);
  const row = mask?.shape.at(-1) ?? 0;
  const shape = [x.batch, x.heads, x.queries, row];
  const index = mask && broadcastIndex(mask.shape, shape);
  const data = mask && toNumbers(mask.data);
  const added = (query: number, key: number): number => {
    if (data === undefined) return 0;
    if (row !== 1 && key >= row) return Number.NEGATIVE_INFINITY;
    const value = data[index![query * row + (row === 1 ? 0 : key)]!]!;
    if (mask!.element !== 'bool') return value;
    return value === 0 ? Number.NEGATIVE_INFINITY : 0;
  };
  return (flat) => {
    const [key, query] = [flat % x.keys, Math.floor(flat / x.keys)];
    const filled = valid?.[Math.floor(query / (x.queries * x.heads))];
    const offset = filled === undefined ? x.past : filled - x.queries;
    if (causal && key > (query % x.queries) + offset) return Number.NEGATIVE_INFINITY;
    if (filled !== undefined && key >= filled) return Number.NEGATIVE_INFINITY;
    return added(query, key);
  };
}

/** Scores of all keys for every query: [batch, heads, queries, keys]. */
function scores(q: Numbers, k: Numbers, x: Extents, scale: number): Float64Array {
  const result = new Float64Array(x.batch * x.heads * x.queries * x.keys);
  const shared = x.heads / x.kvHeads;
  for (let row = 0; row < result.length / x.keys; row++) {
    const plane = Math.floor(row / x.queries);
    const from = Math.floor(plane / x.heads) * x.kvHeads + Math.floor((plane % x.heads) / shared);
    for (let key = 0; key < x.keys; key++) {
      let sum = 0;
      for (let e = 0; e < x.size; e++) sum += q[row * x.size + e]! * k[(from * x.keys + key) * x.size + e]!;
      result[row * x.keys + key] = sum * scale;
    }
  }
  return result;
}

/** Softmax of every row; a row without any key gives zeros. */
function softmaxRows(x: Float64Array, length: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += length) {
    const top = x.subarray(start, start + length).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let i = start; i < start + length && Number.isFinite(top); i++) sum += Math.exp(x[i]! - top);
    for (let i = start; i < start + length && sum > 0; i++) y[i] = Math.exp(x[i]! - top) / sum;
  }
  return y;
}

function weighted(p: Float64Array, v: Numbers, x: Extents): Float64Array {
  const result = new Float64Array(x.batch * x.heads * x.queries * x.valueSize);
  const shared = x.heads / x.kvHeads;
  for (let row = 0; row < p.length / x.keys; row++) {
    const plane = Math.floor(row / x.queries);
    const from = Math.floor(plane / x.heads) * x.kvHeads + Math.floor((plane % x.heads) / shared);
    for (let key = 0; key < x.keys; key++)
      for (let e = 0; e < x.valueSize; e++)
        result[row * x.valueSize + e]! +=
          p[row * x.keys + key]! * v[(from * x.keys + key) * x.valueSize + e]!;
  }
  return result;
}

const attention: OperatorSpec = {
  name: 'Attention',
  summary: 'softmax(scale * Q K^T + mask) V by heads; keys and values of the past may stand in front',
  attributes: {
    heads: numberAttribute('heads of queries of rank 3', 0),
    kvHeads: numberAttribute('heads of keys and values of rank 3', 0),
    scale: numberAttribute('factor of the scores; 0: 1 / sqrt(size)', 0),
    softcap: numberAttribute('bound c of the scores, c * tanh(score / c); 0: none', 0),
    causal: flagAttribute('a query sees no later key', false),
    scoresAs: numberAttribute('fourth output: 0 raw scores, 1 capped, 2 masked, 3 after softmax', 0),
  },
  inputs: { min: 3, max: 7 },
  infer: (call) => {
    const { element, shape } = inputType(call, 0);
    if (!isFloat(element)) refuse(`the queries are ${element}, not a float`);
    const x = extentsOf(call);
    const rows = [x.batch, x.heads, x.queries, x.keys];
    const mask = call.inputs[3]?.shape;
    if (mask !== undefined) broadcastShape([...mask.slice(0, -1), 1], [...rows.slice(0, -1), 1]);
    const flat = [x.batch, x.queries, x.heads * x.valueSize];
    return [
      { element, shape: shape.length === 3 ? flat : [x.batch, x.heads, x.queries, x.valueSize] },
      { element: inputType(call, 1).element, shape: [x.batch, x.kvHeads, x.keys, x.size] },
      { element: inputType(call, 2).element, shape: [x.batch, x.kvHeads, x.keys, x.valueSize] },
      { element, shape: rows },
    ];
  },
  evaluate: (call) => {
    const x = extentsOf(call);
    const { attributes } = call;
    const q = joined(inputTensor(call, 0), attributes.number('heads'), undefined);
    const [k, v] = [1, 2].map((i) =>
      joined(inputTensor(call, i), attributes.number('kvHeads'), call.inputs[i + 3]),
    ) as [Tensor, Tensor];
    const raw = scores(
      toNumbers(q.data),
      toNumbers(k.data),
      x,
      attributes.number('scale') || 1 / Math.sqrt(x.size),
    );
    const cap = attributes.number('softcap');
    const capped = cap === 0 ? raw : raw.map((s) => cap * Math.tanh(s / cap));
    const mask = maskOf(call, x);
    const masked = capped.map((s, i) => s + mask(i));
    const p = softmaxRows(masked, x.keys);
    const y = weighted(p, toNumbers(v.data), x);
    const element = call.outputs[0]!.element;
    const heads = generate({ element, shape: [x.batch, x.heads, x.queries, x.valueSize] }, (i) => y[i]!);
    const seen = [raw, capped, masked, p][attributes.number('scoresAs')] ?? raw;
    const shown = generate({ element, shape: [x.batch, x.heads, x.queries, x.keys] }, (i) => seen[i]!);
    return [merged(heads, call.outputs[0]!.shape, x), k, v, shown];
  },
  macs: ({ inputs, attributes }) => {
    const x = extentsOf({ inputs, attributes });
    return x.batch * x.heads * x.queries * x.keys * (x.size + x.valueSize);
  },
};

/** [batch, heads, queries, size] as it is, or as [batch, queries, heads * size]. */
function merged(y: Tensor, shape: readonly number[], x: Extents): Tensor {
  if (shape.length === 4) return y;
  const data = toNumbers(y.data);
  return generate({ element: y.element, shape }, (i) => {
    const [e, head] = [i % x.valueSize, Math.floor(i / x.valueSize) % x.heads];
    const row = Math.floor(i / (x.valueSize * x.heads));
    const [query, b] = [row % x.queries, Math.floor(row / x.queries)];
    return data[((b * x.heads + head) * x.queries + query) * x.valueSize + e]!;
  });
}

const rotary: OperatorSpec = {
  name: 'RotaryEmbedding',
  summary: 'pairs of elements turned by the angle of their position (cosines and sines given)',
  attributes: {
    heads: numberAttribute('heads of an input of rank 3', 0),
    interleaved: flagAttribute('pairs are neighbours, not halves', false),
    size: numberAttribute('elements that turn; 0: all', 0),
  },
  inputs: { min: 3, max: 4 },
  infer: (call) => {
    const x = inputType(call, 0);
    if (!isFloat(x.element)) refuse(`the input is ${x.element}, not a float`);
    const [, , , size] = headShape(x, call.attributes.number('heads'), 'the input');
    const turned = call.attributes.number('size') || size;
    if (turned > size || turned % 2 !== 0) refuse(`${turned} of ${size} elements cannot turn in pairs`);
    if (inputType(call, 1).shape.at(-1) !== turned / 2)
      refuse(`the cosines have ${inputType(call, 1).shape.at(-1)} entries a row, not ${turned / 2}`);
    return [x];
  },
  evaluate: (call) => {
    const x = inputTensor(call, 0);
    const [cos, sin] = [inputTensor(call, 1), inputTensor(call, 2)].map((t) => toNumbers(t.data));
    const ids = call.inputs[3] && toNumbers(call.inputs[3].data);
    const [, heads, length, size] = headShape(x, call.attributes.number('heads'), 'the input');
    const turned = call.attributes.number('size') || size;
    const half = turned / 2;
    const split = x.shape.length === 3;
    const data = toNumbers(x.data);
    const interleaved = call.attributes.flag('interleaved');
    return [
      generate(call.outputs[0]!, (i) => {
        const e = i % size;
        if (e >= turned) return data[i]!;
        const row = Math.floor(i / size);
        const place = split ? Math.floor(row / heads) : row % length;
        const batch = split ? 0 : Math.floor(row / (length * heads));
        const at = split ? place : batch * length + place;
        const angle = (ids === undefined ? at : ids[at]!) * half;
        const pair = interleaved ? e >> 1 : e % half;
        const first = interleaved ? e % 2 === 0 : e < half;
        const other = data[i + (first ? 1 : -1) * (interleaved ? 1 : half)]!;
        const [c, s] = [cos![angle + pair]!, sin![angle + pair]!];
        return first ? c * data[i]! - s * other : s * other + c * data[i]!;
      }),
    ];
  },
};

export const attentionOperators: OperatorTable = operatorsByName(attention, rotary);
