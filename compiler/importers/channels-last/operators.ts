/** Operators that work in either layout: they take the one that their inputs have, and say which one their result has. */

import { elementCount, tensor } from '../../../base/index.js';
import type { AttributeRecord, Emitter } from './emitter.js';
import { type Form, type Shaped, toFirst, toLast } from './values.js';

/** The form in which a node reads its inputs: channels-first where a picture has that form only. */
export function commonForm({ values }: Emitter, names: readonly string[]): Form {
  return names.some((name) => values.isFirst(name)) ? 'first' : 'last';
}

/** Reads a tensor of the form; other ranks than 4 as they broadcast against a picture. */
export function inForm(emitter: Emitter, name: string, form: Form): string {
  const { values } = emitter;
  const { shape } = values.type(name);
  if (form === 'last' || shape.length === 0) return values.last(name);
  if (shape.length === 4) return values.first(name);
  if (shape.length === 1 && shape[0] === 1) return values.last(name);
  const padded = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  const origin = { name, operator: 'Reshape' };
  const picture = values.node('Reshape', [values.last(name)], { shape: padded }, `${name}.picture`, origin);
  const first = toFirst.map((axis) => padded[axis]!);
  return shape.length === 1
    ? values.node('Reshape', [picture], { shape: first }, `${name}.nchw`, origin)
    : values.node('Transpose', [picture], { perm: toFirst }, `${name}.nchw`, origin);
}

/** An axis of the file's layout in the given form. */
export function axisIn(form: Form, axis: number): number {
  return form === 'first' ? toFirst.indexOf(axis) : axis;
}

export function unary(
  emitter: Emitter,
  operator: string,
  x: string,
  attributes: AttributeRecord = {},
): Shaped {
  const form = commonForm(emitter, [x]);
  return { value: emitter.op(operator, [inForm(emitter, x, form)], attributes), form };
}

/** The same on a value that is not bound to a name of the file yet. */
export function follow(
  emitter: Emitter,
  operator: string,
  x: Shaped,
  attributes: AttributeRecord = {},
): Shaped {
  return { value: emitter.op(operator, [x.value], attributes), form: x.form };
}

export function elementwise(emitter: Emitter, operator: string, names: readonly string[]): Shaped {
  const ranks = names.map((name) => emitter.values.type(name).shape.length);
  const form = Math.max(...ranks) === 4 ? commonForm(emitter, names) : 'last';
  const inputs = names.map((name) => inForm(emitter, name, form));
  return { value: emitter.op(operator, inputs), form };
}

export function concat(emitter: Emitter, names: readonly string[], axis: number): Shaped {
  const rank = emitter.values.type(names[0] ?? emitter.refuse('nothing to join')).shape.length;
  const at = emitter.axis(axis, rank);
  for (const name of names) emitter.rank(name, rank);
  const form = rank === 4 ? commonForm(emitter, names) : 'last';
  const inputs = names.map((name) => inForm(emitter, name, form));
  return { value: emitter.op('Concat', inputs, { axis: axisIn(form, at) }), form };
}

export function reduce(
  emitter: Emitter,
  operator: string,
  x: string,
  { axes, keepDims }: { readonly axes: readonly number[]; readonly keepDims: boolean },
): Shaped {
  const { values } = emitter;
  const rank = values.type(x).shape.length;
  // In the graph no axes mean all of them, in TensorFlow none.
  if (axes.length === 0) emitter.refuse('it reduces no axis');
  const at = axes.map((axis) => emitter.axis(axis, rank));
  // Over the pixels of a picture the channels-first form is as good, and a convolution may have made nothing else.
  const picture = rank === 4 && [...at].sort().join() === '1,2';
  const form = picture || keepDims ? commonForm(emitter, [x]) : 'last';
  const source = inForm(emitter, x, form);
  const given = at.map((axis) => axisIn(form, axis)).sort((a, b) => a - b);
  return { value: emitter.op(operator, [source], { axes: given, keepDims }), form: keepDims ? form : 'last' };
}

/** @param pads before and after each axis of the file's layout. */
export function pad(
  emitter: Emitter,
  x: string,
  pads: readonly (readonly [number, number])[],
  value: number,
): Shaped {
  const { shape } = emitter.values.type(x);
  if (pads.length !== shape.length) emitter.refuse(`${pads.length} paddings do not fit rank ${shape.length}`);
  if (pads.flat().some((p) => !Number.isInteger(p) || p < 0)) emitter.refuse('a padding is negative');
  const form = shape.length === 4 ? 'first' : 'last';
  const ordered = form === 'first' ? toFirst.map((axis) => pads[axis]!) : pads;
  const attributes = { pads: [...ordered.map((p) => p[0]), ...ordered.map((p) => p[1])], value };
  return { value: emitter.op('Pad', [inForm(emitter, x, form)], attributes), form };
}

/** A permutation of the file's axes; between pictures it may only change what the form is called. */
export function transpose(emitter: Emitter, x: string, perm: readonly number[]): Shaped {
  const { values } = emitter;
  if (perm.length === 4 && values.isFirst(x) && perm.join() === toFirst.join())
    return { value: values.first(x), form: 'last' };
  return { value: emitter.op('Transpose', [values.last(x)], { perm }), form: 'last' };
}

/** The NCHW value of a tensor that the file keeps channels-first itself. */
export function asFirst(emitter: Emitter, x: string): Shaped {
  return { value: emitter.values.last(x), form: 'first' };
}

/** Softmax and its kin, which read one axis. */
export function alongAxis(emitter: Emitter, operator: string, x: string, axis: number): Shaped {
  const rank = emitter.values.type(x).shape.length;
  const at = emitter.axis(axis, rank);
  const form = commonForm(emitter, [x]);
  return { value: emitter.op(operator, [inForm(emitter, x, form)], { axis: axisIn(form, at) }), form };
}

/**
 * What a matrix product reads where its operand is a flattened picture: the picture's rows in the order that they have, and the
 * order of the weights' rows that makes up for it. The graph then flattens channels-first, as everywhere else.
 */
export function flattenedRows(
  emitter: Emitter,
  x: string,
): { readonly value: string; readonly order: readonly number[] | undefined } {
  const { values } = emitter;
  const source = values.flattenedPicture(x);
  const [rows, length] = values.type(x).shape;
  if (source === undefined || values.type(x).shape.length !== 2)
    return { value: values.last(x), order: undefined };
  const [n, height, width, channels] = values.type(source).shape as [number, number, number, number];
  if (rows !== n || length !== height * width * channels) return { value: values.last(x), order: undefined };
  const value = values.node('Reshape', [values.first(source)], { shape: [n, length] }, `${x}.rows`, {
    name: x,
    operator: 'Reshape',
  });
  const order = Array.from({ length }, (_, i) => {
    const [c, pixel] = [Math.floor(i / (height * width)), i % (height * width)];
    return pixel * channels + c;
  });
  return { value, order };
}

/** The file's axes of a channels-first shape. */
export function lastShape(shape: readonly number[]): number[] {
  return toLast.map((axis) => shape[axis]!);
}

/** A float32 scalar that the node needs. */
export function scalar(emitter: Emitter, value: number): string {
  return emitter.values.constantValue(
    `${emitter.stem}.constant`,
    tensor('float32', [], Float32Array.of(value)),
  );
}

/** The shape that a reshape states, with one -1 that takes what is left; refused where the elements do not fit. */
export function reshapedTo(emitter: Emitter, from: readonly number[], to: readonly number[]): number[] {
  const known = elementCount(to.filter((extent) => extent !== -1));
  const shape = to.map((extent) => (extent === -1 ? elementCount(from) / known : extent));
  if (
    shape.some((extent) => !Number.isInteger(extent) || extent < 0) ||
    elementCount(shape) !== elementCount(from)
  )
    emitter.refuse(`[${from.join(', ')}] cannot become [${to.join(', ')}]`);
  return shape;
}
