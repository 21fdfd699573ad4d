/** A bundle's Yosys scripts are those of `systole synth`: the same commands on the same files give the same counts. */

import { describe, expect, it } from 'vitest';
import {
  emitVerilog,
  familyModules,
  projectFiles,
  yosysFamilies,
  yosysScriptLines,
} from '../../compiler/verilog/index.js';
import { machinePresets } from '../../models/machine/index.js';

const machine = machinePresets.get('edge4')!;

/** A script without its comments and folders. */
const bare = (text: string) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#') && line !== '')
    .map((line) => line.replace(/\b(rtl|synth|split|build)\//g, ''));

describe.each(yosysFamilies)('synth/%s.ys', (family) => {
  const plain = emitVerilog(machine);
  const bundle = [...plain.files, ...projectFiles(machine, plain)];
  const textOf = (path: string) => bundle.find((file) => file.path === path)!.text;

  it('runs what the flow runs, and counts', () => {
    const flow = emitVerilog(machine, familyModules(machine, family));
    const lines = yosysScriptLines(family, {
      sources: flow.files.map(({ path }) => path),
      core: 'rtl/systole_core.v',
      pins: 'synth/systole_pins.v',
      outputs: { core: `${family}_core.json`, netlist: `${family}_core.v`, pins: `${family}.json` },
    });
    expect(bare(textOf(`synth/${family}.ys`))).toEqual([...bare(lines.join('\n')), 'stat']);
  });

  it('reads texts that are those of the flow', () => {
    const flow = emitVerilog(machine, familyModules(machine, family));
    const read = /^read_verilog (.*)$/m.exec(textOf(`synth/${family}.ys`))![1]!.split(' ');
    expect(read.map(textOf)).toEqual(flow.files.map(({ text }) => text));
  });
});
