/** Every ONNX operator that the importer maps, by name. */

import type { Mapping, MappingTable } from '../call.js';
import { arithmeticMappings } from './arithmetic.js';
import { controlMappings } from './control.js';
import { quantizationMappings } from './quantization.js';
import { resizeMappings } from './resize.js';
import { sequenceMappings } from './sequence.js';
import { shapeMappings } from './shape.js';
import { windowMappings } from './window.js';

export const onnxMappings: MappingTable = {
  ...windowMappings,
  ...arithmeticMappings,
  ...shapeMappings,
  ...sequenceMappings,
  ...resizeMappings,
  ...quantizationMappings,
  ...controlMappings,
};

/** The mapping of an operator of the standard domain; undefined for every other name. */
export function lookupMapping(domain: string, operator: string): Mapping | undefined {
  if (domain !== '' && domain !== 'ai.onnx') return undefined;
  return Object.hasOwn(onnxMappings, operator) ? onnxMappings[operator] : undefined;
}
