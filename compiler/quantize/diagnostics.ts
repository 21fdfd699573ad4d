/** What can be wrong with a network that is to become integers. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../base/index.js';
import type { Node } from '../graph/index.js';

export function placeOf(network: string, node: Node): Place {
  return { kind: 'node', network, node: node.origin.name, operator: node.origin.operator };
}

export function unsupportedOperator(network: string, node: Node, why: string): Diagnostic {
  return errorDiagnostic(
    'quantize/unsupported-operator',
    `${node.operator} has no integer form here: ${why}`,
    {
      where: placeOf(network, node),
      hint: 'operators that only feed the network’s outputs stay in float on the host; those in front of a convolution or dense layer cannot',
    },
  );
}

export function noCalibration(network: string, value: string): Diagnostic {
  return errorDiagnostic(
    'quantize/no-calibration',
    'a float network needs calibration samples to become integers',
    {
      where: { kind: 'value', network, value },
      hint: 'give at least one sample of the inputs (--calibration samples.npy)',
    },
  );
}

export function accumulatorOverflow(network: string, node: Node, bound: number): Diagnostic {
  return errorDiagnostic(
    'quantize/accumulator-overflow',
    `the accumulator can reach ${bound}, beyond 32 bits`,
    { where: placeOf(network, node), hint: 'split the layer’s input channels' },
  );
}

export function scaleOutOfRange(network: string, node: Node, scale: number): Diagnostic {
  return errorDiagnostic('quantize/scale', `the scale ${scale} does not fit the requantiser’s multiplier`, {
    where: placeOf(network, node),
    hint: 'use a machine with a wider requantization.multiplierBits',
  });
}

export function unknownScale(network: string, node: Node, value: string): Diagnostic {
  return errorDiagnostic('quantize/unknown-scale', `tensor "${value}" carries no scale and zero point`, {
    where: placeOf(network, node),
    hint: 'a quantised network must have QuantizeLinear after every operator that the accelerator runs',
  });
}

export function asymmetricWeights(network: string, node: Node, zeroPoint: number): Diagnostic {
  return errorDiagnostic(
    'quantize/asymmetric-weights',
    `weights with zero point ${zeroPoint} are not supported`,
    {
      where: placeOf(network, node),
      hint: 'quantise weights symmetrically (zero point 0, or 128 for uint8)',
    },
  );
}

export function constantActivation(network: string, value: string, constant: number): Diagnostic {
  return warningDiagnostic(
    'quantize/constant-activation',
    `tensor "${value}" was ${constant} in every calibration sample`,
    {
      where: { kind: 'value', network, value },
    },
  );
}
