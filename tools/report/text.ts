/** A RunRecord as the text that `systole run` prints. */

import { registerClasses } from '../../models/activity/index.js';
import { type Column, grouped, percent, si, textTable } from './format.js';
import { renderHost, renderSegments } from './host-text.js';
import {
  type ComparisonRecord,
  type HostRecord,
  isNothingToVerify,
  isVerified,
  type LayerRecord,
  type RunRecord,
  type VerificationRecord,
} from './record.js';

export function renderText(record: RunRecord): string {
  return [
    renderHead(record),
    ...(record.layers.length > 0 ? [renderLayers(record)] : []),
    ...renderSegments(record),
    ...renderHost(record),
    renderTotals(record),
    ...renderToggles(record),
    renderComparison(record),
    renderVerification(record.verification),
    ...(record.notes.length > 0 ? [`Notes\n${record.notes.map((n) => `- ${n}`).join('\n')}`] : []),
  ].join('\n\n');
}

function renderHead({ network, machine, batch, host }: RunRecord): string {
  const { rows, columns } = machine.array;
  const target =
    machine.target.kind === 'asic'
      ? `${machine.target.nodeNanometres} nm ASIC`
      : `${machine.target.family} FPGA`;
  const lines = [
    `${network.name} (${network.format}): ${network.operators} operators, ${grouped(network.parameters)} parameters, ${si(network.macs, 'MAC')} an inference`,
    `${network.quantization}`,
    `${machine.name}: ${rows} x ${columns} ${elementsText(machine)} ${machine.array.dataflow}, ${machine.vector.lanes} vector lanes, ${machine.bus.bytes}-byte bus, ${machine.clockMegahertz} MHz, ${target}; batch ${batch}`,
  ];
  if (host === undefined && network.hostOperators.length > 0)
    lines.push(`on the host, not in the cycles below: ${network.hostOperators.join(', ')}`);
  else if (host !== undefined)
    lines.push(`on the host, not in the cycles: ${network.hostOperators.length} operators, by step below`);
  return lines.join('\n');
}

/** `int8`, or `int16 x int8` where activations and weights differ. */
function elementsText({ elements: { activationBits, weightBits } }: RunRecord['machine']): string {
  return activationBits === weightBits ? `int${activationBits}` : `int${activationBits} x int${weightBits}`;
}

function renderLayers(record: RunRecord): string {
  const columns: Column<LayerRecord>[] = [
    ...(record.segments ? [{ title: 'segment', cell: (l: LayerRecord) => `${l.segment}` }] : []),
    { title: 'layer', cell: (l) => l.name },
    { title: 'operator', cell: (l) => l.operator },
    { title: 'output', cell: (l) => l.shape.join('x') },
    { title: 'MACs', align: 'right', cell: (l) => grouped(l.macs) },
    { title: 'cycles', align: 'right', cell: (l) => grouped(l.cycles) },
    { title: 'stalls', align: 'right', cell: (l) => grouped(l.stallCycles) },
    { title: 'array use', align: 'right', cell: (l) => (l.macs > 0 ? percent(l.utilization) : '-') },
    { title: 'DRAM read', align: 'right', cell: (l) => si(l.bytesRead, 'B') },
    { title: 'DRAM write', align: 'right', cell: (l) => si(l.bytesWritten, 'B') },
    { title: 'energy*', align: 'right', cell: (l) => si(l.energyJoules, 'J') },
  ];
  return textTable(columns, record.layers);
}

function renderTotals(record: RunRecord): string {
  const { area } = record;
  const size =
    area.squareMillimetres === null
      ? `${grouped(area.arrayMultipliers)} 8x8 multipliers, ${grouped(area.vectorMultipliers)} wide ones, ${si(area.memoryBits / 8, 'B')} of memory`
      : `${area.squareMillimetres.toPrecision(3)} mm2* (array ${area.arraySquareMillimetres!.toPrecision(2)}, vector ${area.vectorSquareMillimetres!.toPrecision(2)}, memories ${area.memorySquareMillimetres!.toPrecision(2)})`;
  const energy = record.energyComponents
    .map((c) => `${c.name} ${percent(c.joules / Math.max(record.energyJoules * record.batch, 1e-30))}`)
    .join(', ');
  const host = record.host ? [hostLatency(record, record.host)] : [];
  if (record.cycles === 0) return ['cycles       0: there is no program', ...host].join('\n');
  return [
    `cycles       ${grouped(record.cycles)} from start to done`,
    `latency      ${si(record.latencySeconds, 's')}, ${si(record.throughputPerSecond, 'inferences/s')}`,
    ...host,
    `array use    ${percent(record.utilization)} of ${grouped(record.machine.array.rows * record.machine.array.columns)} MACs a cycle`,
    `energy*      ${si(record.energyJoules, 'J')} an inference, ${si(record.powerWatts, 'W')} (${energy})`,
    `size         ${size}`,
    `* estimated; size: ${area.basis.replace(/^estimate: /, '')}; energy prices ${energyBasis(record)}`,
  ].join('\n');
}

function hostLatency({ batch }: RunRecord, { seconds, latencySeconds, known }: HostRecord): string {
  const rate = latencySeconds === 0 ? 'no time' : si(batch / latencySeconds, 'inferences/s');
  return `with host    ${si(latencySeconds, 's')}, ${rate}: the host's ${si(seconds, 's')} are ${known}`;
}

/** Switching of the array by class of register, and which layers cause it. */
function renderToggles(record: RunRecord): string[] {
  const { toggles, registerBits, cycles, layers } = record;
  if (toggles === undefined || registerBits === undefined) return [];
  const total = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const classes = textTable(
    [
      { title: 'registers of the array', cell: (name) => name },
      { title: 'bits', align: 'right', cell: (name) => grouped(registerBits[name]) },
      { title: 'toggles', align: 'right', cell: (name) => grouped(toggles[name]) },
      {
        title: 'a bit and cycle',
        align: 'right',
        cell: (name) => (toggles[name] / Math.max(1, registerBits[name] * cycles)).toFixed(4),
      },
    ],
    registerClasses,
  );
  const rows = layers.filter((layer) => layer.toggles !== undefined && total(layer.toggles) > 0);
  const perLayer = textTable<LayerRecord>(
    [
      { title: 'layer', cell: (l) => l.name },
      { title: 'toggles', align: 'right', cell: (l) => grouped(total(l.toggles!)) },
      {
        title: 'a MAC',
        align: 'right',
        cell: (l) => (l.macs > 0 ? (total(l.toggles!) / l.macs).toFixed(2) : '-'),
      },
    ],
    rows,
  );
  return [classes, perLayer, ...renderArrayEnergy(record)];
}

/** The array's energy by toggles, by mean activity, and as the totals assume it. */
function renderArrayEnergy({ arrayEnergy, energyComponents, batch }: RunRecord): string[] {
  if (arrayEnergy === undefined) return [];
  const assumed = energyComponents
    .filter(({ name }) => name === 'array')
    .reduce((sum, { joules }) => sum + joules / batch, 0);
  const rows = textTable(
    [
      { title: 'array energy* an inference', cell: (row) => row.library },
      { title: 'by toggles', align: 'right', cell: (row) => si(row.byToggles, 'J') },
      { title: 'by mean activity', align: 'right', cell: (row) => si(row.byMeanActivity, 'J') },
      { title: 'a bit and cycle', align: 'right', cell: (row) => row.meanActivity.toFixed(4) },
    ],
    arrayEnergy,
  );
  const source = [...new Set(arrayEnergy.map((row) => row.source))].join('; ');
  return [
    `${rows}\n* ${source}. The totals take ${si(assumed, 'J')}: published energies of single operations, switching assumed`,
  ];
}

function energyBasis(record: RunRecord): string {
  const weak = record.energyComponents.filter((c) => c.known === 'recalled' || c.known === 'assumed');
  return weak.length === 0
    ? 'from published figures'
    : `from published figures, of which ${weak.map((c) => `${c.name} is ${c.known}`).join(', ')}`;
}

/** The machine beside other devices, with every row's basis and source. */
export function renderComparison({ comparison }: RunRecord): string {
  const table = textTable(
    [
      { title: 'device', cell: (r) => r.device },
      { title: 'kind', cell: (r) => r.kind },
      {
        title: 'latency',
        align: 'right',
        cell: (r) => (r.lowerBound ? '> ' : '') + si(r.latencySeconds, 's'),
      },
      {
        title: 'per second',
        align: 'right',
        cell: (r) => (r.lowerBound ? '< ' : '') + si(r.throughputPerSecond, ''),
      },
      {
        title: 'power',
        align: 'right',
        cell: (r) => (r.powerWatts === null ? 'unknown' : si(r.powerWatts, 'W')),
      },
      {
        title: 'energy',
        align: 'right',
        cell: (r) =>
          r.energyJoules === null ? 'unknown' : (r.lowerBound ? '> ' : '') + si(r.energyJoules, 'J'),
      },
      { title: 'how', cell: howText },
      { title: 'figures', cell: (r) => r.known },
    ],
    comparison,
  );
  const bound = comparison.some((r) => r.lowerBound)
    ? '> and < are bounds: nobody has published the time that this runtime needs to dispatch an operator\n'
    : '';
  const held = comparison.some((r) => r.error != null)
    ? '+-: mean error of latency / throughput on published rows that the model’s fit did not see; assumed: nobody has held the model against this class\n'
    : '';
  const basis = comparison.map((r) => `  ${r.device}: ${r.basis} [${r.source}]`).join('\n');
  return `${table}\n${bound}${held}Basis and sources\n${basis}`;
}

/** How a row's times are known, with the error of its model. */
function howText({ how, error }: ComparisonRecord): string {
  if (error == null) return how ?? 'estimated';
  const part = (percent: number | null) => (percent === null ? '?' : percent.toFixed(0));
  return `${how} +-${part(error.latencyPercent)} / ${part(error.throughputPercent)} %`;
}

/** The verdict of a verification, in one line. */
export function renderVerification(v: VerificationRecord): string {
  if (isNothingToVerify(v))
    return 'verification: nothing to verify: no layer runs on the accelerator, the host computes all of it';
  if (v.engine === 'none') return 'verification: not run (--verify none)';
  const values =
    v.mismatches === 0
      ? `${grouped(v.valuesCompared)} values compared, all equal`
      : `${grouped(v.mismatches)} of ${grouped(v.valuesCompared)} values differ`;
  const times =
    v.timeMismatches === 0
      ? `times of ${grouped(v.instructionsCompared)} instructions equal`
      : `times of ${grouped(v.timeMismatches)} of ${grouped(v.instructionsCompared)} instructions differ`;
  const cycles =
    v.cyclesPredicted === v.cyclesSimulated
      ? `${grouped(v.cyclesSimulated)} cycles predicted and simulated`
      : `${grouped(v.cyclesPredicted)} cycles predicted, ${grouped(v.cyclesSimulated)} simulated`;
  const first = v.firstMismatch === null ? '' : ` (first: ${v.firstMismatch})`;
  const scope = `${v.inputs} input${v.inputs === 1 ? '' : 's'}, ${v.layersCompared} of ${v.layersTotal} layers`;
  const against = v.engine === 'rtl' ? 'emitted Verilog' : 'array engine';
  return `verification: ${isVerified(v) ? 'VERIFIED' : 'FAILED'} against the ${against} (${scope}): ${values}; ${times}; ${cycles}${first}`;
}
