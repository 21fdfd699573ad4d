/** One row a TensorFlow operator: how it becomes operators of the graph. */

import { arithmeticMappings } from './arithmetic.js';
import { identity, type MappingTable } from './mapping.js';
import { normalisationMappings } from './normalisation.js';
import { partMappings } from './parts.js';
import { productMappings } from './products.js';
import { rearrangeMappings } from './rearrange.js';
import { reductionMappings } from './reductions.js';
import { shapeMappings } from './shape.js';
import { stridedSliceMappings } from './strided-slice.js';
import { windowMappings } from './windows.js';

/** Operators that give back what they read. */
const passing: MappingTable = Object.fromEntries(
  [
    ...['Identity', 'StopGradient', 'PreventGradient', 'Snapshot', 'CheckNumerics', 'EnsureShape'],
    ...['PlaceholderWithDefault', 'DebugGradientIdentity', 'ReadVariableOp'],
  ].map((name) => [name, identity]),
);

export const tensorflowMappings: MappingTable = {
  ...passing,
  IdentityN: (call) =>
    call.inputs.forEach((x, i) => {
      const form = call.values.isFirst(x) ? 'first' : 'last';
      call.finish({ value: form === 'first' ? call.values.first(x) : call.values.last(x), form }, i);
    }),
  // A frozen graph has the variable's value where the variable was; what is assigned is what is read after it.
  Assign: (call) => call.finish({ value: call.last(1), form: 'last' }),
  ...windowMappings,
  ...productMappings,
  ...arithmeticMappings,
  ...reductionMappings,
  ...normalisationMappings,
  ...shapeMappings,
  ...partMappings,
  ...stridedSliceMappings,
  ...rearrangeMappings,
};
