/** Runs a {@link ComputeCase} on the Verilog of compute_core in Icarus. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ElementArray, elementArray, readElement, writeElement } from '../../base/index.js';
import { encodeProgram, type Instruction, instructionSet } from '../../compiler/isa/index.js';
import { decoderModules } from '../../compiler/verilog/fields.js';
import { dataflowModules } from '../../compiler/verilog/variants.js';
import { bufferRowFormat } from '../../models/machine/index.js';
import type { ComputeCase } from './random-case.js';

const here = dirname(fileURLToPath(import.meta.url));
const templates = join(here, '../../hdl-templates');

/** Whether a tool can be run here. */
export function installed(tool: string): boolean {
  try {
    execFileSync(tool, ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What the Verilog did: D of each instruction and act after the instructions that were dumped. */
export interface ComputeRun {
  readonly cycles: readonly number[];
  readonly act: ReadonlyMap<number, ElementArray>;
}

/** Writes the modules under compute_core (templates, decoders, and `replacements` of them) to a folder; returns their file names. */
export function writeModules(
  folder: string,
  replacements: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const cells = readdirSync(templates).filter((name) => name.endsWith('.v'));
  const texts = new Map(cells.map((name) => [name, readFileSync(join(templates, name), 'utf8')]));
  for (const [name, text] of decoderModules()) texts.set(`${name}.v`, text);
  for (const [name, text] of replacements) texts.set(`${name}.v`, text);
  const wanted = ['compute_core.v'];
  for (const name of wanted) {
    for (const other of texts.keys()) {
      const instance = new RegExp(`^\\s+${other.slice(0, -2)}\\s+(#|u_)`, 'm');
      if (!wanted.includes(other) && instance.test(texts.get(name)!)) wanted.push(other);
    }
  }
  for (const name of wanted) writeFileSync(join(folder, name), texts.get(name)!);
  return wanted;
}

/** compute_core's parameters for a machine. */
export function computeParameters({
  machine,
}: Pick<ComputeCase, 'machine'>): Readonly<Record<string, number>> {
  const has = (name: (typeof machine.vector.functions)[number]) =>
    machine.vector.functions.includes(name) ? 1 : 0;
  return {
    ROWS: machine.array.rows,
    COLUMNS: machine.array.columns,
    MULTIPLIER_STAGES: machine.array.multiplierStages,
    LANES: machine.vector.lanes,
    ACT_BITS: machine.elements.activationBits,
    WGT_BITS: machine.elements.weightBits,
    ACT_BANKS: machine.buffers.activation.banks,
    ACT_ROWS: machine.buffers.activation.rowsPerBank,
    WGT_ROWS: machine.buffers.weight.rows,
    WGT_BANKS: machine.buffers.weight.banks,
    ACC_ROWS: machine.buffers.accumulator.rowsPerBank,
    PAR_ROWS: machine.buffers.parameter.rows,
    ACC_BITS: machine.elements.accumulatorBits,
    MULTIPLIER_BITS: machine.requantization.multiplierBits,
    HAS_POOL: has('pool'),
    HAS_DEPTHWISE: has('depthwise'),
    HAS_ADD: has('add'),
    HAS_LOOKUP: has('lookup'),
    HAS_ROW_PARAMETERS: has('row-parameters'),
  };
}

/** @param backToBack start each instruction in the cycle after the previous one's end; act is dumped at the end only. */
export function runIcarus(test: ComputeCase, backToBack = false): ComputeRun {
  const folder = mkdtempSync(join(tmpdir(), 'systole-compute-'));
  try {
    const files = writeModules(folder, dataflowModules(test.machine));
    writeContents(test, folder);
    const parameters = {
      ...computeParameters(test),
      INSTRUCTIONS: test.instructions.length,
      BACK_TO_BACK: backToBack ? 1 : 0,
    };
    const settings = Object.entries(parameters).map(([name, value]) => `-Pbench_compute.${name}=${value}`);
    const sources = [join(here, 'bench_compute.v'), ...files.map((file) => join(folder, file))];
    const options = ['-g2005', '-DSIMULATION', '-s', 'bench_compute', ...settings, '-o', 'bench.vvp'];
    execFileSync('iverilog', [...options, ...sources], { cwd: folder });
    const output = execFileSync('vvp', ['-n', 'bench.vvp'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    return parseOutput(test, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hex = (bytes: Uint8Array): string =>
  [...bytes]
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

/** Elements as the bytes of their rows. */
function packRows(elements: ElementArray, width: number, bits: number): Uint8Array {
  const rowBytes = Math.ceil((width * bits) / 8);
  const bytes = new Uint8Array((elements.length / width) * rowBytes);
  elements.forEach((value, i) => {
    writeElement(bytes, { row: Math.floor(i / width) * rowBytes, index: i % width, bits }, value);
  });
  return bytes;
}

function rowsOf(bytes: Uint8Array, rowBytes: number): string {
  const rows = Array.from({ length: bytes.length / rowBytes }, (_, row) =>
    hex(bytes.subarray(row * rowBytes, (row + 1) * rowBytes)),
  );
  return `${rows.join('\n')}\n`;
}

/** The buffers of a case as the bytes of their rows. */
export function contentBytes(test: ComputeCase): Readonly<Record<'act' | 'wgt' | 'par' | 'lut', Uint8Array>> {
  const { array, elements } = test.machine;
  return {
    act: packRows(test.act, array.rows, elements.activationBits),
    wgt: packRows(test.wgt, array.columns, elements.weightBits),
    par: test.par,
    lut: new Uint8Array(test.lut.buffer),
  };
}

function writeContents(test: ComputeCase, folder: string): void {
  const contents = contentBytes(test);
  for (const name of ['act', 'wgt', 'par', 'lut'] as const) {
    const { rowBytes } = bufferRowFormat(test.machine, name);
    writeFileSync(join(folder, `${name}.hex`), rowsOf(contents[name], rowBytes));
  }
  writeFileSync(join(folder, 'program.hex'), rowsOf(encodeProgram(test.instructions), 32));
}

function parseOutput(test: ComputeCase, output: string): ComputeRun {
  const { rows } = test.machine.array;
  const { banks, rowsPerBank } = test.machine.buffers.activation;
  const cycles: number[] = [];
  const bits = test.machine.elements.activationBits;
  const digits = Math.ceil((rows * bits) / 4);
  const act = new Map<number, ElementArray>();
  for (const line of output.split('\n')) {
    const [kind, index, ...rest] = line.split(' ');
    if (kind === 'D') cycles[Number(index)] = Number(rest[0]);
    else if (kind === 'ROW') {
      const dump = act.get(Number(index)) ?? elementArray(bits, banks * rowsPerBank * rows);
      act.set(Number(index), dump);
      if (!new RegExp(`^[0-9a-f]{${digits}}$`).test(rest[2]!)) throw new Error(`undefined bits: ${line}`);
      const bytes = Buffer.from(rest[2]!.padStart(2 * Math.ceil(digits / 2), '0'), 'hex').reverse();
      const row = (Number(rest[0]) * rowsPerBank + Number(rest[1])) * rows;
      for (let index = 0; index < rows; index++)
        dump[row + index] = readElement(bytes, { row: 0, index, bits });
    } else if (kind === 'HANG' || kind === 'ERROR') throw new Error(line);
  }
  return { cycles, act };
}

/** For messages: the opcode names of a case. */
export function describeInstruction(instruction: Instruction): string {
  const { opcode } = instructionSet.find(({ mnemonic }) => mnemonic === instruction.mnemonic)!;
  return `${instruction.mnemonic} (opcode ${opcode}) ${JSON.stringify(instruction.fields)}`;
}
