/**
 * The self-checking test bench of a program: Verilog, memory images and scripts for Icarus Verilog and Verilator. In: a
 * Machine, a Program, DRAM contents at the start and expected regions. Out: files as text, the same bytes for the
 * same inputs.
 */

import { InternalError } from '../../base/index.js';
import { type Machine, machineHashWord } from '../../models/machine/index.js';
import { keptSegments, type Program } from '../isa/index.js';
import { type BundleFile, emitVerilog, fileHead } from './emit.js';
import { projectFiles } from './project.js';
import { icarusScript, verilatorScript } from './scripts.js';
import { benchTemplates } from './templates.generated.js';

/** Bytes that DRAM must hold after the run. */
export interface GoldenRegion {
  /** Byte address as in the program (relative to BASE); of results that the program keeps in act the bytes do not matter. */
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Same length as `bytes`: 0 leaves that byte out of the comparison (lanes and padding without meaning). */
  readonly mask?: Uint8Array;
}

export interface TestBenchRequest {
  readonly machine: Machine;
  readonly program: Program;
  /** DRAM at the start, `program.dramBytes` long: constants, instruction words and inputs in place. */
  readonly dram: Uint8Array;
  readonly golden: readonly GoldenRegion[];
  /** Cycles that the run must take; left out, any number will do. */
  readonly cycles?: number;
  /** As in {@link emitVerilog}. */
  readonly replacements?: ReadonlyMap<string, string>;
}

/** Verilog, test bench, images and scripts in one folder: `sh run_icarus.sh` runs it. */
export interface TestBenchBundle {
  readonly top: 'systole_tb';
  readonly files: readonly BundleFile[];
  /** Verilog files in compilation order, as `files.f` lists them. */
  readonly sources: readonly string[];
}

/** The whole bundle: `rtl/` and `tb/` Verilog, `dram.hex`, `golden.hex`, `regions.hex`, scripts, {@link projectFiles}. */
export function emitTestBench(request: TestBenchRequest): TestBenchBundle {
  const { machine } = request;
  const golden = request.golden.map((region) => asStored(region, request));
  for (const region of request.golden) checkRegion(region, request.dram.length);
  const verilog = emitVerilog(machine, request.replacements);
  const rtl = verilog.files;
  const head = fileHead(machine);
  const bench = [...benchTemplates].map(([name, text]) => ({
    path: `tb/${name}`,
    text: head + (name === 'systole_tb.v' ? withParameters(text, benchParameters(request)) : text),
  }));
  const sources = [...rtl, ...bench].map((file) => file.path);
  const files: BundleFile[] = [
    ...rtl,
    ...bench,
    { path: 'dram.hex', text: beatImage(request.dram, machine.bus.bytes) },
    { path: 'golden.hex', text: goldenImage(golden) },
    { path: 'regions.hex', text: regionList(golden) },
    { path: 'run_icarus.sh', text: icarusScript(machine) },
    { path: 'run_verilator.sh', text: verilatorScript(machine) },
    ...projectFiles(machine, verilog, {
      bench: bench.map((file) => file.path),
      images: ['dram.hex', 'golden.hex', 'regions.hex'],
    }),
  ];
  return { top: 'systole_tb', files, sources };
}

/** Results that the program keeps in act are never stored: where they stand in a region, DRAM must hold what it held at the start. */
function asStored(region: GoldenRegion, { program, dram }: TestBenchRequest): GoldenRegion {
  const end = region.address + region.bytes.length;
  const kept = keptSegments(program).filter((s) => s.address < end && region.address < s.address + s.bytes);
  if (kept.length === 0) return region;
  const bytes = Uint8Array.from(region.bytes);
  for (const segment of kept) {
    const first = Math.max(segment.address, region.address);
    const last = Math.min(segment.address + segment.bytes, end);
    bytes.set(dram.subarray(first, last), first - region.address);
  }
  return { ...region, bytes };
}

function checkRegion({ address, bytes, mask }: GoldenRegion, dramBytes: number): void {
  if (address < 0 || address + bytes.length > dramBytes) {
    throw new InternalError(
      `golden region ${address} + ${bytes.length} lies outside ${dramBytes} bytes of DRAM`,
    );
  }
  if (mask && mask.length !== bytes.length) {
    throw new InternalError(`a mask of ${mask.length} bytes for a golden region of ${bytes.length}`);
  }
}

function benchParameters(request: TestBenchRequest): Readonly<Record<string, number>> {
  const { machine, program, dram, golden } = request;
  return {
    BUS_BYTES: machine.bus.bytes,
    ADDRESS_BITS: machine.bus.addressBits,
    READ_LATENCY: machine.memory.readLatency,
    WRITE_LATENCY: machine.memory.writeLatency,
    CYCLES_PER_BEAT: machine.memory.cyclesPerBeat,
    OUTSTANDING: machine.memory.outstanding,
    DRAM_BYTES: roundUp(Math.max(dram.length, 1), machine.bus.bytes),
    PROGRAM_ADDRESS: program.programAddress,
    REGIONS: golden.length,
    GOLDEN_BYTES: golden.reduce((total, region) => total + region.bytes.length, 0),
    MACHINE_HASH: machineHashWord(machine),
    EXPECTED_CYCLES: request.cycles ?? 0,
  };
}

function withParameters(text: string, parameters: Readonly<Record<string, number>>): string {
  let result = text;
  for (const [name, value] of Object.entries(parameters)) {
    const pattern = new RegExp(`^(  parameter ${name} = )\\d+;`, 'm');
    if (!pattern.test(result)) throw new InternalError(`systole_tb has no parameter ${name}`);
    result = result.replace(pattern, `$1${value < 2 ** 31 ? value : `32'h${value.toString(16)}`};`);
  }
  return result;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0');

/** One beat a line, most significant byte (highest address) first; the last beat is filled up with zeros. */
function beatImage(bytes: Uint8Array, busBytes: number): string {
  const hex = Array.from({ length: 256 }, (_, byte) => hexByte(byte));
  const lines: string[] = [];
  for (let start = 0; start < Math.max(bytes.length, 1); start += busBytes) {
    let line = '';
    for (let lane = busBytes - 1; lane >= 0; lane--) line += hex[bytes[start + lane] ?? 0];
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}

function goldenImage(golden: readonly GoldenRegion[]): string {
  const lines = golden.flatMap(({ bytes, mask }) =>
    Array.from(bytes, (byte, i) => ((mask && mask[i] === 0 ? 0 : 256) + byte).toString(16).padStart(3, '0')),
  );
  return `${lines.join('\n')}\n`;
}

function regionList(golden: readonly GoldenRegion[]): string {
  const words = golden.flatMap(({ address, bytes }) => [address, bytes.length]);
  return `${words.map((word) => word.toString(16).padStart(8, '0')).join('\n')}\n`;
}
