/** A compiled network and its timing run become a RunRecord. */

import { DiagnosticError, errorDiagnostic, renderDiagnostic } from '../../base/index.js';
import { type Graph, graphMacs, graphParameters } from '../../compiler/graph/index.js';
import type { Compiled, Segment } from '../../compiler/pipeline/index.js';
import { addActivities, registerBits } from '../../models/activity/index.js';
import { estimateArea } from '../../models/area/index.js';
import { type DeviceRow, devices, weakest } from '../../models/data/index.js';
import { type ComparisonRow, compareOnDevice, type OperatorDemand } from '../../models/devices/index.js';
import { type EnergyEstimate, priceActivity } from '../../models/energy/index.js';
import type { HostModel } from '../../models/host/index.js';
import type { Run, UnitCycles } from '../../simulator/engine/index.js';
import { type LayerBreakdown, layerBreakdown } from '../../simulator/timing/index.js';
import type { LayerRecord, RunRecord, VerificationRecord } from '../report/index.js';
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
    throughputPerSecond: batch / seconds,
    utilization: macs / (run.cycles * machine.array.rows * machine.array.columns),
    energyJoules: energy.joules / batch,
    powerWatts: energy.joules / seconds,
    energyComponents: energy.components.map((component) => ({ ...component })),
    area: estimateArea(machine),
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
    }),
    comparison: compareRows(parts, { seconds, host: host?.seconds ?? 0 }, energy),
    verification: parts.verification,
    notes: [
      ...(macs === 0 ? ['other devices are not compared: the network has no multiply-accumulates'] : []),
      ...parts.notes,
      ...compiled.diagnostics.map(renderDiagnostic),
    ],
  };
}

type Sums = Pick<Run, 'cycles' | 'units' | 'activity'>;

/** Segments run one after another: cycles and activity add. */
function addRuns(runs: readonly Run[]): Sums {
  return runs.reduce<Sums>((a, b) => (a === b ? a : addTwo(a, b)), runs[0]!);
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
    quantization: quantized.summary,
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

function compareRows(
  parts: RecordParts,
  { seconds, host }: { readonly seconds: number; readonly host: number },
  energy: EnergyEstimate,
): RunRecord['comparison'] {
  const { compiled, batch } = parts;
  const latency = seconds + host;
  const known = energy.components.map((c) => c.known);
  const self: RunRecord['comparison'][number] = {
    device: compiled.machine.name,
    kind: 'this',
    latencySeconds: latency,
    throughputPerSecond: batch / latency,
    powerWatts: energy.joules / latency,
    energyJoules: energy.joules / batch,
    lowerBound: false,
    basis: `simulated cycles${host > 0 ? ' and the host’s time at assumed rates' : ''}; energy estimated from counted activity, DRAM included${host > 0 ? ', the host not' : ''}`,
    source: 'timing engine; energy prices as listed',
    known: weakest(host > 0 ? [...known, 'assumed'] : known),
  };
  return [self, ...compareDevices(compiled.network, batch, parts.deviceNames)];
}

/** The network's operators as devices see them, per inference; weights as int8. */
export function operatorDemands(network: Graph, batch: number): OperatorDemand[] {
  const size = (name: string) =>
    network.values.get(name)!.type.shape.reduce((product, extent) => product * extent, 1);
  return network.nodes
    .map((node) => {
      const constants = node.inputs.filter((name) => network.values.get(name)?.constant !== undefined);
      const activations = [...node.inputs, ...node.outputs].filter(
        (name) => name !== '' && !constants.includes(name),
      );
      return {
        macs: graphMacs({ ...network, nodes: [node] }) / batch,
        weightBytes: constants.reduce((sum, name) => sum + size(name), 0),
        activationBytes: activations.reduce((sum, name) => sum + size(name), 0) / batch,
      };
    })
    .filter((demand) => demand.macs > 0);
}

/** The network on every known device, or on those named. */
export function compareDevices(network: Graph, batch: number, names?: readonly string[]): ComparisonRow[] {
  const demands = operatorDemands(network, batch);
  // The device models know rates of multiply-accumulates; without any they have nothing to say.
  if (demands.length === 0) return [];
  return selectDevices(names).map((device) => compareOnDevice(device, demands, batch));
}

/** Rows of the device table by name or kind. @throws DiagnosticError for a name that is neither. */
export function selectDevices(names?: readonly string[]): readonly DeviceRow[] {
  if (names === undefined) return devices;
  const unknown = names.filter(
    (name) => !devices.some((device) => device.name === name || device.kind === name),
  );
  if (unknown.length > 0) {
    throw new DiagnosticError(
      unknown.map((name) =>
        errorDiagnostic('device/unknown', `there is no device or kind "${name}"`, {
          where: { kind: 'option', option: `--compare ${name}` },
          hint: `devices: ${devices.map((device) => device.name).join(', ')}; kinds: cpu, gpu, tpu, fpga, asic`,
        }),
      ),
    );
  }
  return devices.filter((device) => names.includes(device.name) || names.includes(device.kind));
}
