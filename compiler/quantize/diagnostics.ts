/** What can be wrong with a network that is to become integers. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../base/index.js';
import type { Node } from '../graph/index.js';

export function placeOf(network: string, node: Node): Place {
  return { kind: 'node', network, node: node.origin.name, operator: node.origin.operator };
}

/** @param nodes of one operator, refused for one reason; at least one. */
export function hostBetween(network: string, nodes: readonly Node[], why: string): Diagnostic {
  const [first, ...others] = nodes;
  const subject = others.length === 0 ? 'it runs' : `it and ${others.length} more run`;
  return warningDiagnostic(
    'quantize/host-between',
    `${first!.operator} has no integer form here (${why}): ${subject} in float on the host, and the accelerator waits`,
    {
      where: placeOf(network, first!),
      related: others.map((node) => ({ message: 'so does this one', where: placeOf(network, node) })),
    },
  );
}

/** @param followers how many operators behind it the accelerator would have run. */
export function onHost(network: string, node: Node, why: string, followers: number): Diagnostic {
  const more = `${followers} ${followers === 1 ? 'operator' : 'operators'} behind it`;
  return warningDiagnostic(
    'quantize/on-host',
    `${node.operator} has no integer form here (${why}): it ${followers === 0 ? 'runs' : `and ${more} run`} in float on the host`,
    { where: placeOf(network, node) },
  );
}

export function notFinite(network: string, value: string): Diagnostic {
  return errorDiagnostic(
    'quantize/not-finite',
    `tensor "${value}" is not finite on the calibration samples`,
    {
      where: { kind: 'value', network, value },
      hint: 'check the normalisation of the samples',
    },
  );
}

export function badOption(option: string, value: number, range: string): Diagnostic {
  return errorDiagnostic('quantize/option', `${option} is ${value}, not ${range}`, {
    where: { kind: 'option', option },
  });
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
    `weights less their zero point ${zeroPoint} do not fit into 8 bits`,
    {
      where: placeOf(network, node),
      hint: 'quantise weights symmetrically (zero point 0, or 128 for uint8), or choose a machine of 16-bit weights (elements.weightBits: 16)',
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

/** @param stated axis of the framework's scales; @param needed axis of the output channels. */
export function weightAxis(network: string, node: Node, stated: number, needed: number): Diagnostic {
  return errorDiagnostic(
    'quantize/weight-axis',
    `the weights have a scale for each index of axis ${stated}, not of axis ${needed}, their output channels`,
    { where: placeOf(network, node) },
  );
}

/** A quantised network keeps the widths that its framework chose. */
export function otherWidth(
  { network, value }: { readonly network: string; readonly value: string },
  stored: number,
  machine: number,
): Diagnostic {
  const preset = stored === 16 ? 'the preset signal8' : 'most presets';
  return errorDiagnostic(
    'quantize/other-width',
    `the network was quantised to ${stored}-bit activations, the machine has ${machine}-bit ones`,
    {
      where: { kind: 'value', network, value },
      hint: `take a machine with elements.activationBits: ${stored} (${preset}), or quantise the float network for this one`,
    },
  );
}

/** @param why a clause: what is wrong with the statement of scale and zero point. */
export function unsupportedScale(network: string, node: Node, why: string): Diagnostic {
  return errorDiagnostic('quantize/unsupported-scale', why, {
    where: placeOf(network, node),
    hint: 'activations need one constant scale and zero point in int8, uint8 or int16',
  });
}
