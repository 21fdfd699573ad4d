/** Operators that move elements between space, channels and samples, and pad. */

import { tensor } from '../../../../base/index.js';
import { inForm, pad, toFirst, transpose } from '../../channels-last/index.js';
import type { TensorflowCall } from '../call.js';
import { identity, type MappingTable, picture, scalarInput, type TensorflowMapping } from './mapping.js';

/** A list of [before, after] an axis. */
function pairsOf(call: TensorflowCall, index: number): (readonly [number, number])[] {
  const list = call.integers(index);
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i]!, list[2 * i + 1]!] as const);
}

const constantPad: TensorflowMapping = (call) => {
  const value = call.inputs.length > 2 ? scalarInput(call, 2) : 0;
  call.finish(pad(call, call.input(0), pairsOf(call, 1), value));
};

/** Where the elements of a mirrored axis come from; SYMMETRIC repeats the edge. */
function mirrored(extent: number, [before, after]: readonly [number, number], repeatEdge: boolean): number[] {
  const period = repeatEdge ? 2 * extent : Math.max(1, 2 * (extent - 1));
  return Array.from({ length: before + extent + after }, (_, i) => {
    const at = (((i - before) % period) + period) % period;
    return at < extent ? at : period - at - (repeatEdge ? 1 : 0);
  });
}

const mirrorPad: TensorflowMapping = (call) => {
  const x = call.input(0);
  const { shape } = call.type(0);
  const pads = pairsOf(call, 1);
  const mode = call.text('mode', '');
  if (mode !== 'REFLECT' && mode !== 'SYMMETRIC') call.refuse(`mode "${mode}" is not supported`);
  const most = shape.map((extent) => (mode === 'REFLECT' ? extent - 1 : extent));
  if (pads.length !== shape.length || pads.some((p, i) => Math.max(...p) > most[i]! || Math.min(...p) < 0))
    call.refuse(`paddings ${pads.join('; ')} do not fit [${shape.join(', ')}]`);
  if (mode === 'REFLECT') {
    const first = call.values.isFirst(x);
    const ordered = first ? toFirst.map((axis) => pads[axis]!) : pads;
    const attributes = { pads: [...ordered.map((p) => p[0]), ...ordered.map((p) => p[1])], mode: 'reflect' };
    const form = first ? 'first' : 'last';
    return call.finish({ value: call.op('Pad', [inForm(call, x, form)], attributes), form });
  }
  let value = call.last(0);
  pads.forEach((p, axis) => {
    if (p[0] === 0 && p[1] === 0) return;
    const from = Int32Array.from(mirrored(shape[axis]!, p, true));
    const indices = call.values.constantValue(
      `${call.stem}.from${axis}`,
      tensor('int32', [from.length], from),
    );
    value = call.op('Gather', [value, indices], { axis });
  });
  call.finish({ value, form: 'last' });
};

const depthToSpace: TensorflowMapping = (call) => {
  const { value, form } = picture(call, 0);
  const attributes = { blockSize: call.integer('block_size'), mode: 'DCR' };
  call.finish({ value: call.op('DepthToSpace', [value], attributes), form });
};

const spaceToDepth: TensorflowMapping = (call) => {
  const { value, form } = picture(call, 0);
  call.finish({ value: call.op('SpaceToDepth', [value], { blockSize: call.integer('block_size') }), form });
};

/** Whole positive blocks for the axes from 1 on. */
function blocksOf(call: TensorflowCall): readonly number[] {
  const blocks = call.node.op.endsWith('ND')
    ? call.integers(1)
    : new Array<number>(2).fill(call.integer('block_size'));
  if (blocks.some((b) => !Number.isInteger(b) || b < 1) || blocks.length >= call.type(0).shape.length)
    call.refuse(`blocks [${blocks.join(', ')}] do not fit the input`);
  return blocks;
}

/** Every block position of the picture becomes a sample of its own. */
const spaceToBatch: TensorflowMapping = (call) => {
  const blocks = blocksOf(call);
  const { shape } = call.type(0);
  const pads = pairsOf(call, call.node.op.endsWith('ND') ? 2 : 1);
  const rest = shape.slice(1 + blocks.length).map(() => [0, 0] as const);
  const all = [[0, 0] as const, ...pads, ...rest];
  const padded = shape.map((extent, i) => extent + (all[i]?.[0] ?? 0) + (all[i]?.[1] ?? 0));
  if (all.length !== shape.length || blocks.some((b, i) => padded[i + 1]! % b !== 0))
    call.refuse(`[${padded.join(', ')}] does not split into blocks [${blocks.join(', ')}]`);
  const attributes = { pads: [...all.map((p) => p[0]), ...all.map((p) => p[1])] };
  const wide = call.op('Pad', [call.last(0)], attributes);
  const tail = padded.slice(1 + blocks.length);
  const inner = blocks.map((b, i) => padded[i + 1]! / b);
  const split = call.op('Reshape', [wide], {
    shape: [padded[0]!, ...blocks.flatMap((b, i) => [inner[i]!, b]), ...tail],
  });
  const perm = [
    ...blocks.map((_, i) => 2 + 2 * i),
    0,
    ...blocks.map((_, i) => 1 + 2 * i),
    ...tail.map((_, i) => 1 + 2 * blocks.length + i),
  ];
  const moved = call.op('Transpose', [split], { perm });
  const samples = blocks.reduce((p, b) => p * b, padded[0]!);
  call.finish({ value: call.op('Reshape', [moved], { shape: [samples, ...inner, ...tail] }), form: 'last' });
};

/** The inverse, with the edges cropped. */
const batchToSpace: TensorflowMapping = (call) => {
  const blocks = blocksOf(call);
  const { shape } = call.type(0);
  const crops = pairsOf(call, call.node.op.endsWith('ND') ? 2 : 1);
  const samples = shape[0]! / blocks.reduce((p, b) => p * b, 1);
  if (!Number.isInteger(samples) || crops.length !== blocks.length)
    call.refuse(`${shape[0]} samples are not whole blocks [${blocks.join(', ')}]`);
  const inner = shape.slice(1, 1 + blocks.length);
  const tail = shape.slice(1 + blocks.length);
  const split = call.op('Reshape', [call.last(0)], { shape: [...blocks, samples, ...inner, ...tail] });
  const n = blocks.length;
  const perm = [n, ...blocks.flatMap((_, i) => [n + 1 + i, i]), ...tail.map((_, i) => 2 * n + 1 + i)];
  const moved = call.op('Transpose', [split], { perm });
  const whole = inner.map((extent, i) => extent * blocks[i]!);
  const joined = call.op('Reshape', [moved], { shape: [samples, ...whole, ...tail] });
  const attributes = {
    starts: crops.map(([before]) => before),
    ends: crops.map(([, after], i) => whole[i]! - after),
    axes: crops.map((_, i) => i + 1),
  };
  call.finish({ value: call.op('Slice', [joined], attributes), form: 'last' });
};

/** Axes read backwards: slices with steps of -1. */
const reverse: TensorflowMapping = (call) => {
  const { shape } = call.type(0);
  const axes = call.integers(1).map((axis) => call.axis(axis, shape.length));
  if (axes.length === 0) return identity(call);
  const attributes = {
    ...{ starts: axes.map((axis) => shape[axis]! - 1), ends: axes.map((axis) => -shape[axis]! - 1) },
    ...{ axes, steps: axes.map(() => -1) },
  };
  call.finish({ value: call.op('Slice', [call.last(0)], attributes), form: 'last' });
};

/** A permutation; one that makes a picture channels-last or -first only renames its form. */
const transposed: TensorflowMapping = (call) => {
  const perm = call.integers(1);
  const toLast = perm.length === 4 && perm.join() === '0,2,3,1';
  if (toLast && !call.values.isFirst(call.input(0)))
    return call.finish({ value: call.last(0), form: 'first' });
  call.finish(transpose(call, call.input(0), perm));
};

export const rearrangeMappings: MappingTable = {
  Pad: constantPad,
  PadV2: constantPad,
  MirrorPad: mirrorPad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  SpaceToBatch: spaceToBatch,
  BatchToSpace: batchToSpace,
  Transpose: transposed,
  ReverseV2: reverse,
};
