/** The command line as a user meets it: the built program in a process of its own. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LayerExplanation, packageRoot } from '../../tools/library/index.js';
import { isVerified, parseRunRecord } from '../../tools/report/index.js';
import { makeOnnxModel, type OnnxNodeSpec } from '../support/onnx-model.js';

const root = packageRoot();

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function systole(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/systole.js'), ...args], {
    encoding: 'utf8',
    // A command that never ends fails by its status, null.
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const folder = mkdtempSync(join(tmpdir(), 'systole-cli-'));

describe('systole run', () => {
  it('prints one RunRecord that reads back, with everything that the schema promises', () => {
    const { status, stdout } = systole('run', 'digits', '--json', '--engine', 'array', '--quiet');
    expect(status).toBe(0);
    const record = parseRunRecord(stdout);
    expect(record.verification).toMatchObject({
      mismatches: 0,
      cyclesPredicted: record.cycles,
      cyclesSimulated: record.cycles,
    });
    expect(record.verification.layersCompared).toBe(record.verification.layersTotal);
    expect(record.layers.reduce((sum, layer) => sum + layer.cycles, 0)).toBe(record.cycles);
    expect(record.layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(record.network.macs);
    expect(new Set(record.comparison.map((row) => row.kind))).toEqual(
      new Set(['this', 'cpu', 'gpu', 'tpu', 'fpga', 'asic']),
    );
    expect(record.energyComponents.reduce((sum, c) => sum + c.joules, 0)).toBeCloseTo(
      record.energyJoules,
      12,
    );
  });

  it('prints the tables, and progress on standard error only', () => {
    const { status, stdout, stderr } = systole('run', 'digits', '--engine', 'array', '--compare', 'gpu');
    expect(status).toBe(0);
    expect(stdout).toContain('verification: VERIFIED');
    expect(stdout).toMatch(/\/conv2\/Conv +Conv +1x16x4x4 +36,864/);
    expect(stdout).toContain('a100-sxm-80gb');
    expect(stdout).not.toContain('tpu-v1');
    expect(stdout).not.toContain('systole: ');
    expect(stderr).toContain('systole: compiling digits for edge8');
  });

  it('runs a batch in one program, and throughput counts every input', () => {
    const { stdout, status } = systole('run', 'digits', '--batch', '3', '--json', '--engine', 'array', '-q');
    expect(status).toBe(0);
    const record = parseRunRecord(stdout);
    expect(record.batch).toBe(3);
    expect(record.throughputPerSecond).toBeCloseTo(3 / record.latencySeconds, 6);
    expect(record.verification.mismatches).toBe(0);
    expect(record.layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(3 * record.network.macs);
  });

  it('fills a batch larger than the shipped pictures from the first again', () => {
    const { stdout, status, stderr } = systole(
      'run',
      'digits',
      '--batch',
      '128',
      '--json',
      '--engine',
      'array',
      '-q',
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const record = parseRunRecord(stdout);
    expect(record.batch).toBe(128);
    expect(isVerified(record.verification)).toBe(true);
    // 10 logits of 128 pictures are among what was compared.
    expect(record.verification.valuesCompared).toBeGreaterThan(1280);
  });

  it('writes a bundle that holds what its README says', () => {
    const out = join(folder, 'hw');
    expect(systole('run', 'digits', '--engine', 'array', '-q', '--out', out).status).toBe(0);
    for (const path of [
      'README.md',
      'Makefile',
      'files.f',
      'dram.hex',
      'golden.hex',
      'machine.json',
      'run.json',
      'rtl/systole_core.v',
      'tb/systole_tb.v',
      'program/program.bin',
      'program/program.asm',
      'program/dataflow.txt',
      'program/memory-map.json',
    ]) {
      expect(existsSync(join(out, path)), path).toBe(true);
    }
    const listed = readFileSync(join(out, 'files.f'), 'utf8').trim().split('\n');
    expect(listed.filter((path) => !existsSync(join(out, path)))).toEqual([]);
    const icarus = spawnSync('iverilog', ['-V']);
    if (icarus.error) {
      console.warn('Icarus Verilog is not installed: the bundle was not simulated');
      return;
    }
    const made = spawnSync('make', ['icarus'], { cwd: out, encoding: 'utf8' });
    expect(made.stdout).toContain('PASS');
    const corrupt = spawnSync('make', ['icarus', 'ARGS=+corrupt'], { cwd: out, encoding: 'utf8' });
    expect(corrupt.status).not.toBe(0);
  });

  it('the same input gives the same bytes', () => {
    const [a, b] = ['same-a', 'same-b'].map((name) => join(folder, name));
    for (const out of [a!, b!]) expect(systole('compile', 'digits', '--out', out).status).toBe(0);
    const files = readdirSync(a!, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(readFileSync(path).equals(readFileSync(path.replace(a!, b!))), path).toBe(true);
    }
  });
});

describe('mistakes', () => {
  it.each([
    ['an unknown network', ['run', 'nosuch'], 1, 'error[network/unknown]'],
    [
      'a file that is not there',
      ['run', './nosuch.onnx'],
      1,
      'error[file/unreadable]: cannot read ./nosuch.onnx: there is no such file',
    ],
    ['a file of another kind', ['run', 'package.json'], 1, 'error[network/format]'],
    ['an unknown machine', ['run', 'digits', '--machine', 'foo'], 1, 'error[machine/unknown]'],
    ['an unknown command', ['frob'], 2, "unknown command 'frob'"],
    ['an unknown option', ['run', 'digits', '--frob'], 2, "unknown option '--frob'"],
    ['a batch of zero', ['run', 'digits', '--batch', '0'], 2, 'a whole number of 1 or more is needed'],
    ['no network', ['run'], 2, "missing required argument 'network'"],
    ['an unknown device', ['run', 'digits', '--compare', 'abacus'], 1, 'error[device/unknown]'],
    ['a shape that is none', ['run', 'digits', '--shape', 'image'], 2, 'write it as NAME=1,3,224,224'],
  ])('%s', (_, args, code, message) => {
    const { status, stderr, stdout } = systole(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  });

  it('a machine file with an error is located by line', () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'preset: edge8\nname: bad\nvector: { lanes: 3 }\n');
    const { status, stderr } = systole('run', 'digits', '--machine', file);
    expect(status).toBe(1);
    expect(stderr).toContain('bad.yaml:3:18');
  });

  it('an output folder that cannot be written', () => {
    const file = join(folder, 'occupied');
    writeFileSync(file, '');
    const { status, stderr } = systole('emit', '--out', file);
    expect(status).toBe(1);
    expect(stderr).toContain('error[file/unwritable]');
  });
});

describe('a folder that refuses new files', () => {
  it.skipIf(!existsSync('/proc/self'))(
    'run shows its result first, then ends with the reason (skipped without /proc)',
    () => {
      const { status, stdout, stderr } = systole(
        'run',
        'digits',
        '--engine',
        'array',
        '-q',
        '--out',
        '/proc/none/hw',
      );
      expect(stdout).toContain('verification: VERIFIED');
      expect(stderr).toContain('error[file/unwritable]');
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(status).toBe(1);
    },
  );
});

describe('networks without multiply-accumulates', () => {
  const one = (op: string, attributes: OnnxNodeSpec['attributes'] = {}, shape = [1, 4, 6, 6]) => {
    const file = join(folder, `${op}.onnx`);
    const bytes = makeOnnxModel({
      name: op.toLowerCase(),
      nodes: [{ op, inputs: ['x'], outputs: ['y'], name: op, attributes }],
      inputs: [{ name: 'x', shape }],
      outputs: [{ name: 'y' }],
    });
    writeFileSync(file, bytes);
    return file;
  };

  it('one that stays on the host whole runs there, says so, and has nothing to verify', () => {
    const file = one('Softmax', { axis: 1 }, [1, 10]);
    const ran = systole('run', file, '--engine', 'array', '-q');
    expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
    expect(ran.stdout).toContain('nothing runs on the accelerator: the host computes all of it');
    expect(ran.stdout).toContain(
      'warning[compile/host-only]: no operator of the network runs on the accelerator (Softmax)',
    );
    const verified = systole('verify', file, '--engine', 'array');
    expect(verified.status).toBe(0);
    expect(verified.stdout).toContain('verification: nothing to verify');
    const compared = systole('compare', file, '--no-page');
    expect(compared.status).toBe(0);
    expect(compared.stdout).toContain('the host computes all of it, at assumed rates');
  });

  it('what needs a program refuses it', () => {
    const file = one('Softmax', { axis: 1 }, [1, 10]);
    const { status, stdout, stderr } = systole('simulate', file);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('error[compile/nothing-to-accelerate]: no operator of the network runs');
  });

  it('one that only pools runs, and its record has no infinities and no comparison with rates of MACs', () => {
    const file = one('MaxPool', { kernel_shape: [2, 2], strides: [2, 2] });
    const { status, stdout } = systole('run', file, '--engine', 'array', '-q', '--json');
    expect(status).toBe(0);
    expect(stdout).not.toContain('Infinity');
    const record = parseRunRecord(stdout);
    expect(record.network.macs).toBe(0);
    expect(record.utilization).toBe(0);
    const numbers = [
      record.latencySeconds,
      record.throughputPerSecond,
      record.energyJoules,
      record.powerWatts,
    ];
    for (const number of numbers) expect(number).toBeGreaterThan(0);
    expect(record.comparison.filter((row) => row.kind !== 'this')).toEqual([]);
    expect(record.notes.join()).toContain('other devices are not compared');
    expect(isVerified(record.verification)).toBe(true);
  });
});

describe('other commands', () => {
  it.each(['machines', 'devices', 'examples', 'operators', 'passes'])('list %s prints something', (what) => {
    const { status, stdout } = systole('list', what);
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(5);
  });

  it('verify compares eight inputs by default', () => {
    const { status, stdout } = systole('verify', 'digits', '--engine', 'array');
    expect(status).toBe(0);
    expect(stdout).toMatch(/VERIFIED against the array engine \(8 inputs, 8 of 8 layers\)/);
  });

  it('compile prints the dataflow', () => {
    const { status, stdout } = systole('compile', 'digits');
    expect(status).toBe(0);
    expect(stdout).toContain('dataflow "digits" on "edge8"');
  });
});

describe('systole simulate', () => {
  it.each([
    [['--threads', '2'], '--threads 2', '--engine array'],
    [['--engine', 'array', '--to', '9'], '--to 9', '--vcd FILE'],
    [['--engine', 'rtl', '--signals', 'u_core'], '--signals u_core', '--vcd FILE'],
    [
      ['--engine', 'array', '--threads', '2', '--vcd', join(folder, 'waves.vcd')],
      '--threads 2',
      'a run that writes no waveforms',
    ],
  ])('refuses %j: it would change nothing', (args, option, needs) => {
    const { status, stderr } = systole('simulate', 'digits', ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(`error[option/idle]: ${option} has no effect without ${needs}`);
    expect(stderr).toContain(`--> ${option}`);
  });
});

describe('systole explain', () => {
  it('says of every layer what was chosen, what it is believed to cost and what bounds it', () => {
    const { status, stdout } = systole('explain', 'digits', '--json');
    expect(status).toBe(0);
    const layers = JSON.parse(stdout) as LayerExplanation[];
    expect(layers.length).toBeGreaterThan(5);
    for (const { mapping, cycles, busyCycles } of layers) {
      expect(mapping!.candidates).toBeGreaterThan(1);
      expect(mapping!.cost.cycles).toBeGreaterThan(Math.max(...Object.values(busyCycles)));
      expect(cycles).toBeGreaterThan(0);
      for (const other of mapping!.alternatives) {
        expect(other.cost.bound).not.toBe(mapping!.cost.bound);
        expect(other.cost.score).toBeGreaterThanOrEqual(mapping!.cost.score);
      }
    }
    const { stdout: one } = systole('explain', 'digits', '--layer', layers[3]!.name);
    expect(one).toContain(`bound      ${layers[3]!.mapping!.cost.bound}: `);
    expect(one).toContain(`the best of ${layers[3]!.mapping!.candidates}`);
    expect(systole('explain', 'digits').stdout.split('\n').length).toBeGreaterThan(layers.length + 4);
  });

  it('names the layers there are when asked for another', () => {
    const { status, stderr } = systole('explain', 'digits', '--layer', 'conv9');
    expect(status).toBe(1);
    expect(stderr).toContain('error[explain/unknown-layer]: no layer on the accelerator is called conv9');
    expect(stderr).toContain('/dense/Gemm');
  });
});
