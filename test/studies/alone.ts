/** A layer of a SCALE-Sim topology, compiled alone for a machine and simulated: what the studies look at. */

import { unwrap } from '../../base/index.js';
import { importTopology, topologyRange } from '../../compiler/importers/scalesim/index.js';
import { compilePrepared, type PreparedNetwork, prepare } from '../../compiler/pipeline/index.js';
import { priceActivity } from '../../models/energy/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { segmentFigures } from '../../tools/library/index.js';
import type { LayerFigure } from '../../tools/report/index.js';

const heads = {
  convolution:
    'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,',
  product: 'Layer, M, N, K,',
} as const;

/** A network of the given rows of a topology. */
export function topologyNetwork(kind: keyof typeof heads, rows: readonly string[]): PreparedNetwork {
  const text = [heads[kind], ...rows].join('\n');
  const graph = unwrap(importTopology(new TextEncoder().encode(text), { name: 'study' }));
  return unwrap(prepare(graph, { range: topologyRange }));
}

export interface Simulated {
  /** Start to done. */
  readonly cycles: number;
  readonly joules: number;
  readonly components: Readonly<Record<string, number>>;
  readonly layers: readonly LayerFigure[];
}

/** The timing engine's run of a network of one segment. */
export function simulate(network: PreparedNetwork, machine: Machine): Simulated {
  const [segment] = unwrap(compilePrepared(network, machine)).segments;
  const run = simulateTiming(machine, segment!.program);
  const seconds = run.cycles / (machine.clockMegahertz * 1e6);
  const { joules, components } = priceActivity(machine, run.activity, seconds);
  return {
    cycles: run.cycles,
    joules,
    components: Object.fromEntries(components.map((component) => [component.name, component.joules])),
    layers: segmentFigures(segment!, run),
  };
}

/** Sum of a figure over layers. */
export function total(layers: readonly LayerFigure[], of: (layer: LayerFigure) => number): number {
  return layers.reduce((sum, layer) => sum + of(layer), 0);
}
