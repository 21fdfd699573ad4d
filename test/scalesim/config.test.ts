/** SCALE-Sim configurations: what each key becomes, that none is left unsaid, and where faults are. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { parseMachine } from '../../models/machine/index.js';
import {
  activationBanks,
  busFor,
  importMachine,
  importScaleSim,
  machineYaml,
  powerOfTwoBelow,
  readConfig,
  renderDecisions,
} from '../../tools/scalesim/index.js';

const small = readFileSync(new URL('fixtures/small.cfg', import.meta.url), 'utf8');
const csv = readFileSync(new URL('fixtures/small.csv', import.meta.url), 'utf8');

const importText = (text: string) => {
  const config = readConfig(text, 'a.cfg');
  return config.ok ? importMachine(config.value) : config;
};
const said = (text: string) => importText(text).diagnostics.map(renderDiagnostic).join('\n');

describe('a configuration', () => {
  it('becomes a machine of its array, buffers, bus and dataflow', () => {
    const { machine, dataflow } = unwrap(importText(small));
    expect(dataflow).toBe('os');
    expect(machine).toMatchObject({
      name: 'small_os',
      array: { rows: 8, columns: 4, dataflow: 'output-stationary' },
      buffers: {
        activation: { banks: 4, rowsPerBank: 128 },
        weight: { rows: 512, banks: 2 },
        accumulator: { rowsPerBank: 64 },
      },
      vector: { lanes: 4 },
      bus: { bytes: 64 },
      memory: { cyclesPerBeat: 3 },
    });
  });

  it('leaves no key unsaid: every line of it is mapped, approximated or ignored, with a reason', () => {
    const { decisions } = unwrap(importText(small));
    const { entries } = unwrap(readConfig(small, 'a.cfg'));
    const lines = decisions.flatMap(({ line }) => line ?? []);
    expect(lines).toEqual([...entries.values()].map(({ line }) => line));
    expect(decisions.every(({ what }) => what.length > 3)).toBe(true);
    const status = new Map(decisions.map(({ key, status }) => [key, status]));
    expect(status.get('architecture_presets.ArrayHeight')).toBe('mapped');
    expect(status.get('architecture_presets.FilterSramSzkB')).toBe('approximated');
    expect(status.get('layout.IfmapCustomLayout')).toBe('ignored');
    expect(status.get('clockMegahertz')).toBe('assumed');
  });

  it('warns of a key that nobody knows, at its place', () => {
    expect(said(small)).toContain('warning[scalesim/cfg-unknown]: [run_presets] NotAKey is no key');
    expect(said(small)).toContain('a.cfg:28:10');
  });

  it('is written as YAML that reads back as the same machine, its decisions above it', () => {
    const { machine, decisions } = unwrap(importText(small));
    const text = machineYaml(machine, decisions, { config: 'a.cfg' });
    expect(unwrap(parseMachine(text, 'machine.yaml'))).toEqual(machine);
    for (const line of renderDecisions(decisions).split('\n')) expect(text).toContain(`# ${line}`);
  });

  it('input-stationary stays so, with the vector function that it needs', () => {
    const text = small.replace('Dataflow : os', 'Dataflow : is');
    const { machine, dataflow, decisions } = unwrap(importText(text));
    expect(machine.array.dataflow).toBe('input-stationary');
    expect(machine.vector.functions).toContain('row-parameters');
    expect(dataflow).toBe('is');
    expect(decisions.find(({ key }) => key.endsWith('Dataflow'))).toMatchObject({ status: 'mapped' });
  });

  it('input-stationary on an array whose columns do not divide its rows says that filters rest', () => {
    const text = small
      .replace('Dataflow : os', 'Dataflow : is')
      .replace('ArrayHeight:    8', 'ArrayHeight:    7');
    const { decisions } = unwrap(importText(text));
    const decision = decisions.find(({ key }) => key.endsWith('Dataflow'));
    expect(decision?.status).toBe('approximated');
    expect(decision?.what).toContain('rows of 7 activations are no rows of');
  });

  it('CALC gives the widest bus, and says that Bandwidth is not read', () => {
    const { machine, decisions } = unwrap(importText(small.replace('USER', 'CALC')));
    expect([machine.bus.bytes, machine.memory.cyclesPerBeat]).toEqual([64, 1]);
    expect(decisions.find(({ key }) => key.endsWith('.Bandwidth'))).toMatchObject({ status: 'ignored' });
  });
});

describe('faults are located', () => {
  const change = (from: string, to: string) => {
    expect(small).toContain(from);
    return small.replace(from, to);
  };
  it.each([
    [
      'an array beyond the family',
      change('ArrayHeight:    8', 'ArrayHeight:    300'),
      ['a.cfg:6:17', '"300"', 'from 1 to 256'],
    ],
    ['a word for a number', change('ArrayHeight:    8', 'ArrayHeight:    eight'), ['a.cfg:6:17', '"eight"']],
    ['an unknown dataflow', change('Dataflow : os', 'Dataflow : rs'), ['"rs"', 'legal: ws, os, is']],
    ['a strange mode', change('USER', 'MAYBE'), ['"MAYBE"', 'CALC, USER']],
    ['a strange bandwidth', change('Bandwidth : 10', 'Bandwidth : fast'), ['"fast"', 'words a cycle']],
    [
      'a missing key',
      change('OfmapSramSzkB:  2\n', ''),
      ['does not state OfmapSramSzkB', 'add "OfmapSramSzkB: VALUE"'],
    ],
    ['no bandwidth in USER mode', change('Bandwidth : 10\n', ''), ['does not state Bandwidth']],
    [
      'a key twice',
      change('Dataflow : os', 'Dataflow : os\ndataflow = ws'),
      ['dataflow is stated twice', 'the first time'],
    ],
    ['a key above all sections', `Key: 1\n${small}`, ['Key stands above any [section]', 'a.cfg:1:1']],
    ['a line that is nothing', change('Dataflow : os', 'Dataflow os'), ['scalesim/cfg-line']],
    ['a value that goes on', change('Dataflow : os', 'Dataflow : os\n  more: 1'), ['scalesim/cfg-line']],
    [
      'sparsity',
      change('SparsitySupport : false', 'SparsitySupport : true'),
      ['scalesim/sparsity', 'a.cfg:23:19'],
    ],
    ['too little memory', change('IfmapSramSzkB:  4', 'IfmapSramSzkB:  0'), ['IfmapSramSzkB is "0"']],
  ])('%s', (_, text, expected) => {
    expect(importText(text).ok).toBe(false);
    const shown = said(text);
    for (const part of expected) expect(shown).toContain(part);
    expect(shown).toContain('hint: ');
  });

  it('too small a buffer for a wide array names the least that does', () => {
    const text = small
      .replace('ArrayHeight:    8', 'ArrayHeight:  256')
      .replace('IfmapSramSzkB:  4', 'IfmapSramSzkB:  8');
    expect(said(text)).toContain('IfmapSramSzkB is too little for this array');
    expect(said(text)).toContain('at least 12 (12288 bytes)');
  });

  it('faults of both files come at once, warnings not among them', () => {
    const config = { file: 'a.cfg', text: small.replace('Dataflow : os', 'Dataflow : rs') };
    const result = importScaleSim(config, { file: 'b.csv', text: csv.replace('16, 10', '16, ten') });
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['scalesim/cfg-value', 'scalesim/number']);
  });
});

describe('sizes', () => {
  const options = { numRuns: Number(process.env.SYSTOLE_RUNS ?? 300) };

  it('act never gets more than SCALE-Sim has, and never less than half of it', () => {
    const law = fc.property(
      fc.integer({ min: 1, max: 4096 }),
      fc.integer({ min: 1, max: 256 }),
      (kibibytes, rows) => {
        const bytes = kibibytes * 1024;
        const chosen = activationBanks(bytes, rows);
        if (chosen === undefined) {
          expect(3 * 16 * rows).toBeGreaterThan(bytes);
          return;
        }
        const size = chosen.banks * chosen.rowsPerBank * rows;
        expect(size).toBeLessThanOrEqual(bytes);
        if (chosen.rowsPerBank < 65536) expect(2 * size).toBeGreaterThan(bytes);
      },
    );
    fc.assert(law, options);
  });

  it('a bus is the nearest that the family has', () => {
    const law = fc.property(fc.integer({ min: 1, max: 200 }), (rate) => {
      const { bytes, cyclesPerBeat } = busFor(rate);
      const off = (value: number) => Math.abs(Math.log(value / rate));
      for (const width of [4, 8, 16, 32, 64])
        for (let cycles = 1; cycles <= 64; cycles++)
          expect(off(bytes / cyclesPerBeat)).toBeLessThanOrEqual(off(width / cycles) + 0.0101);
    });
    fc.assert(law, options);
    expect(powerOfTwoBelow(3072)).toBe(2048);
    expect(powerOfTwoBelow(0.5)).toBe(0);
  });
});
