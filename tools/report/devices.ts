/** The device table as text: what `systole list devices` prints. Parameters of every row, its model's error, where the figures come from. */

import { assertNever } from '../../base/index.js';
import type { Device, DeviceModel, ModelError } from '../../models/data/index.js';
import { roofOf } from '../../models/devices/index.js';
import type { Machine } from '../../models/machine/index.js';
import { si, textTable } from './format.js';

/** @param machines of the project's own, which are simulated. */
export function renderDevices(devices: readonly Device[], machines: readonly Machine[]): string {
  const table = textTable(
    [
      { title: 'device', cell: (d) => d.name },
      { title: 'kind', cell: (d) => d.kind },
      {
        title: 'int8 peak',
        align: 'right',
        cell: (d) => si(roofOf(d.model, 'int8').operationsPerSecond, 'op/s'),
      },
      { title: 'memory', align: 'right', cell: (d) => si(roofOf(d.model, 'int8').bytesPerSecond, 'B/s') },
      {
        title: 'power',
        align: 'right',
        cell: (d) => (d.power === null ? 'unknown' : si(d.power.watts, 'W')),
      },
      { title: 'of', cell: (d) => d.power?.level ?? '' },
      { title: 'model', cell: (d) => d.model.kind },
      { title: 'error', cell: (d) => errorText(d.error) },
      { title: 'what it is', cell: (d) => d.description },
    ],
    devices,
  );
  const own = machines.map((m) => `  ${m.name}: ${m.description || 'a machine of the project'}`).join('\n');
  return [
    table,
    'error: mean over published rows that the fit did not see, latency / throughput; "not held": nobody has compared this model with that class',
    `Parameters and sources\n${devices.map(detail).join('\n')}`,
    `Machines of the project's own are devices too (--devices NAME): compiled for and simulated, cycle by cycle\n${own}`,
    'A device of your own: --devices my.yaml (docs/devices.md)',
  ].join('\n\n');
}

export function errorText(error: ModelError | null): string {
  if (error === null) return 'not held';
  const part = (percent: number | null) => (percent === null ? '?' : `${percent.toFixed(1)} %`);
  return `${part(error.latencyPercent)} / ${part(error.throughputPercent)}`;
}

function detail({ name, model, power, error, sources }: Device): string {
  const lines = [
    `  ${name}: ${parameters(model)}`,
    ...(power === null
      ? []
      : [
          `    power: ${power.scope}${power.idleWatts === undefined ? '' : `; idle ${si(power.idleWatts, 'W')}`}`,
        ]),
    ...(error === null ? [] : [`    error: ${error.basis}`]),
    `    sources: ${sources.map(({ citation, known }) => `${citation} (${known})`).join('; ')}`,
  ];
  return lines.join('\n');
}

function parameters(model: DeviceModel): string {
  switch (model.kind) {
    case 'gpu': {
      const peaks = Object.entries(model.peakOperationsPerSecond).map(
        ([type, rate]) => `${type} ${si(rate, 'op/s')}`,
      );
      return `${model.architecture}, ${model.multiprocessors} multiprocessors of ${model.lanesPerMultiprocessor} lanes, ${si(model.boostHertz, 'Hz')}, L2 ${si(model.l2Bytes, 'B')}, ${model.processNanometres} nm, ${peaks.join(', ')}`;
    }
    case 'cpu': {
      const cores = model.clusters.map(
        ({ core, cores: n, baseHertz, boostHertz }) =>
          `${n} x ${core.name} (${2 * core.perCycle.float32} float32 and ${2 * (core.perCycle.int8 ?? core.perCycle.float32)} int8 operations a cycle) at ${si(baseHertz, 'Hz')} to ${si(boostHertz, 'Hz')}`,
      );
      return `${model.sockets} x (${cores.join(' + ')}), last-level cache ${si(model.lastLevelBytes, 'B')}, ${model.runtime}`;
    }
    case 'dpu': {
      const { pixels, inputChannels, outputChannels } = model.parallelism;
      return `${model.engines} engines of ${pixels} pixels x ${inputChannels} x ${outputChannels} channels at ${si(model.hertz, 'Hz')}, ${model.hostCores} cores of a host at ${si(model.hostHertz, 'Hz')}`;
    }
    case 'edge-tpu':
      return `an array of ${model.rows} x ${model.columns} at ${si(model.hertz, 'Hz')}, weights up to ${si(model.weightCacheBytes, 'B')} stay, a link of ${si(model.linkBytesPerSecond, 'B/s')}`;
    case 'matrix-cores':
      return `${model.cores} x ${model.unitsPerCore} arrays of ${model.rows} x ${model.columns}, ${si(model.clockHertz, 'Hz')}, scratchpad ${si(model.scratchpadBytesPerCore, 'B')} a core, ${si(model.callSeconds, 's')} a call`;
    case 'streaming-core':
      return `an array of ${model.rows} x ${model.columns}, ${si(model.clockHertz, 'Hz')}, ${model.fifoTiles} weight tiles wait, ${model.accumulatorVectors} accumulators`;
    case 'roofline': {
      const dispatch =
        model.kernelSeconds === null ? 'dispatch unknown' : `${si(model.kernelSeconds, 's')} a kernel`;
      return `${(100 * model.attainedShare).toFixed(1)} % of the peak, weights up to ${si(model.weightCacheBytes, 'B')} stay, ${dispatch}; ${model.basis}`;
    }
    default:
      return assertNever(model);
  }
}
