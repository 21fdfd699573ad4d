/** What keeps a graph from being scheduled on a machine, and what the user should know about a schedule. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../base/index.js';
import type { Node } from '../graph/index.js';

/** The place of a node as its file called it. */
export function placeOfNode(network: string, node: Node): Place {
  return { kind: 'node', network, node: node.origin.name, operator: node.origin.operator, id: node.name };
}

/** The operator has no implementation on the accelerator. */
export function unsupportedOperator(where: Place, operator: string, why: string, hint: string): Diagnostic {
  return errorDiagnostic('schedule/unsupported-operator', `${operator} cannot be scheduled: ${why}`, {
    where,
    hint,
  });
}

/** The machine's vector unit lacks a function that the node needs. */
export function missingFunction(where: Place, machine: string, name: string): Diagnostic {
  return errorDiagnostic(
    'schedule/missing-function',
    `the vector unit of machine ${machine} lacks the function "${name}"`,
    { where, hint: `add "${name}" to vector.functions of the machine` },
  );
}

/** The smallest possible tile of a layer does not fit a buffer. */
export function bufferTooSmall(
  where: Place,
  buffer: {
    readonly name: string;
    readonly path: string;
    readonly needed: number;
    readonly available: number;
  },
): Diagnostic {
  const fits = 2 ** Math.ceil(Math.log2(buffer.needed));
  return errorDiagnostic(
    'schedule/buffer-too-small',
    `the smallest tile needs ${buffer.needed} rows of the ${buffer.name} buffer, the machine has ${buffer.available}`,
    { where, hint: `the smallest ${buffer.path} that would fit is ${fits}` },
  );
}

/** A number of the layer does not fit an instruction field. */
export function beyondField(where: Place, what: string, value: number, limit: number): Diagnostic {
  return errorDiagnostic('schedule/beyond-field', `${what} is ${value}; instructions hold at most ${limit}`, {
    where,
    hint: 'split the layer in the network',
  });
}

/** A number of the node is outside what the requantiser of the machine can do. */
/** Instructions state activations in 8 bits; of wider ones, the high 8. An upper bound counts as the value above it. */
export function coarseConstant(where: Place, what: string, value: number, limit: string): Diagnostic {
  return errorDiagnostic('schedule/coarse-constant', `the ${what} ${value} is not ${limit}`, {
    where,
    hint: 'quantise symmetrically, and clamp only to zero and to the ends of the range',
  });
}

/** Weights of a type that the machine does not hold. */
export function weightType(where: Place, element: string, limit: string): Diagnostic {
  return errorDiagnostic('schedule/weight-type', `weights are ${element}, the machine holds ${limit}`, {
    where,
    hint: 'quantise for this machine, or take one with wider weights',
  });
}

export function beyondRequantizer(where: Place, what: string, value: number, limit: string): Diagnostic {
  return errorDiagnostic('schedule/beyond-requantizer', `${what} ${value} is not ${limit}`, {
    where,
    hint: 'quantise the network for this machine (requantization.multiplierBits)',
  });
}

/** A grouped convolution of which not even one group's input blocks fit into act together: it runs as a dense one with zero weights. */
export function expandedGroups(where: Place, group: number, hint: string): Diagnostic {
  return warningDiagnostic(
    'schedule/expanded-groups',
    `the convolution with ${group} groups runs as a dense one: the weights between groups are zeros`,
    { where, hint },
  );
}

/** Concat at channel offsets that are no multiple of V goes through the array. */
export function unalignedConcat(where: Place, offset: number, lanes: number): Diagnostic {
  return warningDiagnostic(
    'schedule/unaligned-concat',
    `channel offset ${offset} is no multiple of the ${lanes} vector lanes: the concatenation runs as selections on the array`,
    { where },
  );
}

/** The program needs more DRAM than its addresses reach. */
export function beyondAddressSpace(network: string, bytes: number): Diagnostic {
  return errorDiagnostic('schedule/beyond-address-space', `the program needs ${bytes} bytes of DRAM`, {
    where: { kind: 'value', network, value: '(all tensors)' },
    hint: 'addresses have 32 bits',
  });
}

/** A sum that the output stage forms in 32 bits can leave them. */
export function sumOverflow(
  where: Place,
  what: string,
  bits: { readonly needed: number; readonly available: number },
): Diagnostic {
  return errorDiagnostic(
    'schedule/sum-overflow',
    `with its bias, ${what} can need ${bits.needed} bits; the vector unit adds in ${bits.available}`,
    { where, hint: 'quantise with smaller biases, or scale the operands down before they are added' },
  );
}

/** A value that lies in DRAM must be of the machine's activations, with one to four axes. */
export function notActivation(
  network: string,
  value: string,
  { type, element }: { readonly type: string; readonly element: string },
): Diagnostic {
  return errorDiagnostic(
    'schedule/not-activation',
    `${value} is ${type}; the accelerator holds ${element} tensors of rank 1 to 4`,
    {
      where: { kind: 'value', network, value },
      hint: 'quantise the network, and keep other values on the host',
    },
  );
}

/** An operand that must be computed at run time is a constant. */
export function constantOperand(where: Place, operator: string, operand: string): Diagnostic {
  return errorDiagnostic('schedule/constant-operand', `operand ${operand} of ${operator} is a constant`, {
    where,
    hint: 'fold it into the bias of a neighbouring convolution, or give it as a network input',
  });
}

/** Sums of a channel can leave the accumulator, whose arithmetic wraps. */
export function accumulatorOverflow(
  where: Place,
  channel: number,
  bits: { readonly needed: number; readonly available: number },
): Diagnostic {
  return errorDiagnostic(
    'schedule/accumulator-overflow',
    `sums of output channel ${channel} can need ${bits.needed} bits, the accumulator has ${bits.available}`,
    { where, hint: `the smallest elements.accumulatorBits that always holds them is ${bits.needed}` },
  );
}
