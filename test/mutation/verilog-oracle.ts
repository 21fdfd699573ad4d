/**
 * Judges Verilog mutants. In: a module's changed text. Out: the first run in Icarus Verilog that tells it from the original: a byte of
 * DRAM, the cycle of an event, the beats on a bus, an error register. Bundles are written once; a mutant replaces one file.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unitIndex, unitNames, unitOf } from '../../compiler/isa/index.js';
import { emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { INSTRUCTION_BYTES, type Machine } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { predict } from '../verilog/predict.js';
import { computeStub, programOf, smallMachine, traceOf } from '../verilog/support.js';
import type { TransferCase } from '../verilog/transfers.js';
import {
  computeCases,
  longCase,
  memoryCases,
  networkCases,
  type OracleCase,
  restartCase,
  signalCase,
} from './cases.js';
import type { Mutant } from './mutants.js';
import { registerBench } from './register-bench.js';

/** What became of a mutant. */
export type Verdict =
  | { readonly kind: 'killed'; readonly by: string }
  | { readonly kind: 'survived' }
  | { readonly kind: 'invalid'; readonly why: string };

/** One simulation of a bundle and what it must print. */
interface Check {
  readonly name: string;
  readonly args: readonly string[];
  /** Undefined: as expected. Else what differs. */
  readonly fault: (output: string) => string | undefined;
}

interface Bundle {
  readonly name: string;
  readonly top: string;
  readonly folder: string;
  readonly sources: readonly string[];
  /** Text of a module's file when its template has `text`. */
  readonly fileOf: (module: string, text: string) => string;
  readonly checks: readonly Check[];
}

const SECONDS = 1000;

/** Machines of test/verilog's lint: rows of several beats, of one, of a part, of one and a half; all functions, none. */
const lintMachines: readonly Machine[] = [
  smallMachine({ rows: 3, columns: 5, lanes: 1, busBytes: 8 }),
  smallMachine({ rows: 16, columns: 16, lanes: 16, busBytes: 4 }),
  smallMachine({ rows: 2, columns: 6, lanes: 2, busBytes: 64 }),
  smallMachine({ rows: 6, columns: 6, lanes: 3, busBytes: 4 }),
  withoutFunctions(smallMachine({ rows: 4, columns: 4, lanes: 2, busBytes: 16 })),
];

function withoutFunctions(machine: Machine): Machine {
  return { ...machine, vector: { ...machine.vector, functions: [] } };
}

export class VerilogOracle {
  private readonly root = mkdtempSync(join(tmpdir(), 'systole-mutation-'));
  /** Quickest killers first. */
  private bundles: readonly Bundle[];
  private readonly kills = new Map<Bundle, number>();

  /** @param small only some cases, for the smoke test. */
  constructor({ small = false }: { readonly small?: boolean } = {}) {
    const programs = small
      ? [...networkCases(2), ...computeCases(1)]
      : [...networkCases(), ...computeCases(), longCase(), signalCase()];
    this.bundles = [
      ...programs.map((c, i) => this.write(programBundle(c, i))),
      this.write(programBundle(restartCase(), 1)),
      this.write(illegalBundle(programs[0]!)),
      ...memoryCases(small ? 2 : undefined).map((c, i) => this.write(transferBundle(c, i))),
      this.write(registerBundle()),
    ];
  }

  /** The unchanged Verilog must pass everything: this is what makes a kill mean something. */
  verifyOriginal(): void {
    for (const bundle of this.bundles) {
      const verdict = this.judgeWith(bundle);
      if (verdict.kind !== 'survived') throw new Error(`unchanged, ${JSON.stringify(verdict)}`);
    }
  }

  judge(mutant: Mutant): Verdict {
    const module = mutant.file.replace(/^.*\//, '').replace(/\.v$/, '');
    for (const bundle of this.bundles.filter((b) => b.sources.includes(`rtl/${module}.v`))) {
      const verdict = this.judgeIn(bundle, module, mutant.text);
      if (verdict.kind === 'survived') continue;
      this.promote(bundle);
      return verdict;
    }
    return this.lint(module, mutant.text);
  }

  /** As test/verilog does: the machine is free of Verilator's warnings. Finds widths that simulation cannot see. */
  private lint(module: string, text: string): Verdict {
    for (const machine of lintMachines) {
      const { files } = emitVerilog(machine, new Map([[module, text]]));
      const folder = join(this.root, 'lint');
      mkdirSync(join(folder, 'rtl'), { recursive: true });
      for (const file of files) writeFileSync(join(folder, file.path), file.text);
      const sources = files.map((file) => file.path);
      const lint = spawnSync(
        'verilator',
        ['--lint-only', '-Wall', '--top-module', 'systole_core', ...sources],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
      if (lint.status) return { kind: 'killed', by: `lint: ${lint.stderr.split('\n')[0]}` };
    }
    return { kind: 'survived' };
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private promote(bundle: Bundle): void {
    this.kills.set(bundle, (this.kills.get(bundle) ?? 0) + 1);
    this.bundles = [...this.bundles].sort((a, b) => (this.kills.get(b) ?? 0) - (this.kills.get(a) ?? 0));
  }

  private judgeIn(bundle: Bundle, module: string, text: string): Verdict {
    const path = join(bundle.folder, `rtl/${module}.v`);
    const original = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, bundle.fileOf(module, text));
      return this.judgeWith(bundle);
    } finally {
      writeFileSync(path, original);
    }
  }

  private judgeWith({ name, top, folder, sources, checks }: Bundle): Verdict {
    const compile = ['-g2005', '-DSIMULATION', '-o', 'bench.vvp', '-s', top, ...sources];
    const built = spawnSync('iverilog', compile, { cwd: folder, encoding: 'utf8', timeout: 60 * SECONDS });
    if (built.status !== 0)
      return { kind: 'invalid', why: built.stderr.split('\n')[0] || 'no end of elaboration' };
    for (const check of checks) {
      const ran = spawnSync('vvp', ['-n', 'bench.vvp', ...check.args], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60 * SECONDS,
        maxBuffer: 2 ** 26,
      });
      const fault = ran.signal ? 'no end of the simulation' : check.fault(ran.stdout);
      if (fault) return { kind: 'killed', by: `${name}, ${check.name}: ${fault}` };
    }
    return { kind: 'survived' };
  }

  private write({ files, ...bundle }: Unwritten): Bundle {
    const folder = join(this.root, bundle.name.replaceAll(' ', '-'));
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return { ...bundle, folder };
  }
}

type Unwritten = Omit<Bundle, 'folder'> & {
  readonly files: readonly { readonly path: string; readonly text: string }[];
};

/** Times of units, as a bench prints them. */
interface Times {
  readonly cycles: number;
  readonly accepts: string;
  readonly ends: string;
  readonly dispatches: string;
}

function programBundle(c: OracleCase, index: number): Unwritten {
  const { machine, program, dram, golden } = c;
  const bench = emitTestBench({ machine, program, dram, golden: [{ address: 0, bytes: golden }] });
  const run = simulateTiming(machine, program);
  const moved = run.activity;
  const unitsOf = run.trace.map((t) => ({ ...t, unit: unitNumber(program, t.index) }));
  const times = timesOf(run.cycles, unitsOf);
  const limit = `+limit=${2 * run.cycles + 1000}`;
  const beats = (output: string) => {
    const [read, fetched, written] =
      /^beats read (\d+) fetched (\d+) written (\d+)$/m.exec(output)?.slice(1).map(Number) ?? [];
    const bytes = machine.bus.bytes;
    const right =
      (read! + fetched!) * bytes === moved.bytesRead.dram && written! * bytes === moved.bytesWritten.dram;
    return right ? undefined : 'bytes on the bus';
  };
  const counters = unitNames.map((name, u) => {
    const { busy, waiting } = run.units[name];
    // A machine without counters of its units reads zeros.
    if (machine.counters !== 'all') return `unit ${u} busy 0 waiting 0`;
    return `unit ${u} busy ${busy} waiting ${unitNames.reduce((sum, other) => sum + waiting[other], 0)}`;
  });
  const counted = (output: string) =>
    output.match(/^unit \d busy.*$/gm)?.join() === counters.join() ? undefined : 'counters of the units';
  const checks: Check[] = [
    {
      name: 'values and cycles',
      args: ['+trace', limit],
      fault: (o) => unlikePass(o) ?? unlike(times, o) ?? beats(o) ?? counted(o),
    },
    { name: 'stalls', args: [`+stalls=${index + 1}`, `+limit=${20 * run.cycles + 1000}`], fault: unlikePass },
  ];
  if (index < 2)
    checks.push({
      name: 'again',
      args: ['+runs=2', limit],
      fault: (o) => (o.match(/^PASS/gm)?.length === 2 ? undefined : 'second run'),
    });
  if (index < 2) {
    const reset = Math.floor(((index + 1) * run.cycles) / 3);
    const cycles = new RegExp(`^cycles ${run.cycles}$`, 'm');
    checks.push({
      name: 'reset',
      args: [`+reset=${reset}`, limit],
      fault: (o) => unlikePass(o) ?? (cycles.test(o) ? undefined : 'cycles of the run after a reset'),
    });
  }
  if (index === 0) checks.push(...errorChecks(c, limit));
  return bundleOf(c.name, machine, bench, checks);
}

/** A program whose second instruction is none. */
function illegalBundle({ machine, program, dram }: OracleCase): Unwritten {
  const bad = dram.slice();
  bad[program.programAddress + INSTRUCTION_BYTES] = 0x0f;
  const bench = emitTestBench({ machine, program, dram: bad, golden: [] });
  const stopped = (output: string) =>
    output.includes('FAIL stopped with error 1 of unit 4\n') ? undefined : 'error 1 not reported';
  const limit = `+limit=${2 * simulateTiming(machine, program).cycles + 1000}`;
  return bundleOf('illegal', machine, bench, [{ name: 'opcode', args: [limit], fault: stopped }]);
}

/** Responses other than OKAY in each port. */
function errorChecks({ machine, program }: OracleCase, limit: string): Check[] {
  const bus = machine.bus.bytes;
  const load = program.instructions.find((i) => i.mnemonic === 'load')!;
  const store = program.instructions.find((i) => i.mnemonic === 'store')!;
  const at = (address: number) => `+bus_error=${Math.floor(address / bus)}`;
  const stopped = (cause: number, unit: number) => (output: string) =>
    output.includes(`FAIL stopped with error ${cause} of unit ${unit}\n`)
      ? undefined
      : `error ${cause} not reported`;
  return [
    { name: 'read error', args: [at(load.fields.dram), limit], fault: stopped(2, 0) },
    { name: 'write error', args: [at(store.fields.dram), limit], fault: stopped(3, 3) },
    { name: 'fetch error', args: [at(program.programAddress + 96), limit], fault: stopped(4, 4) },
  ];
}

function transferBundle(c: TransferCase, index: number): Unwritten {
  const { machine, instructions, expected, programAddress } = c;
  const program = programOf(machine, instructions, programAddress, expected.length);
  const dram = c.dram.slice();
  dram.set(program.words, programAddress);
  const golden = [{ address: 32768, bytes: expected.slice(32768) }];
  const bench = emitTestBench({ machine, program, dram, golden, replacements: computeStub() });
  const { done, times } = predict(instructions, machine);
  const expectedTimes = timesOf(done, times);
  const limit = `+limit=${2 * done + 1000}`;
  return bundleOf(
    `transfers ${index}`,
    machine,
    bench,
    [
      {
        name: 'bytes and cycles',
        args: ['+trace', limit],
        fault: (o) => unlikePass(o) ?? unlike(expectedTimes, o),
      },
      { name: 'stalls', args: [`+stalls=${index + 77}`, `+limit=${20 * done + 1000}`], fault: unlikePass },
    ],
    computeStub(),
  );
}

function registerBundle(): Unwritten {
  const bench = registerBench();
  return {
    name: 'registers',
    top: bench.top,
    files: bench.files,
    sources: bench.sources,
    fileOf: (_, text) => text,
    checks: [{ name: 'host', args: [], fault: unlikePass }],
  };
}

function bundleOf(
  name: string,
  machine: Machine,
  bench: ReturnType<typeof emitTestBench>,
  checks: readonly Check[],
  replacements: ReadonlyMap<string, string> = new Map(),
): Unwritten {
  const fileOf = (module: string, text: string) =>
    emitVerilog(machine, new Map([...replacements, [module, text]])).files.find(
      (f) => f.path === `rtl/${module}.v`,
    )!.text;
  const sources = bench.sources;
  return {
    name,
    top: bench.top,
    files: bench.files,
    sources,
    fileOf,
    checks,
  };
}

function unlikePass(output: string): string | undefined {
  if (/^PASS /m.test(output) && !/^ERROR/m.test(output)) return undefined;
  return /^(ERROR|FAULT|FAIL|MISMATCH).*$/m.exec(output)?.[0] ?? 'no verdict';
}

function unlike(expected: Times, output: string): string | undefined {
  const events = traceOf(output);
  const list = (kind: string) => events.filter((e) => e.kind === kind).map((e) => `${e.unit}@${e.cycle}`);
  if (list('accept').sort().join() !== expected.accepts) return 'cycles of accept';
  if (list('end').sort().join() !== expected.ends) return 'cycles of end';
  const dispatched = events.filter((e) => e.kind === 'dispatch').map((e) => e.cycle);
  if (dispatched.slice(0, -1).join() !== expected.dispatches) return 'cycles of dispatch';
  const cycles = Number(/^cycles (\d+)/m.exec(output)?.[1] ?? -1);
  return cycles === expected.cycles ? undefined : 'cycles of the run';
}

interface UnitTime {
  readonly unit: number;
  readonly dispatch: number;
  readonly accept: number;
  readonly end: number;
}

function timesOf(cycles: number, times: readonly UnitTime[]): Times {
  const at = (cycle: (t: UnitTime) => number) =>
    times
      .map((t) => `${t.unit}@${cycle(t)}`)
      .sort()
      .join();
  return {
    cycles,
    accepts: at((t) => t.accept),
    ends: at((t) => t.end),
    dispatches: times.map((t) => t.dispatch).join(),
  };
}

function unitNumber(program: OracleCase['program'], index: number): number {
  return unitIndex[unitOf(program.instructions[index]!)!];
}
