/**
 * `systole import scalesim`: a configuration and a topology become a folder that the other commands take. In: the two files' texts. Out: machine.yaml,
 * the topology with its columns written out, what became of every key, and SCALE-Sim's reports by its own definitions.
 */

import { stringify } from 'yaml';
import { type Diagnostic, fail, type Result, succeed } from '../../base/index.js';
import {
  layerProduct,
  nodeNames,
  readTopology,
  type Topology,
  type TopologyLayer,
} from '../../compiler/importers/scalesim/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { BundleFile } from '../library/index.js';
import { readConfig } from './config.js';
import { type Decision, renderDecisions } from './decisions.js';
import { definitionRow, definitionsBasis } from './definitions.js';
import { type ImportedMachine, importMachine } from './machine.js';
import { reportFiles } from './reports.js';

export interface NamedText {
  readonly file: string;
  readonly text: string;
}

export interface ScaleSimImport {
  readonly machine: Machine;
  readonly topology: Topology;
  readonly decisions: readonly Decision[];
  /** Of both files. */
  readonly warnings: readonly Diagnostic[];
  /** Path of the network among `files`. */
  readonly network: string;
  readonly files: readonly BundleFile[];
}

/** Faults of both files at once. */
export function importScaleSim(config: NamedText, topology: NamedText): Result<ScaleSimImport> {
  const entries = readConfig(config.text, config.file);
  const machine = entries.ok ? importMachine(entries.value) : entries;
  const layers = readTopology(topology.text, topology.file);
  if (!machine.ok || !layers.ok)
    return fail(
      ...[...machine.diagnostics, ...layers.diagnostics].filter(({ severity }) => severity === 'error'),
    );
  const imported = machine.value;
  const warnings = [...imported.warnings, ...layers.diagnostics];
  const network = `${baseName(topology.file)}.csv`;
  return succeed({
    machine: imported.machine,
    topology: layers.value,
    decisions: imported.decisions,
    warnings,
    network,
    files: folderFiles(imported, layers.value, { config: config.file, topology: topology.file, network }),
  });
}

interface Sources {
  readonly config: string;
  readonly topology: string;
  readonly network: string;
}

/** A path's last part without its extension; what a file of that name may not have becomes a line. */
export function baseName(path: string): string {
  const [last = ''] = path.split(/[\\/]/).slice(-1);
  return last.replace(/\.[^.]*$/, '').replace(/[^\w.-]/g, '_') || 'network';
}

function folderFiles(imported: ImportedMachine, topology: Topology, sources: Sources): readonly BundleFile[] {
  const { machine, dataflow, decisions } = imported;
  const rows = topology.layers.map((layer) =>
    definitionRow(
      { layer: layer.name, copies: copiesOf(layer), ...layerProduct(layer) },
      dataflow,
      machine.array,
    ),
  );
  const manifest = {
    schema: 'systole.scalesim-import/1',
    sources,
    dataflow,
    decisions,
    layers: topology.layers.map((layer) => ({ ...layer, ...layerProduct(layer), nodes: nodeNames(layer) })),
  };
  const basis = `${definitionsBasis}\nDataflow ${dataflow}, array ${machine.array.rows} x ${machine.array.columns}.`;
  return [
    { path: 'machine.yaml', content: machineYaml(machine, decisions, sources) },
    { path: sources.network, content: topologyCsv(topology) },
    { path: 'import.json', content: `${JSON.stringify(manifest, null, 2)}\n` },
    ...reportFiles('scalesim-definitions', rows, basis),
  ];
}

/** Products that SCALE-Sim runs one after another for a row. */
function copiesOf({ operator, channels, copies }: TopologyLayer): number {
  return operator === 'depthwise' ? channels : copies;
}

/** The machine, below what became of every key as comments. */
export function machineYaml(
  machine: Machine,
  decisions: readonly Decision[],
  { config }: Pick<Sources, 'config'>,
): string {
  const comments = [`From SCALE-Sim's ${config}:`, ...renderDecisions(decisions).split('\n')];
  return `${comments.map((text) => `# ${text}`).join('\n')}\n${stringify(machine)}`;
}

/** The topology again, its columns written out: SCALE-Sim reads it as well as Systole does. */
export function topologyCsv({ kind, layers }: Topology): string {
  const rows =
    kind === 'product'
      ? [
          ['Layer', 'M', 'N', 'K', 'Batch'],
          ...layers.map((l) => [l.name, l.inputHeight, l.filters, l.channels, l.copies]),
        ]
      : [
          [
            'Layer name',
            'IFMAP Height',
            'IFMAP Width',
            'Filter Height',
            'Filter Width',
            'Channels',
            'Num Filter',
            'Stride Height',
            'Stride Width',
          ],
          ...layers.map(convolutionCells),
        ];
  return rows.map((cells) => `${cells.join(', ')},\n`).join('');
}

function convolutionCells(layer: TopologyLayer): readonly (string | number)[] {
  const { name, inputHeight, inputWidth, filterHeight, filterWidth, channels, filters } = layer;
  const { strideHeight, strideWidth } = layer;
  return [
    name,
    inputHeight,
    inputWidth,
    filterHeight,
    filterWidth,
    channels,
    filters,
    strideHeight,
    strideWidth,
  ];
}
