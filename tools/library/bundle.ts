/**
 * What `--out` writes: a folder that a hardware engineer can pick up. The machine's Verilog with its project files, memory
 * images, a self-checking test bench with the expected results of one real input, the program in three forms, the run
 * record, and a manifest with hashes.
 */

import { renderDiagnostic, type Tensor } from '../../base/index.js';
import { printDataflow } from '../../compiler/dataflow/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import {
  disassemble,
  initialDram,
  type Program,
  packTensor,
  segmentValue,
} from '../../compiler/isa/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { emitTestBench, emitVerilog, type GoldenRegion, projectFiles } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { type RunRecord, renderText } from '../report/index.js';
import { MANIFEST_PATH, manifestOf } from './manifest.js';
import { machineReadme, networkReadme } from './readme.js';
import type { CompiledNetwork } from './verbs.js';

export interface BundleFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

const textFiles = (files: readonly { path: string; text: string }[]): BundleFile[] =>
  files.map(({ path, text }) => ({ path, content: text }));

/** The files and their manifest. */
function sealed(machine: Machine, files: readonly BundleFile[]): BundleFile[] {
  return [...files, { path: MANIFEST_PATH, content: manifestOf(machine, files) }];
}

/** The Verilog of a machine with constraints, tool scripts, register map, driver, diagram; nothing of any network. */
export function emit(machine: Machine): BundleFile[] {
  const verilog = emitVerilog(machine);
  return sealed(machine, [
    ...textFiles(verilog.files),
    ...textFiles(projectFiles(machine, verilog)),
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
    { path: 'README.md', content: machineReadme(machine) },
  ]);
}

/** Everything of one compiled network: the machine's bundle, the program, a test bench that runs one real input. */
export function makeBundle({ opened, compiled }: CompiledNetwork, record?: RunRecord): BundleFile[] {
  const { machine, program, dataflow, body, quantized } = compiled;
  const inputs = bodyInputs(quantized, opened.tests[0]!);
  const reference = evaluateGraph(body, inputs, { keep: 'all' });
  const dram = initialDram(program, inputs);
  const golden = goldenRegions(program, reference, dram);
  const cycles = simulateTiming(machine, program).cycles;
  const notes = compiled.diagnostics.map(renderDiagnostic);
  return sealed(machine, [
    ...textFiles(emitTestBench({ machine, program, dram, golden, cycles }).files),
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
    { path: 'program/program.bin', content: program.words },
    { path: 'program/program.asm', content: disassemble(program.words) },
    { path: 'program/dataflow.txt', content: printDataflow(dataflow) },
    { path: 'program/memory-map.json', content: memoryMap(program) },
    ...(record
      ? [
          { path: 'run.json', content: `${JSON.stringify(record, null, 2)}\n` },
          { path: 'report.txt', content: `${renderText(record)}\n` },
        ]
      : []),
    {
      path: 'README.md',
      content: networkReadme({ network: compiled.network.name, machine, program, cycles, notes }),
    },
  ]);
}

/** Where each layer's stored tensor lies and what it must hold at the end; lanes past the last channel are not compared. */
function goldenRegions(
  program: Program,
  reference: ReadonlyMap<string, Tensor>,
  dram: Uint8Array,
): GoldenRegion[] {
  return program.layers.flatMap((layer) => {
    const segment = program.segments.find((s) => s.layout && segmentValue(s) === layer.output);
    const expected = reference.get(layer.output);
    if (!segment?.layout || expected === undefined) return [];
    const image = (t: Tensor) => {
      const whole = new Uint8Array(dram.length);
      packTensor(t, segment.layout!, whole, segment.address);
      return whole.slice(segment.address, segment.address + segment.bytes);
    };
    const ones = { ...expected, data: new Int8Array(expected.data.length).fill(-1) };
    return [{ address: segment.address, bytes: image(expected), mask: image(ones) }];
  });
}

function memoryMap(program: Program): string {
  const segments = program.segments.map(({ name, kind, address, bytes, value, layout }) => ({
    name,
    kind,
    address,
    bytes,
    value,
    layout,
  }));
  const map = {
    programAddress: program.programAddress,
    instructions: program.instructions.length,
    dramBytes: program.dramBytes,
    segments,
  };
  return `${JSON.stringify(map, null, 2)}\n`;
}
