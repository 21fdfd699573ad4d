/** The user errors of SCALE-Sim topologies, each made by one factory. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../../base/index.js';

const CONVOLUTION_COLUMNS =
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';
const PRODUCT_COLUMNS = 'Layer, M, N, K,';

export function noHeader(where: Place): Diagnostic {
  return errorDiagnostic(
    'scalesim/header',
    'the first line is no header of a SCALE-Sim topology, which says whether rows are convolutions or products',
    {
      where,
      hint: `begin the file with "${CONVOLUTION_COLUMNS}" or "${PRODUCT_COLUMNS}"`,
    },
  );
}

export function noLayers(file: string): Diagnostic {
  return errorDiagnostic('scalesim/no-layers', 'the topology has no layers', {
    where: { kind: 'file', file },
    hint: 'one line a layer below the header',
  });
}

export function missingColumns(where: Place, found: number, needed: readonly string[]): Diagnostic {
  return errorDiagnostic('scalesim/columns', `the row has ${found} values, not ${needed.length} or more`, {
    where,
    hint: `values, in this order: ${needed.join(', ')}`,
  });
}

export function noName(where: Place): Diagnostic {
  return errorDiagnostic('scalesim/name', 'the layer has no name', {
    where,
    hint: 'the first column is the layer’s name',
  });
}

export function badNumber(where: Place, column: string, text: string): Diagnostic {
  return errorDiagnostic('scalesim/number', `${column} is ${JSON.stringify(text)}, not a whole number`, {
    where,
    hint: 'a whole number of 1 or more, at most 1048576',
  });
}

export function filterTooLarge(
  where: Place,
  axis: 'height' | 'width',
  filter: number,
  input: number,
): Diagnostic {
  return errorDiagnostic(
    'scalesim/filter',
    `the filter’s ${axis} of ${filter} is more than the input’s ${input}`,
    { where, hint: 'IFMAP height and width include the padding: add it to them' },
  );
}

export function sparse(where: Place, ratio: string): Diagnostic {
  return errorDiagnostic('scalesim/sparsity', `the weights are stated as ${ratio} sparse`, {
    where,
    hint: 'the machines have no sparse arrays: state 1:1, or take the column away, for the dense layer',
  });
}

export function badRatio(where: Place, text: string): Diagnostic {
  return errorDiagnostic('scalesim/sparsity', `${JSON.stringify(text)} is no sparsity N:M`, {
    where,
    hint: 'two whole numbers with a colon, such as 1:1 for dense weights',
  });
}

export function tooLarge(where: Place, what: string, count: number, most: number): Diagnostic {
  return errorDiagnostic('scalesim/size', `${what}: ${count}, more than ${most}`, {
    where,
    hint: 'split the layer, or the file into several',
  });
}

export function badShape(network: string, input: string, stated: readonly number[]): Diagnostic {
  return errorDiagnostic(
    'scalesim/shape',
    `the shape ${stated.join(' x ')} is none of this input with another batch`,
    {
      where: { kind: 'value', network, value: input },
      hint: 'the first extent is the batch; the others are the topology’s own',
    },
  );
}

export function strayShape(network: string, input: string): Diagnostic {
  return errorDiagnostic('scalesim/stray-shape', `the topology has no input called ${input}`, {
    where: { kind: 'option', option: `--shape ${input} (${network})` },
    hint: 'inputs are called after their layer, with .in at the end',
  });
}

/** What a topology does not hold, and what stands in for it. */
export function drawnWeights(network: string, layers: number): Diagnostic {
  return warningDiagnostic(
    'scalesim/drawn-weights',
    `${network} is a SCALE-Sim topology: shapes only. ${layers} layers have seeded random weights and inputs of their own; values mean nothing, cycles and traffic do not depend on them`,
    { where: { kind: 'file', file: network } },
  );
}

export function ignoredColumn(where: Place, column: string): Diagnostic {
  return warningDiagnostic(
    'scalesim/ignored-column',
    `column "${column}" is none of a topology’s and is ignored`,
    { where },
  );
}

export function renamed(where: Place, name: string, unique: string): Diagnostic {
  return warningDiagnostic('scalesim/renamed', `a layer before is called ${name}: this one is ${unique}`, {
    where,
  });
}

export function depthwiseByName(where: Place, name: string, channels: number): Diagnostic {
  return warningDiagnostic(
    'scalesim/depthwise',
    `${name} is depthwise, as SCALE-Sim takes layers with DP in their name: ${channels} channels, each with filters of its own`,
    { where, hint: 'rename the layer where this is not meant' },
  );
}

export function partialWindows(where: Place, name: string): Diagnostic {
  return warningDiagnostic(
    'scalesim/partial-windows',
    `the last windows of ${name} reach over the input’s end, as SCALE-Sim counts them: the input is padded with zeros there`,
    { where },
  );
}
