/** Convolution and pooling: window attributes, automatic padding and ceil mode become explicit pads. */

import type { MappingTable, OnnxCall } from '../call.js';

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** Reads the window of a node whose input has the extents `shape[2..]`. */
function readWindow(call: OnnxCall, shape: readonly number[], kernel: readonly number[]): Window {
  const extents = shape.slice(2);
  const list = (name: string, length: number, fill: number): readonly number[] => {
    const given = call.attributes.ints(name) ?? new Array<number>(length).fill(fill);
    if (given.length !== length) call.attributes.refuse(name, `has ${given.length} entries, not ${length}`);
    return given;
  };
  const rank = extents.length;
  if (kernel.length !== rank)
    call.refuse(`a kernel of ${kernel.length} axes does not fit an input of rank ${rank + 2}`);
  const [strides, dilations] = [list('strides', rank, 1), list('dilations', rank, 1)];
  const explicit = list('pads', 2 * rank, 0);
  return {
    kernel,
    strides,
    dilations,
    pads: automaticPads(call, extents, { kernel, strides, dilations, pads: explicit }),
  };
}

/** The pads that `auto_pad` means. */
function automaticPads(call: OnnxCall, extents: readonly number[], window: Window): readonly number[] {
  const mode = call.attributes.string('auto_pad', 'NOTSET');
  if (mode === 'NOTSET' || mode === '') return window.pads;
  if (mode === 'VALID') return window.pads.map(() => 0);
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER')
    call.attributes.refuse('auto_pad', `has the value ${mode}`);
  const totals = extents.map((extent, axis) => {
    const outputs = Math.ceil(extent / window.strides[axis]!);
    return Math.max(0, (outputs - 1) * window.strides[axis]! + span(window, axis) - extent);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total) => Math.ceil(total / 2));
  return mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small];
}

function span({ kernel, dilations }: Window, axis: number): number {
  return dilations[axis]! * (kernel[axis]! - 1) + 1;
}

/**
 * Ceil mode as longer end pads: exact for pooling that does not count padding. A last window that would begin after the
 * input and its begin padding is dropped, as ONNX states.
 */
function ceilPads(extents: readonly number[], window: Window): readonly number[] {
  const rank = extents.length;
  const ends = extents.map((extent, axis) => {
    const [begin, end, stride] = [window.pads[axis]!, window.pads[axis + rank]!, window.strides[axis]!];
    const last = Math.ceil((extent + begin + end - span(window, axis)) / stride) * stride;
    const kept = last >= extent + begin ? last - stride : last;
    return Math.max(end, kept + span(window, axis) - extent - begin);
  });
  return [...window.pads.slice(0, rank), ...ends];
}

function conv(call: OnnxCall, weightIndex: number): Record<string, number | readonly number[]> {
  const kernel = call.type(weightIndex).shape.slice(2);
  const stated = call.attributes.ints('kernel_shape');
  if (stated !== undefined && stated.join() !== kernel.join())
    call.attributes.refuse('kernel_shape', `is ${stated.join(', ')}, the weights have ${kernel.join(', ')}`);
  const { strides, dilations, pads } = readWindow(call, call.type(0).shape, kernel);
  return { strides, dilations, pads, group: call.attributes.int('group', 1) };
}

function pooling(call: OnnxCall): { readonly window: Window; readonly ceilMode: boolean } {
  if (call.node.output.filter((name) => name !== '').length > 1)
    call.refuse('the output "Indices" is not supported');
  const kernel =
    call.attributes.ints('kernel_shape') ?? call.refuse('the attribute "kernel_shape" is missing');
  const window = readWindow(call, call.type(0).shape, kernel);
  return { window, ceilMode: call.attributes.flag('ceil_mode', false) };
}

function maxPool(call: OnnxCall): void {
  call.attributes.ignore('storage_order');
  const { window, ceilMode } = pooling(call);
  const pads = ceilMode ? ceilPads(call.type(0).shape.slice(2), window) : window.pads;
  call.emit('MaxPool', [call.input(0)], { ...window, pads });
}

function averagePool(call: OnnxCall): void {
  const { window, ceilMode } = pooling(call);
  const countIncludePad = call.attributes.flag('count_include_pad', false);
  const extended = ceilMode && !countIncludePad;
  const pads = extended ? ceilPads(call.type(0).shape.slice(2), window) : window.pads;
  const flags = { countIncludePad, ceilMode: ceilMode && !extended };
  call.emit('AveragePool', [call.input(0)], { ...window, pads, ...flags });
}

/** Since operator set 11 automatic padding follows the stride: the output is stride times the input. */
function convTranspose(call: OnnxCall): void {
  const [x, kernel] = [call.type(0).shape.slice(2), call.type(1).shape.slice(2)];
  const { attributes } = call;
  attributes.ignore('kernel_shape');
  const list = (name: string, fill: number): readonly number[] => {
    const given = attributes.ints(name) ?? new Array<number>(x.length).fill(fill);
    if (given.length !== x.length) attributes.refuse(name, `has ${given.length} entries, not ${x.length}`);
    return given;
  };
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)];
  const outputPadding = list('output_padding', 0);
  const shape = attributes.ints('output_shape');
  const mode = attributes.string('auto_pad', 'NOTSET');
  const explicit = attributes.ints('pads') ?? new Array<number>(2 * x.length).fill(0);
  const same = mode.startsWith('SAME') ? x.map((extent, a) => extent * strides[a]!) : undefined;
  const target = shape?.slice(-x.length) ?? same;
  const totals = x.map((extent, a) => {
    const span = dilations[a]! * (kernel[a]! - 1) + 1;
    return strides[a]! * (extent - 1) + outputPadding[a]! + span - (target?.[a] ?? 0);
  });
  // An output longer than the kernels reach ends in elements that nothing touches.
  const pads =
    target === undefined
      ? explicit
      : transposedPads(
          mode === 'SAME_UPPER',
          totals.map((total) => Math.max(0, total)),
        );
  const added = outputPadding.map((pad, a) => pad + (target === undefined ? 0 : Math.max(0, -totals[a]!)));
  call.emit('ConvTranspose', call.node.input, {
    ...{ strides, dilations, pads, outputPadding: added },
    group: attributes.int('group', 1),
  });
}

function transposedPads(upper: boolean, totals: readonly number[]): readonly number[] {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, a) => total - small[a]!);
  return upper ? [...small, ...large] : [...large, ...small];
}

function lpPool(call: OnnxCall): void {
  const { window, ceilMode } = pooling(call);
  if (ceilMode) call.attributes.refuse('ceil_mode', 'is set');
  call.emit('LpPool', [call.input(0)], { ...window, p: call.attributes.int('p', 2) });
}

export const windowMappings: MappingTable = {
  LpPool: lpPool,
  ConvTranspose: convTranspose,
  Conv: (call) => call.emit('Conv', call.node.input, conv(call, 1)),
  ConvInteger: (call) => call.emit('ConvInteger', call.node.input, conv(call, 1)),
  QLinearConv: (call) => call.emit('QLinearConv', call.node.input, conv(call, 3)),
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (call) => call.emit('GlobalAveragePool', call.node.input),
  GlobalMaxPool: (call) => call.emit('GlobalMaxPool', call.node.input),
};
