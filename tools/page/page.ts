/**
 * A RunRecord as a page in one file: no scripts, no fonts, pictures or style sheets from elsewhere; opens without a network. In: the record
 * of a run or comparison. Out: HTML text, the same for the same record.
 */

import { grouped, type RunRecord, renderVerification, si } from '../report/index.js';
import { barCharts } from './bars.js';
import { html, Markup } from './markup.js';
import { rooflines } from './roofline.js';
import { classColour, styleSheet } from './style.js';
import { basisOf, deviceTable, kernelTable, layerTable, sourceList } from './tables.js';

export function renderPage(record: RunRecord): string {
  const { network, machine } = record;
  const title = `${network.name} on ${machine.name} and other devices`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(styleSheet)}</style>
</head>
<body>
${head(record)}
${charts(record)}
${tables(record)}
<h2>Sources</h2>
${sourceList(record)}
${notes(record)}
<footer class="dim">${record.tool}, record ${record.schema}</footer>
</body>
</html>
`.text;
}

function head(record: RunRecord): Markup {
  const { network, machine, batch } = record;
  const { rows, columns } = machine.array;
  const target =
    machine.target.kind === 'asic' ? `${machine.target.nodeNanometres} nm` : `${machine.target.family} FPGA`;
  const own = record.comparison.find(({ kind }) => kind === 'this');
  const tile = (title: string, value: string, note: string) =>
    html`<div><dt>${title}</dt><dd>${value}</dd><small>${note}</small></div>`;
  return html`<h1>${network.name} on ${machine.name}</h1>
<p class="dim">${network.format}, ${grouped(network.parameters)} parameters, ${si(network.macs, 'MAC')} an inference; batch ${batch}.
${machine.name}: ${rows} x ${columns} array, ${machine.bus.bytes}-byte bus, ${machine.clockMegahertz} MHz, ${target}.</p>
<dl class="tiles">
${tile('latency', si(own?.latencySeconds ?? record.latencySeconds, 's'), own ? basisOf(own) : 'simulated')}
${tile('inferences a second', si(own?.throughputPerSecond ?? record.throughputPerSecond, ''), 'one batch after another')}
${tile('energy an inference', si(record.energyJoules, 'J'), 'estimated from counted activity')}
${tile('power', si(own?.powerWatts ?? record.powerWatts, 'W'), 'accelerator and DRAM')}
${tile('array use', `${(100 * record.utilization).toFixed(1)} %`, 'MACs over array slots')}
${tile('verified', record.verification.engine === 'none' ? 'not run' : record.verification.engine, renderVerification(record.verification).replace(/^verification: /, ''))}
</dl>`;
}

const classNames = [
  ['this', 'this machine'],
  ['cpu', 'CPU'],
  ['gpu', 'GPU'],
  ['tpu', 'TPU'],
  ['fpga', 'FPGA'],
  ['asic', 'ASIC'],
] as const;

function charts(record: RunRecord): Markup | string {
  if (record.comparison.length === 0) return '';
  const shown = new Set(record.comparison.map(({ kind }) => kind));
  const keys = classNames
    .filter(([kind]) => shown.has(kind))
    .map(
      ([kind, name]) =>
        html`<li><span class="key" style="background:${classColour(kind)}"></span>${name}</li>`,
    );
  return html`<h2>Devices</h2>
<ul class="legend">${keys}<li>whisker: the model’s mean error on rows that its fit did not see</li><li><span class="key open"></span>pale, dashed, “assumed”: nobody has held the model against this class</li><li>&gt; and &lt;: bounds, since nobody has published the time of a dispatch</li></ul>
<div class="charts wide">${barCharts(record.comparison)}</div>
<p></p>
${deviceTable(record)}
<h2>Rooflines</h2>
<p class="dim">Operations a second over operations per byte of DRAM, both logarithmic, the same axes in every panel. Lines: published peak and bandwidth.
Points: layers with products, larger where they take more of the time. Bytes: weights once a batch, activations in and out once; on this machine, as counted on its bus.
A point above the sloped line reuses what stays on chip.</p>
<div class="charts">${rooflines(record)}</div>`;
}

function tables(record: RunRecord): Markup {
  const kernels = record.comparison.some(({ kernelSeconds }) => kernelSeconds !== undefined);
  return html`<h2>Layers on ${record.machine.name}</h2>
<p class="dim">Simulated cycles; DRAM traffic as counted; energy estimated.</p>
${layerTable(record)}
${
  kernels
    ? html`<h2>Layers on other devices</h2>
<p class="dim">Time of each kernel for the whole batch, with what holds it: c products, m memory, d dispatch. “+ 2”: two elementwise tails are fused into the kernel.
-: the model gives it no time of its own.</p>
${kernelTable(record)}`
    : ''
}`;
}

function notes({ notes: lines }: RunRecord): Markup | string {
  if (lines.length === 0) return '';
  return html`<h2>Notes</h2><ul class="dim">${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
