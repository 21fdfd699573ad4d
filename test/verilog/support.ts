/**
 * Helpers of the Verilog tests: small machines, hand-made programs, bundles on disk, Icarus runs. In: instructions and DRAM
 * bytes. Out: what the test bench printed.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unwrap } from '../../base/index.js';
import { assemble, encodeProgram, type Instruction, type Program } from '../../compiler/isa/index.js';
import type { BundleFile } from '../../compiler/verilog/index.js';
import { type Machine, type MachineInput, machineSchema } from '../../models/machine/index.js';

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly lanes: number;
  readonly busBytes: number;
  readonly burst?: number;
  readonly memory?: MachineInput['memory'];
  readonly queueDepth?: number;
}

/** A machine with small buffers. */
export function smallMachine(shape: Shape): Machine {
  return machineSchema.parse({
    name: `test-${shape.rows}x${shape.columns}`,
    array: { rows: shape.rows, columns: shape.columns },
    buffers: {
      activation: { rowsPerBank: 256 },
      weight: { rows: 512 },
      accumulator: { rowsPerBank: 64 },
      parameter: { rows: 64 },
    },
    vector: { lanes: shape.lanes },
    bus: { bytes: shape.busBytes, maximumBurstBeats: shape.burst ?? 16 },
    memory: shape.memory ?? {},
    queueDepth: shape.queueDepth ?? 4,
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'ice40' },
  });
}

/** A program of assembly lines, its words at `programAddress`, in DRAM of `dramBytes`. */
export function programOf(
  machine: Machine,
  instructions: readonly Instruction[] | string,
  programAddress: number,
  dramBytes: number,
): Program {
  const list = typeof instructions === 'string' ? unwrap(assemble(instructions)) : instructions;
  const none = new Int32Array(list.length);
  return {
    name: 'hand-made',
    machine: machine.name,
    instructions: list,
    words: encodeProgram(list),
    segments: [],
    programAddress,
    dramBytes,
    layers: [],
    layerOf: none.slice().fill(-1),
    lineOf: none,
  };
}

/** Whether a tool answers to `--version` or `-V`. */
export function hasTool(name: string): boolean {
  return spawnSync(name, [name === 'iverilog' ? '-V' : '--version'], { encoding: 'utf8' }).status === 0;
}

/** Calls `use` with a fresh folder that holds the files. */
export function withFiles<T>(files: readonly BundleFile[], use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'systole-verilog-'));
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface BenchResult {
  readonly status: number;
  readonly output: string;
  readonly pass: boolean;
  readonly cycles: number;
}

/** Runs a script of a bundle folder with plus-arguments. */
export function runScript(folder: string, script: string, ...args: readonly string[]): BenchResult {
  const result = spawnSync('sh', [script, ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const output = result.stdout + result.stderr;
  return {
    status: result.status ?? -1,
    output,
    pass: /^PASS /m.test(output),
    cycles: Number(/^cycles (\d+)/m.exec(output)?.[1] ?? -1),
  };
}

/** The stand-in for compute_core (see compute_stub.v), as emitVerilog takes it. */
export function computeStub(): ReadonlyMap<string, string> {
  return new Map([['compute_core', readFileSync(new URL('compute_stub.v', import.meta.url), 'utf8')]]);
}

export interface TraceEvent {
  readonly cycle: number;
  readonly kind: string;
  readonly unit: number;
}

/** The `trace` lines of a bench output. */
export function traceOf(output: string): readonly TraceEvent[] {
  return [...output.matchAll(/^trace (\d+) (\w+) ?(\d*)$/gm)].map((m) => ({
    cycle: Number(m[1]),
    kind: m[2]!,
    unit: Number(m[3] || -1),
  }));
}
