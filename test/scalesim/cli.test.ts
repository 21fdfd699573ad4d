/** From SCALE-Sim's files to every other command, with the built program in a process of its own. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../tools/library/index.js';
import { figureColumns, parseRunRecord, renderLayerFiguresPage } from '../../tools/report/index.js';
import { reportHeaders } from '../../tools/scalesim/index.js';

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), 'systole-scalesim-'));
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

function systole(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/systole.js'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const configure = ['-c', fixture('small.cfg')];
const imported = systole('import', 'scalesim', ...configure, '-t', fixture('small.csv'), '-o', 'small');
const subject = ['small/small.csv', '--machine', 'small/machine.yaml'];

describe('systole import scalesim', () => {
  it('writes a machine, a network and SCALE-Sim’s reports by definition, and prints what became of each key', () => {
    expect(imported.status).toBe(0);
    expect(readdirSync(join(folder, 'small')).sort()).toEqual([
      'import.json',
      'machine.yaml',
      'scalesim-definitions',
      'small.csv',
    ]);
    expect(imported.stdout).toMatch(/6 +architecture_presets\.ArrayHeight +8 +mapped +array\.rows: 8/);
    expect(imported.stdout).toMatch(/- +clockMegahertz +1000 +assumed/);
    expect(imported.stdout).toContain('next: systole run small/small.csv --machine small/machine.yaml');
    expect(imported.stderr).toContain('warning[scalesim/cfg-unknown]');
  });

  it('products, as JSON, into a folder of the topology’s name', () => {
    const { status, stdout } = systole(
      'import',
      'scalesim',
      ...configure,
      '-t',
      fixture('products.csv'),
      '--json',
    );
    expect(status).toBe(0);
    const { folder: written, network, layers } = JSON.parse(stdout);
    expect([written, network, layers.length]).toEqual(['products.scalesim', 'products.csv', 3]);
    const run = systole(
      'run',
      `${written}/${network}`,
      '--machine',
      `${written}/machine.yaml`,
      '--verify',
      'none',
      '--json',
      '-q',
    );
    expect(parseRunRecord(run.stdout).network.macs).toBe(2 * 5 * 7 * 9 + 5 * 9 * 7 + 12 * 10 * 20);
  });

  it('is: inputs rest in the array where they can, and explain and the reports say where not', () => {
    writeFileSync(
      join(folder, 'is.cfg'),
      readFileSync(fixture('small.cfg'), 'utf8').replace(/^Dataflow.*$/m, 'Dataflow : is'),
    );
    writeFileSync(
      join(folder, 'both.csv'),
      'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\nwide, 6, 6, 3, 3, 4, 8, 1,\npoint, 4, 4, 1, 1, 16, 24, 1,\n',
    );
    expect(systole('import', 'scalesim', '-c', 'is.cfg', '-t', 'both.csv', '-o', 'is').status).toBe(0);
    const both = ['is/both.csv', '--machine', 'is/machine.yaml'];
    const layers: { mapping: { stationary: string } }[] = JSON.parse(
      systole('explain', ...both, '--json').stdout,
    );
    expect(layers.map((l) => l.mapping.stationary)).toEqual(['weights', 'inputs']);
    const text = systole('explain', ...both).stdout;
    expect(text).toContain('wide: a kernel of 3 x 3 takes pixels of several lanes');
    const run = systole(
      'run',
      ...both,
      '--verify',
      'full',
      '--scalesim-reports',
      'is-reports',
      '--json',
      '-q',
    );
    expect(parseRunRecord(run.stdout).verification?.mismatches).toBe(0);
    const readme = readFileSync(join(folder, 'is-reports/measured/README.txt'), 'utf8');
    expect(readme).toContain('wide: weights at rest (a kernel of 3 x 3 takes pixels of several lanes)');
    expect(readme).not.toContain('point: weights at rest');
  });

  it('a bad file is exit 1 with its line, a missing option exit 2', () => {
    const bad = systole('import', 'scalesim', ...configure, '-t', fixture('small.cfg'));
    expect(bad.status).toBe(1);
    expect(bad.stderr).toContain('small.cfg:1:1');
    expect(systole('import', 'scalesim', '-t', 'x.csv').status).toBe(2);
    const none = systole('import', 'scalesim', ...configure);
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('scalesim/no-topology')]);
    expect(systole('import', 'scalesim', ...configure, '-t', 'absent.csv').stderr).toContain('absent.csv');
  });
});

describe('what it writes', () => {
  const run = systole(
    ...['run', ...subject, '--json', '-q', '--compare', 'cpu'],
    ...['--layers', 'layers.csv', '--scalesim-reports', 'reports'],
  );
  const record = parseRunRecord(run.stdout);
  const rows: Record<string, string>[] = parse(readFileSync(join(folder, 'layers.csv')), { columns: true });

  it('runs, verified against its Verilog', () => {
    expect(run.status).toBe(0);
    expect(record.network.format).toBe('SCALE-Sim topology');
    expect(record.verification).toMatchObject({ engine: 'rtl', mismatches: 0, timeMismatches: 0 });
    expect(record.verification.layersCompared).toBe(record.verification.layersTotal);
    expect(record.notes.join('\n')).toContain('seeded random weights');
    expect(record.comparison.map(({ kind }) => kind)).toContain('cpu');
  });

  it('has a line a layer with every column, whose sums are the run’s', () => {
    expect(Object.keys(rows[0]!)).toEqual(figureColumns.map(({ name }) => name));
    expect(rows.length).toBe(record.layers.length);
    const sum = (...names: string[]) =>
      rows.reduce((total, row) => total + names.reduce((part, name) => part + Number(row[name]), 0), 0);
    expect(sum('cycles')).toBe(record.cycles);
    expect(sum('macs')).toBe(record.network.macs);
    const causes = figureColumns
      .map(({ name }) => name)
      .filter((name) => /^(array|vector|stall_.*)_cycles$/.test(name));
    expect(causes.length).toBe(7);
    expect(sum(...causes)).toBe(record.cycles);
    expect(sum('dram_read_activations_bytes', 'dram_read_weights_bytes', 'dram_read_parameters_bytes')).toBe(
      sum('dram_read_bytes'),
    );
    const parts = figureColumns.map(({ name }) => name).filter((name) => /^energy_.+_joules$/.test(name));
    expect(parts.length).toBe(6);
    expect(sum(...parts) / sum('energy_joules')).toBeCloseTo(1, 9);
    record.layers.forEach((layer, i) => {
      expect(Number(rows[i]!.stall_control_cycles)).toBeLessThanOrEqual(layer.stallCycles);
      expect(Number(rows[i]!.energy_joules)).toBeCloseTo(layer.energyJoules, 15);
    });
  });

  it('has SCALE-Sim’s reports twice', () => {
    for (const part of ['measured', 'definitions'])
      for (const [name, header] of Object.entries(reportHeaders))
        expect(readFileSync(join(folder, 'reports', part, name), 'utf8').split('\n')[0]).toBe(header);
  });

  it('is the same as JSON, with units, and of digits as well', () => {
    const { status } = systole(
      'run',
      'digits',
      '--verify',
      'none',
      '-q',
      '--toggles',
      '--layers',
      'digits.json',
    );
    expect(status).toBe(0);
    const json = JSON.parse(readFileSync(join(folder, 'digits.json'), 'utf8'));
    expect(json.schema).toBe('systole.layers/1');
    expect(json.columns.find(({ name }: { name: string }) => name === 'energy_joules').unit).toBe('J');
    const cycles = json.layers.map((layer: { cycles: number }) => layer.cycles);
    expect(cycles.reduce((a: number, b: number) => a + b, 0)).toBe(json.cycles);
    expect(json.layers[0].array_toggles).toBeGreaterThan(1000);
    expect(rows[0]!.array_toggles).toBe('');
    expect(Object.keys(json.layers[0])).toEqual(figureColumns.map(({ name }) => name));
  });

  it('--scalesim-reports wants a place that can be written, and is named where it is none', () => {
    const place = ['--scalesim-reports', '/dev/null/reports'];
    const { status, stdout, stderr } = systole('run', 'digits', '--verify', 'none', '-q', ...place);
    expect(status).toBe(1);
    expect(stdout).toContain('cycles');
    expect(stderr).toContain('--scalesim-reports /dev/null/reports');
  });

  it('--layers wants .csv or .json, and a place that can be written', () => {
    expect(systole('run', 'digits', '--layers', 'layers.xlsx').status).toBe(2);
    const { status, stderr } = systole(
      'run',
      'digits',
      '--verify',
      'none',
      '-q',
      '--layers',
      '/dev/null/x.csv',
    );
    expect(status).toBe(1);
    expect(stderr).toContain('--layers /dev/null/x.csv');
  });

  it('is explained, compared and explored like any network', () => {
    const explained = systole('explain', ...subject, '--layer', 'Conv2');
    expect(explained.stdout).toContain('Conv2: convolution, 10,368 MACs');
    expect(systole('compare', ...subject, '--devices', 'gpu').stdout).toContain('a100-sxm-80gb');
    const space = join(root, 'examples/space.yaml');
    const explored = systole(
      ...['explore', 'small/small.csv', '--space', space, '--strategy', 'random', '--budget', '8'],
      ...['--threads', '1', '--out', 'explored', '--json'],
    );
    expect(explored.status).toBe(0);
    expect(JSON.parse(explored.stdout).front.length).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'explored'))).toBe(true);
  });

  it('a batch is one more extent', () => {
    const { stdout } = systole('run', ...subject, '--batch', '3', '--verify', 'none', '--json', '-q');
    const batched = parseRunRecord(stdout);
    expect(batched.network.macs).toBe(record.network.macs);
    expect(batched.layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(3 * record.network.macs);
  });
});

it('docs/layer-figures.md is fresh (npm run generate writes it)', () => {
  expect(readFileSync(join(root, 'docs/layer-figures.md'), 'utf8')).toBe(renderLayerFiguresPage());
});
