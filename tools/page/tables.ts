/** The tables of a page: devices, layers on devices, layers on the accelerator, sources. */

import { type ComparisonRecord, grouped, percent, type RunRecord, si } from '../report/index.js';
import { html, type Markup } from './markup.js';
import { classColour } from './style.js';

/** How a row's times are known, in a few words. */
export function basisOf(row: ComparisonRecord): string {
  const held = row.error?.latencyPercent ?? row.error?.throughputPercent;
  switch (row.how) {
    case 'measured':
    case 'simulated':
      return row.how;
    case 'modelled':
      return held == null ? 'modelled' : `modelled, ± ${held.toFixed(0)} %`;
    case 'assumed':
      return 'assumed';
    case undefined:
      return 'estimated';
  }
}

function withError(text: string, error: number | null | undefined): Markup {
  return error == null ? html`${text}` : html`${text} <span class="err">± ${error.toFixed(0)} %</span>`;
}

/** What people look for first stands first: a phone shows two or three columns. */
export function deviceTable({ comparison }: RunRecord): Markup {
  const bound = (row: ComparisonRecord, sign: string) => (row.lowerBound ? `${sign} ` : '');
  const rows = comparison.map(
    (row) => html`<tr class="${row.kind === 'this' ? 'this' : 'other'}">
<td><span class="key" style="background:${classColour(row.kind)}"></span>${row.device}</td>
<td class="n">${bound(row, '>')}${withError(si(row.latencySeconds, 's'), row.error?.latencyPercent)}</td>
<td class="n">${bound(row, '<')}${withError(si(row.throughputPerSecond, ''), row.error?.throughputPercent)}</td>
<td class="n">${row.energyJoules === null ? 'not known' : `${bound(row, '>')}${si(row.energyJoules, 'J')}`}</td>
<td class="n">${row.powerWatts === null ? 'not known' : si(row.powerWatts, 'W')}</td><td>${row.powerLevel ?? ''}</td>
<td>${row.kind === 'this' ? 'this machine' : row.kind}</td><td>${row.type ?? ''}</td>
<td>${basisOf(row)}</td></tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><th>device</th><th class="n">latency</th><th class="n">inferences a second</th><th class="n">energy an inference</th><th class="n">power</th><th>power of</th><th>class</th><th>numbers</th><th>how it is known</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Kernels down, devices across; what holds a kernel back is its letter. */
export function kernelTable({ kernels = [], comparison, batch }: RunRecord): Markup {
  const devices = comparison.filter(({ kernelSeconds }) => kernelSeconds?.length === kernels.length);
  const head = devices.map(({ device }) => html`<th class="n">${device}</th>`);
  const rows = kernels.map((kernel, i) => {
    const cells = devices.map(({ kernelSeconds, kernelBounds }) => {
      const seconds = kernelSeconds![i]!;
      return html`<td class="n">${seconds === 0 ? '-' : si(seconds, 's')} <span class="err">${seconds === 0 ? '' : kernelBounds![i]![0]!}</span></td>`;
    });
    const fused = kernel.fused.length > 0 ? html` <span class="err">+ ${kernel.fused.length}</span>` : '';
    return html`<tr><td title="${[kernel.name, ...kernel.fused].join(' + ')}">${shortened(kernel.name)}${fused}</td><td>${kernel.kind}</td><td class="n">${kernel.macs === 0 ? '-' : si(kernel.macs * batch, '')}</td><td class="n">${si(kernel.weightElements, '')}</td>${cells}</tr>`;
  });
  return html`<div class="scroll tall"><table><thead><tr><th>kernel</th><th>kind</th><th class="n">MACs</th><th class="n">weights</th>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

export function layerTable({ layers, machine }: RunRecord): Markup {
  const hertz = machine.clockMegahertz * 1e6;
  const rows = layers.map(
    (layer) =>
      html`<tr><td title="${layer.name}">${shortened(layer.name)}</td><td>${layer.operator}</td><td>${layer.shape.join(' x ')}</td><td class="n">${layer.macs === 0 ? '-' : si(layer.macs, '')}</td><td class="n">${grouped(layer.cycles)}</td><td class="n">${si(layer.cycles / hertz, 's')}</td><td class="n">${layer.macs > 0 ? percent(layer.utilization) : '-'}</td><td class="n">${si(layer.bytesRead + layer.bytesWritten, 'B')}</td><td class="n">${si(layer.energyJoules, 'J')}</td></tr>`,
  );
  return html`<div class="scroll tall"><table><thead><tr><th>layer</th><th>operator</th><th>output</th><th class="n">MACs</th><th class="n">cycles</th><th class="n">time</th><th class="n">array use</th><th class="n">DRAM</th><th class="n">energy</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function shortened(name: string): string {
  return name.length <= 36 ? name : `${name.slice(0, 14)}…${name.slice(-20)}`;
}

export function sourceList({ comparison, energyComponents, area }: RunRecord): Markup {
  const items = comparison.map(
    (row) => html`<dt>${row.device}${row.description ? html`: ${row.description}` : ''}</dt>
<dd>${row.basis}</dd>${row.error ? html`<dd>error: ${row.error.basis}</dd>` : ''}<dd>figures (weakest: ${row.known}): ${row.source}</dd>`,
  );
  const energy = energyComponents.map(
    ({ name, source, known }) => html`<dd>${name}: ${source} (${known})</dd>`,
  );
  return html`<dl class="sources">${items}<dt>energy prices of this machine</dt>${energy}<dt>its area</dt><dd>${area.basis}</dd></dl>`;
}
