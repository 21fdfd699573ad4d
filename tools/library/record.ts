/** A compiled network and its timing run become a RunRecord. */

import { renderDiagnostic } from '../../base/index.js';
import { type Graph, graphMacs, graphParameters } from '../../compiler/graph/index.js';
import type { Compiled, Segment } from '../../compiler/pipeline/index.js';
import { addActivities, registerBits, zeroActivity } from '../../models/activity/index.js';
import { estimateArea, fpgaTargetOf, predictMapped } from '../../models/area/index.js';
import { weakest } from '../../models/data/index.js';
import type { KernelType } from '../../models/devices/index.js';
import { type EnergyEstimate, priceActivity, switchedArrayEnergy } from '../../models/energy/index.js';
import type { HostModel } from '../../models/host/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Run, UnitCycles } from '../../simulator/engine/index.js';
import { type LayerBreakdown, layerBreakdown } from '../../simulator/timing/index.js';
import { deviceRow, kernelRecords, networkKernels } from '../compare/index.js';
import {
  type ComparisonRecord,
  estimateText,
  type LayerRecord,
  type RunRecord,
  type VerificationRecord,
} from '../report/index.js';
import { selectDevices } from './devices.js';
import { packageVersion } from './files.js';
import { hostRecord, segmentRecords } from './host-record.js';

export interface RecordParts {
  readonly compiled: Compiled;
  readonly format: string;
  readonly batch: number;
  /** One a segment. */
  readonly runs: readonly Run[];
  /** As the user stated it; left out, the default is used where the host works in the middle. */
  readonly host?: HostModel;
  readonly verification: VerificationRecord;
  readonly deviceNames: readonly string[] | undefined;
  /** Rows besides: other machines, measurements. */
  readonly rows?: readonly ComparisonRecord[];
  /** Numbers that other devices compute in where they can; int8 by default. */
  readonly type?: KernelType;
  readonly notes: readonly string[];
}

export function makeRecord(parts: RecordParts): RunRecord {
  const { compiled, runs, batch } = parts;
  const { machine, segments } = compiled;
  const run = addRuns(runs);
  const seconds = run.cycles / (machine.clockMegahertz * 1e6);
  const energy = priceActivity(machine, run.activity, seconds);
  const macs = segments.reduce((sum, segment) => sum + macsOf(segment), 0);
  const host = hostRecord(compiled, seconds, parts.host);
  return {
    schema: 'systole.run/1',
    tool: `systole ${packageVersion()}`,
    network: describeNetwork(parts),
    machine,
    batch,
    cycles: run.cycles,
    latencySeconds: seconds,
    throughputPerSecond: perSecond(batch, seconds),
    utilization: perSecond(macs, run.cycles * machine.array.rows * machine.array.columns),
    energyJoules: energy.joules / batch,
    powerWatts: perSecond(energy.joules, seconds),
    energyComponents: energy.components.map((component) => ({ ...component })),
    area: { ...estimateArea(machine), ...mappedBasis(machine) },
    unitCycles: mapUnits(run.units),
    layers: segments.flatMap((segment, i) =>
      layerRecords(segment, runs[i]!).map((layer) =>
        segments.length > 1 ? { ...layer, segment: i } : layer,
      ),
    ),
    ...segmentRecords(segments, runs),
    ...(host && { host }),
    ...(run.activity.toggles && {
      toggles: { ...run.activity.toggles },
      registerBits: { ...registerBits(machine) },
      arrayEnergy: switchedArrayEnergy(machine, run.activity.toggles, run.cycles).map((row) => ({
        ...row,
        byToggles: row.byToggles / batch,
        byMeanActivity: row.byMeanActivity / batch,
      })),
    }),
    comparison: compareRows(parts, { seconds, host: host?.seconds ?? 0 }, energy),
    kernels: kernelRecords(networkKernels(compiled.network, batch)),
    verification: parts.verification,
    notes: [
      ...(macs === 0 ? ['other devices are not compared: the network has no multiply-accumulates'] : []),
      ...parts.notes,
      ...compiled.diagnostics.map(renderDiagnostic),
    ],
  };
}

/** An FPGA's resources by the area model, with its errors elsewhere. */
function mappedBasis(machine: Machine): { readonly basis?: string } {
  const target = fpgaTargetOf(machine);
  const estimate = target && predictMapped(machine, target);
  if (!estimate) return {};
  return {
    basis: `counted from the machine; when Yosys maps it to ${target}, by the area model: ${estimateText(estimate)}`,
  };
}

type Sums = Pick<Run, 'cycles' | 'units' | 'activity'>;

/** What a network takes that has no program. */
const noRun: Sums = { cycles: 0, units: {} as Run['units'], activity: zeroActivity };

/** What cannot be had in no time is 0: records hold no infinities. */
const perSecond = (amount: number, seconds: number): number => (seconds === 0 ? 0 : amount / seconds);

/** Segments run one after another: cycles and activity add. */
function addRuns(runs: readonly Run[]): Sums {
  return runs.length === 0 ? noRun : runs.slice(1).reduce<Sums>(addTwo, runs[0]!);
}

function addTwo(a: Sums, b: Sums): Sums {
  const units = Object.entries(a.units).map(([unit, cycles]) => [
    unit,
    addUnits(cycles, b.units[unit as keyof Run['units']]),
  ]);
  return {
    cycles: a.cycles + b.cycles,
    units: Object.fromEntries(units) as Run['units'],
    activity: addActivities(a.activity, b.activity),
  };
}

function addUnits(a: UnitCycles, b: UnitCycles): UnitCycles {
  const waiting = Object.entries(a.waiting).map(([unit, cycles]) => [
    unit,
    cycles + b.waiting[unit as keyof UnitCycles['waiting']],
  ]);
  return {
    busy: a.busy + b.busy,
    waiting: Object.fromEntries(waiting) as UnitCycles['waiting'],
    idle: a.idle + b.idle,
  };
}

const macsOf = ({ program }: Segment): number => program.layers.reduce((sum, layer) => sum + layer.macs, 0);

function describeNetwork({ compiled, format, batch }: RecordParts): RunRecord['network'] {
  const { network, quantized, segments } = compiled;
  const inBody = new Set(segments.flatMap(({ body }) => body.nodes.map((node) => node.name)));
  const host = quantized.graph.nodes.filter((node) => !inBody.has(node.name));
  const counts: Record<string, number> = {};
  for (const node of network.nodes) counts[node.operator] = (counts[node.operator] ?? 0) + 1;
  return {
    name: network.name,
    format,
    operators: network.nodes.length,
    operatorCounts: counts,
    parameters: graphParameters(network),
    macs: graphMacs(network) / batch,
    quantization: segments.length === 0 ? 'float, on the host' : quantized.summary,
    hostOperators: host.map((node) => `${node.name} (${node.operator})`),
  };
}

function mapUnits(units: Run['units']): RunRecord['unitCycles'] {
  return Object.fromEntries(
    Object.entries(units).map(([unit, cycles]) => [unit, { ...cycles, waiting: { ...cycles.waiting } }]),
  );
}

function layerRecords({ machine, program, body }: Segment, run: Run): LayerRecord[] {
  const slots = machine.array.rows * machine.array.columns;
  return layerBreakdown(machine, program, run).map((part: LayerBreakdown, index) => {
    const layer = program.layers[index]!;
    const seconds = part.cycles / (machine.clockMegahertz * 1e6);
    return {
      name: layer.name,
      operator: layer.operator,
      shape: [...(body.values.get(layer.output)?.type.shape ?? [])],
      macs: layer.macs,
      cycles: part.cycles,
      stallCycles: part.stallCycles,
      busyCycles: { ...part.busyCycles },
      utilization: part.cycles === 0 ? 0 : layer.macs / (part.cycles * slots),
      energyJoules: priceActivity(machine, part.activity, seconds).joules,
      bytesRead: part.activity.bytesRead.dram,
      bytesWritten: part.activity.bytesWritten.dram,
      ...(part.activity.toggles && { toggles: { ...part.activity.toggles } }),
    };
  });
}

/** Every PE and every byte lane of the bus busy every cycle. */
function ownRoof({ array, bus, clockMegahertz }: Machine) {
  const hertz = clockMegahertz * 1e6;
  return { operationsPerSecond: 2 * array.rows * array.columns * hertz, bytesPerSecond: bus.bytes * hertz };
}

/** The machine first, then what was found besides, then the devices. */
function compareRows(
  parts: RecordParts,
  { seconds, host }: { readonly seconds: number; readonly host: number },
  energy: EnergyEstimate,
): RunRecord['comparison'] {
  const { compiled, batch } = parts;
  const own = machineRow(compiled.machine, { seconds, host, energy, batch });
  return [
    own,
    ...(parts.rows ?? []),
    ...compareDevices(compiled.network, batch, parts.deviceNames, parts.type),
  ];
}

/** A row of another machine of the project's own, by its class. */
export function ownRow({
  compiled,
  runs,
  batch,
}: Pick<RecordParts, 'compiled' | 'runs' | 'batch'>): ComparisonRecord {
  const { machine } = compiled;
  const run = addRuns(runs);
  const seconds = run.cycles / (machine.clockMegahertz * 1e6);
  const energy = priceActivity(machine, run.activity, seconds);
  const host = hostRecord(compiled, seconds, undefined)?.seconds ?? 0;
  return { ...machineRow(machine, { seconds, host, energy, batch }), kind: machine.target.kind };
}

interface Simulated {
  readonly seconds: number;
  readonly host: number;
  readonly energy: EnergyEstimate;
  readonly batch: number;
}

function machineRow(machine: Machine, { seconds, host, energy, batch }: Simulated): ComparisonRecord {
  const latency = seconds + host;
  const known = energy.components.map((c) => c.known);
  const idle = seconds === 0;
  return {
    device: machine.name,
    kind: 'this',
    description: machine.description,
    latencySeconds: latency,
    throughputPerSecond: perSecond(batch, latency),
    powerWatts: idle ? null : energy.joules / latency,
    energyJoules: idle ? null : energy.joules / batch,
    lowerBound: false,
    how: host > 0 ? 'modelled' : 'simulated',
    type: `int${machine.elements.activationBits}`,
    powerLevel: 'device',
    powerScope: 'accelerator and its DRAM, estimated from counted activity',
    roof: ownRoof(machine),
    basis: idle
      ? 'the host computes all of it, at assumed rates; the accelerator has no part in it, the host’s energy is not known'
      : `simulated cycles${host > 0 ? ' and the host’s time at assumed rates' : ''}; energy estimated from counted activity, DRAM included${host > 0 ? ', the host not' : ''}`,
    source: 'timing engine; energy prices as listed',
    known: weakest(host > 0 ? [...known, 'assumed'] : known),
  };
}

/** The network on the usual devices, or on those named. */
export function compareDevices(
  network: Graph,
  batch: number,
  names?: readonly string[],
  type: KernelType = 'int8',
): ComparisonRecord[] {
  const kernels = networkKernels(network, batch);
  // A network without multiply-accumulates is not what the models were held against.
  if (kernels.every(({ macs }) => macs === 0)) return [];
  return selectDevices(names).devices.map((device) => deviceRow(device, kernels, batch, type));
}
