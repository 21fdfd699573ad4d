/** QuantizeLinear and DequantizeLinear in all their operator sets. */

import { allocate, tensor } from '../../../../base/index.js';
import type { MappingTable, OnnxCall } from '../call.js';
import { elementOfCode } from '../tensor.js';

/** Blocked scales have no place in the graph; `precision` only matters to half floats. */
function refuseBlocks(call: OnnxCall): void {
  call.attributes.ignore('saturate', 'precision');
  if (call.attributes.int('block_size', 0) !== 0) call.attributes.refuse('block_size', 'is not 0');
}

function quantize(call: OnnxCall): void {
  refuseBlocks(call);
  const axis = call.attributes.int('axis', 1);
  const code = call.attributes.int('output_dtype', 0);
  const zero = call.has(2) || code === 0 ? call.node.input.slice(2, 3) : [statedZero(call, code)];
  call.emit('QuantizeLinear', [call.input(0), call.input(1), ...zero], { axis });
}

/** `output_dtype` without a zero point: the zero point of that type is 0, one per scale. */
function statedZero(call: OnnxCall, code: number): string {
  const element = elementOfCode(code);
  if (element === undefined || element === 'string')
    call.attributes.refuse('output_dtype', `has the value ${code}`);
  const { shape } = call.type(1);
  const zeros = allocate(
    element,
    shape.reduce((product, extent) => product * extent, 1),
  );
  return call.intermediateConstant('zero', tensor(element, shape, zeros));
}

function dequantize(call: OnnxCall): void {
  refuseBlocks(call);
  const code = call.attributes.int('output_dtype', 0);
  if (code > 1) call.attributes.refuse('output_dtype', `has the value ${code}`);
  call.emit('DequantizeLinear', call.node.input, { axis: call.attributes.int('axis', 1) });
}

export const quantizationMappings: MappingTable = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: (call) => call.emit('DynamicQuantizeLinear', call.node.input),
};
