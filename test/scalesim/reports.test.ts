/** SCALE-Sim's reports: its layout to the letter, its definitions to the digit, and our own counters without loss. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { layerProduct } from '../../compiler/importers/scalesim/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { layerFigures } from '../../tools/library/index.js';
import { compile } from '../../tools/library/verbs.js';
import { importScaleSim, ownRows, reportHeaders, runReportFiles } from '../../tools/scalesim/index.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const shared = fileURLToPath(new URL('../../../shared/data/peers/scalesim', import.meta.url));
const hasShared = existsSync(shared);

/** Figures of a report's lines, by column. */
function table(text: string): readonly Readonly<Record<string, number>>[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const names = head.split(',').map((name) => name.trim());
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, Number(cell)])));
}

const contentOf = (
  files: readonly { readonly path: string; readonly content: string | Uint8Array }[],
  path: string,
) => String(files.find((file) => file.path === path)?.content);

describe.skipIf(!hasShared)('SCALE-Sim v3’s own results (needs ../shared/data/peers/scalesim)', () => {
  const read = (path: string) => readFileSync(`${shared}/${path}`, 'utf8');
  const runs = hasShared
    ? readdirSync(`${shared}/results`)
        .filter((name) => name.endsWith('_COMPUTE_REPORT.csv'))
        .map((name) => name.replace('_COMPUTE_REPORT.csv', ''))
    : [];

  it('have the headers that are written here', () => {
    expect(runs.length).toBeGreaterThan(8);
    for (const [name, header] of Object.entries(reportHeaders))
      for (const run of runs) expect(read(`results/${run}_${name}`).split('\n')[0]!.trim()).toBe(header);
  });

  it.each(runs.filter((run) => run.endsWith('_CALC')))(
    '%s: every column with a closed form is reproduced',
    (run) => {
      const [network = '', array = '', dataflow = ''] = run.split('_');
      const config = `cfg/s${array.split('x')[0]}_${dataflow}_CALC.cfg`;
      const topology = `topologies/${network}.csv`;
      const imported = unwrap(
        importScaleSim({ file: config, text: read(config) }, { file: topology, text: read(topology) }),
      );
      const ours = (name: string) => table(contentOf(imported.files, `scalesim-definitions/${name}`));
      const theirs = (name: string) => table(read(`results/${run}_${name}`));
      const columns = {
        'COMPUTE_REPORT.csv': [
          'Total Cycles',
          'Stall Cycles',
          'Overall Util %',
          'Mapping Efficiency %',
          'Compute Util %',
        ],
        'BANDWIDTH_REPORT.csv': ['Avg IFMAP SRAM BW', 'Avg FILTER SRAM BW', 'Avg OFMAP SRAM BW'],
        'DETAILED_ACCESS_REPORT.csv': ['SRAM IFMAP Reads', 'SRAM Filter Reads', 'SRAM OFMAP Writes'],
      };
      for (const [name, names] of Object.entries(columns)) {
        const rows = theirs(name);
        expect(rows.length).toBeGreaterThan(0);
        for (const [i, row] of rows.entries())
          for (const column of names)
            expect(ours(name)[i]![column]! / (row[column]! || 1)).toBeCloseTo(row[column] ? 1 : 0, 9);
      }
    },
  );
});

describe.skipIf(!hasShared)(
  'published configurations and topologies (needs ../shared/data/peers/scalesim)',
  () => {
    const list = (folder: string) => (hasShared ? readdirSync(`${shared}/${folder}`) : []);
    const topologies = list('topologies').filter((name) => !/_map|_full/.test(name));
    const open = (config: string, topology: string) =>
      importScaleSim(
        { file: config, text: readFileSync(`${shared}/cfg/${config}`, 'utf8') },
        { file: topology, text: readFileSync(`${shared}/topologies/${topology}`, 'utf8') },
      );

    it.each(list('cfg'))('%s leaves no key unsaid and has no unknown one', (config) => {
      const { decisions, warnings } = unwrap(open(config, 'test.csv'));
      expect(decisions.filter(({ line }) => line !== undefined).length).toBe(29);
      expect(warnings).toEqual([]);
    });

    it('the layers have the products that SCALE-Sim states for them', () => {
      const rows: Record<string, string>[] = parse(
        readFileSync(`${shared}/results/per_layer_measured.csv`, 'utf8'),
        { columns: true },
      );
      const known = rows.filter(({ network }) => network === 'alexnet' || network === 'test');
      expect(known.length).toBeGreaterThan(30);
      for (const { network, layer_index, layer, M, N, K } of known) {
        const { topology } = unwrap(open('s32_ws_CALC.cfg', `${network}.csv`));
        const found = topology.layers[Number(layer_index)]!;
        expect([found.name, layerProduct(found)]).toEqual([
          layer,
          { m: Number(M), n: Number(N), k: Number(K) },
        ]);
      }
    });

    it.each(topologies)('%s compiles for an imported machine, and its run has its MACs', (name) => {
      const { machine, topology } = unwrap(open('s32_ws_USER.cfg', name));
      const { compiled } = compile(`${shared}/topologies/${name}`, { machine });
      const layers = compiled.segments.flatMap(({ program }) => program.layers);
      const products = topology.layers.map(layerProduct);
      expect(layers.reduce((sum, { macs }) => sum + macs, 0)).toBe(
        products.reduce((sum, { m, n, k }) => sum + m * n * k, 0),
      );
      for (const segment of compiled.segments)
        expect(simulateTiming(machine, segment.program).cycles).toBeGreaterThan(0);
    });

    it('a map of names is refused as no topology', () => {
      expect(open('s32_ws_CALC.cfg', 'topo_resnet18_map.csv').diagnostics.map(({ code }) => code)).toEqual([
        'scalesim/header',
      ]);
    });
  },
);

describe('reports of a run', () => {
  const subject = compile(fixture('small.csv'), { machine: 'edge8' });
  const [segment] = subject.compiled.segments;
  const run = simulateTiming(segment!.machine, segment!.program);
  const files = runReportFiles(subject.compiled, [run]);

  it('are written twice, with a line a layer and a text that says what the columns mean', () => {
    expect(files.map(({ path }) => path)).toEqual(
      ['measured', 'definitions'].flatMap((folder) =>
        [...Object.keys(reportHeaders), 'README.txt'].map((name) => `${folder}/${name}`),
      ),
    );
    for (const [name, header] of Object.entries(reportHeaders)) {
      const lines = contentOf(files, `measured/${name}`).split('\n');
      expect(lines[0]).toBe(header);
      expect(lines.slice(1, 5).map((line) => line.split(',').length)).toEqual(
        Array(4).fill(header.split(',').length),
      );
    }
    expect(contentOf(files, 'measured/README.txt')).toContain('0  Conv1\n1  Conv2\n2  DP3\n3  FC\n');
  });

  it('hold the timing engine’s counters: traffic, MACs and cycles are those of the layers', () => {
    const figures = layerFigures(subject, [run]).layers;
    const rows = ownRows(segment!, run);
    expect(rows.length).toBe(4);
    const { rows: R, columns: C } = segment!.machine.array;
    for (const row of rows) {
      const layers = figures.filter(({ node }) => node === row.layer);
      const sum = (of: (layer: (typeof layers)[number]) => number) =>
        layers.reduce((total, l) => total + of(l), 0);
      expect(row.dram.ifmap!.words).toBe(sum((l) => l.loadedBytes.act));
      expect(row.dram.filter!.words).toBe(sum((l) => l.loadedBytes.wgt));
      expect(row.dram.ofmap!.words).toBe(sum((l) => l.bytesWritten.dram));
      expect((row.overallPercent * row.cycles * R * C) / 100).toBeCloseTo(
        sum((l) => l.macs),
        6,
      );
      expect((row.computePercent * (row.cycles - row.stallCycles) * R * C) / 100).toBeCloseTo(
        sum((l) => l.macs),
        6,
      );
      expect(row.cyclesWithPrefetch).toBeGreaterThan(row.cycles);
      expect(row.cyclesWithPrefetch).toBeLessThanOrEqual(run.cycles);
      expect(row.mappingPercent).toBeGreaterThan(0);
      expect(row.mappingPercent).toBeLessThanOrEqual(100);
    }
  });

  it('by definitions are SCALE-Sim’s products of the same layers, depthwise channel by channel', () => {
    const [first, , depthwise] = table(contentOf(files, 'definitions/COMPUTE_REPORT.csv'));
    // 4 x 5 pixels, 8 filters, 27 deep on 8 x 8: 4 folds of 2 * 8 + 8 + 20 - 2 cycles; 9 deep: 2 folds, 8 channels.
    expect(first!['Total Cycles']).toBe(4 * 42 - 1);
    expect(depthwise!['Total Cycles']).toBe(8 * (2 * 38 - 1));
  });
});
