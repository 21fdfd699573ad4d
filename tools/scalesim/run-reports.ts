/** The reports of a run, twice: from the timing engine's counters, and of the same layers by SCALE-Sim's definitions. */

import type { Compiled, Segment } from '../../compiler/pipeline/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Run } from '../../simulator/engine/index.js';
import type { BundleFile } from '../library/index.js';
import { definitionRow, definitionsBasis, type NamedProduct } from './definitions.js';
import { ownBasis, ownRows } from './own.js';
import { reportFiles } from './reports.js';

/** @param runs of the timing engine, one a segment. */
export function runReportFiles({ machine, segments }: Compiled, runs: readonly Run[]): readonly BundleFile[] {
  const own = segments.flatMap((segment, i) => ownRows(segment, runs[i]!));
  const { rows, columns, dataflow } = machine.array;
  const definitions = segments
    .flatMap(productsOf)
    .map((product) => definitionRow(product, shortNames[dataflow], machine.array));
  const subject = `Machine ${machine.name}: ${dataflow}, array ${rows} x ${columns}.${restText(machine, segments)}`;
  return [
    ...reportFiles('measured', own, `${ownBasis}\n${subject}`),
    ...reportFiles('definitions', definitions, `${definitionsBasis}\n${subject}`),
  ];
}

const shortNames = {
  'weight-stationary': 'ws',
  'output-stationary': 'os',
  'input-stationary': 'is',
} as const;

/** Which layers of an input-stationary machine keep something else at rest, and why. */
function restText({ array }: Machine, segments: readonly Segment[]): string {
  if (array.dataflow !== 'input-stationary') return '';
  const others = segments.flatMap(({ program, mappings }) =>
    program.layers.flatMap(({ node, macs }, i) => {
      const mapping = mappings[i];
      if (macs === 0 || mapping?.stationary === 'inputs') return [];
      const what = mapping?.stationary === undefined ? 'not on the array' : 'weights at rest';
      return [`${node}: ${what}${mapping?.notInputs === undefined ? '' : ` (${mapping.notInputs})`}`];
    }),
  );
  return others.length === 0
    ? '\nEvery layer keeps its inputs in the array.'
    : `\nInputs rest in the array, but for these layers:\n${others.join('\n')}`;
}

/** The layers with MACs as products: M output pixels of the batch, N channels, K what is left. */
function productsOf({ program, body }: Segment): readonly NamedProduct[] {
  return program.layers.flatMap(({ node, macs, output }) => {
    if (macs === 0) return [];
    const [batch = 1, channels = 1, height = 1, width = 1] = body.values.get(output)!.type.shape;
    const m = batch * height * width;
    const k = macs / (m * channels);
    // As many MACs a result as a single channel's window has: SCALE-Sim takes channels one after another.
    const depthwise = isDepthwise(body, node);
    return [{ layer: node, m, n: depthwise ? 1 : channels, k, copies: depthwise ? channels : 1 }];
  });
}

function isDepthwise(body: Segment['body'], name: string): boolean {
  const node = body.nodes.find((candidate) => candidate.name === name);
  const group = node?.attributes.group;
  const weights = body.values.get(node?.inputs[1] ?? '')?.type.shape;
  return typeof group === 'number' && group > 1 && weights?.[1] === 1;
}
