/**
 * Every figure of every layer, for notebooks: `systole run --layers FILE`. In: {@link LayerFigures} of a run. Out: CSV or JSON. One table states
 * the columns; the CSV's head, the JSON's `columns` and docs/layer-figures.md are made from it.
 */

import type { MemoryLevel } from '../../models/activity/index.js';
import type { CycleCause } from '../../simulator/timing/index.js';

/** What is known of a layer; counts and joules are of the whole batch. */
export interface LayerFigure {
  /** Of the network's accelerated parts, in order. */
  readonly segment: number;
  readonly name: string;
  /** Node of the network that it computes. */
  readonly node: string;
  readonly operator: string;
  /** Of the output, N C H W. */
  readonly shape: readonly number[];
  readonly macs: number;
  /** MAC slots that the array spent on it. */
  readonly arrayMacs: number;
  readonly vectorMacs: number;
  readonly requantizations: number;
  readonly lookups: number;
  readonly instructions: number;
  /** Register bits of the array that changed; undefined where nobody counted them (`run --toggles`). */
  readonly toggles: number | undefined;
  readonly cycles: number;
  readonly seconds: number;
  /** `cycles` by what they went to. */
  readonly causes: Readonly<Record<CycleCause, number>>;
  readonly busyCycles: Readonly<Record<'load' | 'matmul' | 'vector' | 'store', number>>;
  /** MACs / (cycles * R * C); 0 to 1. */
  readonly utilization: number;
  /** MACs / MAC slots of the array and the vector unit; 0 to 1. */
  readonly mappingEfficiency: number;
  readonly bytesRead: Readonly<Record<MemoryLevel, number>>;
  readonly bytesWritten: Readonly<Record<MemoryLevel, number>>;
  /** DRAM bytes read, by the buffer they went to. */
  readonly loadedBytes: Readonly<Record<'act' | 'wgt' | 'par' | 'lut', number>>;
  /** Joules by component of the energy model. */
  readonly energy: Readonly<Record<string, number>>;
  readonly energyJoules: number;
  /** Undefined for copies, which have nothing to choose. */
  readonly mapping: FigureMapping | undefined;
}

export interface FigureMapping {
  readonly kind: string;
  readonly choice: Readonly<Record<string, number | string>>;
  readonly candidates: number;
  readonly bound: string;
  readonly believedCycles: number;
}

/** A run's layers with what they are figures of. */
export interface LayerFigures {
  readonly network: string;
  readonly machine: string;
  readonly array: { readonly rows: number; readonly columns: number; readonly dataflow: string };
  readonly clockMegahertz: number;
  readonly batch: number;
  /** Cycles of the run; those of its layers add up to it. */
  readonly cycles: number;
  readonly layers: readonly LayerFigure[];
}

export interface FigureColumn {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
  readonly value: (layer: LayerFigure) => string | number;
}

const column = (name: string, unit: string, meaning: string, value: FigureColumn['value']): FigureColumn => ({
  name,
  unit,
  meaning,
  value,
});

const energyColumn = (name: string, component: string, meaning: string) =>
  column(name, 'J', meaning, ({ energy }) => energy[component] ?? 0);

const bufferNames = {
  act: 'activation buffer',
  wgt: 'weight buffer',
  acc: 'accumulator buffer',
  par: 'parameter buffer',
  lut: 'look-up tables',
} as const;

const bufferColumns = (Object.keys(bufferNames) as (keyof typeof bufferNames)[]).flatMap((level) => [
  column(
    `${level}_read_bytes`,
    'byte',
    `read from the ${bufferNames[level]}`,
    ({ bytesRead }) => bytesRead[level],
  ),
  column(
    `${level}_written_bytes`,
    'byte',
    `written to the ${bufferNames[level]}`,
    ({ bytesWritten }) => bytesWritten[level],
  ),
]);

/** What each cause of a cycle means, in the order in which a cycle is given away. */
const causeColumns: readonly (readonly [string, CycleCause, string])[] = [
  ['array_cycles', 'array', 'of `cycles`: the array runs'],
  ['vector_cycles', 'vector', 'of `cycles`: the array rests and the vector unit runs'],
  [
    'stall_load_activations_cycles',
    'loadActivations',
    'of `cycles`: neither runs, activations are being loaded or padded',
  ],
  ['stall_load_weights_cycles', 'loadWeights', 'of `cycles`: neither runs, weights are being loaded'],
  [
    'stall_load_parameters_cycles',
    'loadParameters',
    'of `cycles`: neither runs, biases, scales or tables are being loaded',
  ],
  ['stall_store_cycles', 'store', 'of `cycles`: only a store runs'],
  ['stall_control_cycles', 'control', 'of `cycles`: no unit runs; fetch, dispatch and semaphores'],
];

/** Of a row, from left to right. */
export const figureColumns: readonly FigureColumn[] = [
  column('segment', '', 'accelerated part of the network, from 0', (l) => l.segment),
  column('layer', '', 'name', (l) => l.name),
  column('node', '', 'node of the network that it computes', (l) => l.node),
  column('operator', '', 'operator after quantisation', (l) => l.operator),
  column('output_shape', 'element', 'N x C x H x W', (l) => l.shape.join('x')),
  column('macs', 'MAC', 'multiply-accumulates of the network', (l) => l.macs),
  column(
    'cycles',
    'cycle',
    'from the end of the layers before to its own; add up to the run',
    (l) => l.cycles,
  ),
  column('seconds', 's', '`cycles` at the machine’s clock', (l) => l.seconds),
  column('utilization', '1', 'macs / (cycles x rows x columns)', (l) => l.utilization),
  column(
    'mapping_efficiency',
    '1',
    'macs / (array_mac_slots + vector_macs): slots that hold the network’s products',
    (l) => l.mappingEfficiency,
  ),
  ...causeColumns.map(([name, cause, meaning]) => column(name, 'cycle', meaning, (l) => l.causes[cause])),
  column(
    'load_busy_cycles',
    'cycle',
    'the load unit works for this layer, whenever',
    (l) => l.busyCycles.load,
  ),
  column('matmul_busy_cycles', 'cycle', 'the array works for it, whenever', (l) => l.busyCycles.matmul),
  column('vector_busy_cycles', 'cycle', 'the vector unit works for it, whenever', (l) => l.busyCycles.vector),
  column('store_busy_cycles', 'cycle', 'the store unit works for it, whenever', (l) => l.busyCycles.store),
  column('array_mac_slots', 'MAC', 'vectors streamed x rows x columns, useful or not', (l) => l.arrayMacs),
  column('vector_macs', 'MAC', 'depthwise multiply-accumulates of the vector unit', (l) => l.vectorMacs),
  column('requantizations', '1', 'values through the requantiser', (l) => l.requantizations),
  column('lookups', '1', 'values through a look-up table', (l) => l.lookups),
  column('instructions', '1', 'instructions', (l) => l.instructions),
  column(
    'array_toggles',
    'bit',
    'register bits of the array that changed; empty without `--toggles`',
    (l) => l.toggles ?? '',
  ),
  column(
    'dram_read_bytes',
    'byte',
    'read from DRAM in whole bus beats, instructions not',
    (l) => l.bytesRead.dram,
  ),
  column(
    'dram_read_activations_bytes',
    'byte',
    'of these: into the activation buffer',
    (l) => l.loadedBytes.act,
  ),
  column('dram_read_weights_bytes', 'byte', 'of these: into the weight buffer', (l) => l.loadedBytes.wgt),
  column(
    'dram_read_parameters_bytes',
    'byte',
    'of these: biases, scales and tables',
    (l) => l.loadedBytes.par + l.loadedBytes.lut,
  ),
  column('dram_written_bytes', 'byte', 'written to DRAM in whole bus beats', (l) => l.bytesWritten.dram),
  ...bufferColumns,
  column('energy_joules', 'J', 'sum of the next six (estimates; docs/hardware.md)', (l) => l.energyJoules),
  energyColumn('energy_array_joules', 'array', 'multiply, add and registers of the array'),
  energyColumn('energy_vector_joules', 'vector', 'requantisation and other vector work'),
  energyColumn('energy_buffers_joules', 'buffers', 'reads and writes of the on-chip memories'),
  energyColumn('energy_clock_and_wires_joules', 'clock and wires', 'a share of array and vector'),
  energyColumn('energy_dram_joules', 'dram', 'DRAM traffic'),
  energyColumn('energy_leakage_joules', 'leakage', 'leakage during `cycles`'),
  column(
    'mapping_kind',
    '',
    'what runs it: convolution, vector or depthwise; empty for copies',
    (l) => l.mapping?.kind ?? '',
  ),
  column(
    'mapping_bound',
    '',
    'what the search believes to bound it (docs/mapping.md)',
    (l) => l.mapping?.bound ?? '',
  ),
  column(
    'mapping_candidates',
    '1',
    'mappings that were weighed; empty for copies, which have none',
    (l) => l.mapping?.candidates ?? '',
  ),
  column(
    'mapping_believed_cycles',
    'cycle',
    'the search’s cost of the layer alone',
    (l) => l.mapping?.believedCycles ?? '',
  ),
  column('mapping_choice', '', 'sizes chosen, `name=value` with semicolons between', (l) =>
    choiceText(l.mapping),
  ),
];

function choiceText(mapping: FigureMapping | undefined): string {
  return Object.entries(mapping?.choice ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
}

/** RFC 4180, one row a layer below the head. */
export function layersCsv({ layers }: LayerFigures): string {
  const rows = layers.map((layer) => figureColumns.map(({ value }) => value(layer)));
  return [figureColumns.map(({ name }) => name), ...rows]
    .map((row) => `${row.map(csvCell).join(',')}\n`)
    .join('');
}

/** Quotes where a comma, a quote or a line's end would mislead. */
export function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The same rows as objects, with what they are rows of, and the columns explained. */
export function layersJson({ layers, ...run }: LayerFigures): string {
  const rows = layers.map((layer) =>
    Object.fromEntries(figureColumns.map(({ name, value }) => [name, value(layer)])),
  );
  const columns = figureColumns.map(({ name, unit, meaning }) => ({ name, unit, meaning }));
  return `${JSON.stringify({ schema: 'systole.layers/1', ...run, columns, layers: rows })}\n`;
}
