/** Explanations of mappings as the text that `systole explain` prints: a table of all layers, or one layer in full. */

import type { NestBound, NestCost } from '../../models/analytic/index.js';
import { type Column, grouped, percent, textTable } from './format.js';

/** What is shown of a layer; the library's LayerExplanation is one. */
export interface ExplainedLayer {
  readonly name: string;
  readonly node: string;
  readonly operator: string;
  readonly macs: number;
  readonly mapping:
    | {
        readonly kind: string;
        readonly stationary?: 'weights' | 'inputs' | 'sums';
        readonly notInputs?: string;
        readonly choice: Readonly<Record<string, number | string>>;
        readonly cost: NestCost;
        readonly candidates: number;
        readonly alternatives: readonly {
          readonly choice: Readonly<Record<string, number | string>>;
          readonly cost: NestCost;
        }[];
      }
    | undefined;
  readonly cycles: number;
  readonly stallCycles: number;
  readonly busyCycles: Readonly<Record<'load' | 'matmul' | 'vector' | 'store', number>>;
  readonly utilization: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What each bound means, and what moves it. */
export const boundTexts: Readonly<Record<NestBound, string>> = {
  matmul:
    'compute: the array is the slowest stage; more rows, columns or clock would help, bandwidth would not',
  vector: 'the vector unit (requantisation, pooling, element-wise work); more lanes would help',
  load: 'the read bus: activations, weights and parameters arrive too slowly; a wider bus or larger buffers would help',
  store: 'the write bus: results leave too slowly; a wider bus would help',
  fetch: 'instruction fetch: the tiles are small; larger act or acc buffers would help',
  wait: 'fill: the array waits for the first operands, then runs on; a wider bus or a smaller first tile would help',
  turns:
    'the wgt buffer holds one piece of weights at a time, so loads and products take turns; more weight rows would help',
};

export function renderExplanations(layers: readonly ExplainedLayer[]): string {
  const cost = (show: (cost: NestCost) => string) => (l: ExplainedLayer) =>
    l.mapping === undefined ? '-' : show(l.mapping.cost);
  const columns: Column<ExplainedLayer>[] = [
    { title: 'layer', cell: (l) => l.name },
    { title: 'operator', cell: (l) => l.operator },
    { title: 'on', cell: (l) => (l.mapping === undefined ? 'copy' : unitsText[l.mapping.kind]!) },
    { title: 'at rest', cell: (l) => l.mapping?.stationary ?? '-' },
    { title: 'mappings', align: 'right', cell: (l) => grouped(l.mapping?.candidates ?? 0) },
    { title: 'believed', align: 'right', cell: cost((c) => grouped(c.cycles)) },
    { title: 'cycles', align: 'right', cell: (l) => grouped(l.cycles) },
    { title: 'stalls', align: 'right', cell: (l) => grouped(l.stallCycles) },
    { title: 'array use', align: 'right', cell: (l) => (l.macs > 0 ? percent(l.utilization) : '-') },
    { title: 'bound by', cell: cost((c) => c.bound) },
  ];
  const bounds = new Set(layers.flatMap(({ mapping }) => (mapping ? [mapping.cost.bound] : [])));
  const legend = [...bounds].map((bound) => `${bound}: ${boundTexts[bound]}`);
  return [
    textTable(columns, layers),
    `believed: the search's cost of the layer alone; cycles: in the network, from the end of the layers before (layers overlap)`,
    legend.join('\n'),
    ...notInputsText(layers),
  ].join('\n\n');
}

/** On machines that can keep inputs in the array: the layers that do not, by reason. */
function notInputsText(layers: readonly ExplainedLayer[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { name, mapping } of layers)
    if (mapping?.notInputs !== undefined)
      names.set(mapping.notInputs, [...(names.get(mapping.notInputs) ?? []), name]);
  if (names.size === 0) return [];
  const lines = [...names].map(([reason, of]) => `${of.join(', ')}: ${reason}`);
  return [`inputs do not rest in the array in\n${lines.join('\n')}`];
}

const unitsText: Readonly<Record<string, string>> = {
  convolution: 'array',
  vector: 'vector',
  depthwise: 'array, vector',
};

/** One layer in full. */
export function renderExplanation(layer: ExplainedLayer): string {
  const { mapping } = layer;
  const head = `${layer.name}: ${layer.operator}${layer.node === layer.name ? '' : ` of node ${layer.node}`}, ${grouped(layer.macs)} MACs`;
  const traffic = `DRAM       ${grouped(layer.bytesRead)} bytes read, ${grouped(layer.bytesWritten)} written`;
  const real = `cycles     ${grouped(layer.cycles)} in the network, ${grouped(layer.stallCycles)} of them without products or vector work; array use ${percent(layer.utilization)}`;
  if (mapping === undefined)
    return [head, 'mapping    a copy: there is nothing to choose', real, traffic].join('\n');
  const { cost } = mapping;
  return [
    head,
    `mapping    ${mapping.kind}: ${choiceText(mapping.choice)}; the best of ${grouped(mapping.candidates)}`,
    ...stationaryText(mapping),
    `bound      ${cost.bound}: ${boundTexts[cost.bound]}`,
    `believed   ${grouped(cost.cycles)} cycles alone`,
    real,
    `units      ${unitText(layer.busyCycles, layer.cycles)}`,
    `fetch      ${grouped(cost.fetch)} cycles at least for its instructions`,
    traffic,
    ...alternativesText(mapping),
  ].join('\n');
}

const restTexts = {
  weights: 'weights; activations stream',
  inputs:
    'inputs; weights stream, so tileWidth counts output channels and inputBlocks, storeBlocks blocks of the swapped product',
  sums: 'sums of output channels and pixels',
} as const;

function stationaryText({
  stationary,
  notInputs,
}: NonNullable<ExplainedLayer['mapping']>): readonly string[] {
  if (stationary === undefined)
    return notInputs === undefined ? [] : [`at rest    not the inputs: ${notInputs}`];
  const why = notInputs === undefined ? '' : `; not the inputs: ${notInputs}`;
  return [`at rest    ${restTexts[stationary]}${why}`];
}

function alternativesText({ alternatives, cost }: NonNullable<ExplainedLayer['mapping']>): readonly string[] {
  if (alternatives.length === 0) return ['instead    nothing: every mapping has this bound'];
  return alternatives.map(
    (other, i) =>
      `${i === 0 ? 'instead' : '       '}    bound by ${other.cost.bound}: ${choiceText(other.choice)}; ${grouped(other.cost.cycles)} cycles, ${signed(other.cost.cycles / cost.cycles - 1)}${rankText(other.cost, cost)}`,
  );
}

/** Plans are ranked by cycles and a share of the other units' work, so one of as many cycles can still lose. */
function rankText(other: NestCost, chosen: NestCost): string {
  return other.cycles <= chosen.cycles ? ' (more work on the other units)' : '';
}

const signed = (share: number): string => `${share < 0 ? '' : '+'}${percent(share)}`;

function choiceText(choice: Readonly<Record<string, number | string>>): string {
  return Object.entries(choice)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function unitText(busy: ExplainedLayer['busyCycles'], cycles: number): string {
  return Object.entries(busy)
    .map(([unit, n]) => `${unit} ${grouped(n)}${cycles > 0 ? ` (${percent(n / cycles)})` : ''}`)
    .join(', ');
}
