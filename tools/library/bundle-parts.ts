/** The parts of a bundle that belong to one program. In: a segment and its inputs. Out: files and the test bench's request. */

import type { Tensor } from '../../base/index.js';
import { printDataflow } from '../../compiler/dataflow/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import {
  disassemble,
  initialDram,
  type Program,
  packTensor,
  segmentValue,
} from '../../compiler/isa/index.js';
import type { Segment } from '../../compiler/pipeline/index.js';
import type { GoldenRegion, TestBenchRequest } from '../../compiler/verilog/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { type RunRecord, renderText } from '../report/index.js';

export interface BundleFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

export const textFiles = (files: readonly { path: string; text: string }[]): BundleFile[] =>
  files.map(({ path, text }) => ({ path, content: text }));

/** What the test bench of a segment runs and expects. */
export function benchOf(
  { machine, program, body }: Segment,
  inputs: ReadonlyMap<string, Tensor>,
): TestBenchRequest & { readonly cycles: number } {
  const reference = evaluateGraph(body, inputs, { keep: 'all' });
  const dram = initialDram(program, inputs);
  const golden = goldenRegions(program, reference, dram);
  return { machine, program, dram, golden, cycles: simulateTiming(machine, program).cycles };
}

export function programFiles({ program, dataflow }: Segment): BundleFile[] {
  return [
    { path: 'program/program.bin', content: program.words },
    { path: 'program/program.asm', content: disassemble(program.words) },
    { path: 'program/dataflow.txt', content: printDataflow(dataflow) },
    { path: 'program/memory-map.json', content: memoryMap(program) },
  ];
}

export function recordFiles(record: RunRecord | undefined): BundleFile[] {
  if (record === undefined) return [];
  return [
    { path: 'run.json', content: `${JSON.stringify(record, null, 2)}\n` },
    { path: 'report.txt', content: `${renderText(record)}\n` },
  ];
}

/** Where each layer's stored tensor lies and what it must hold at the end; lanes past the last channel and what stays in act are not compared. */
function goldenRegions(
  program: Program,
  reference: ReadonlyMap<string, Tensor>,
  dram: Uint8Array,
): GoldenRegion[] {
  return program.layers.flatMap((layer) => {
    const segment = program.segments.find((s) => s.layout && segmentValue(s) === layer.output);
    const expected = reference.get(layer.output);
    if (!segment?.layout || expected === undefined || layer.kept) return [];
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
    /** Results that stay in act and are never stored. */
    kept: program.layers.flatMap(({ output, kept }) => (kept ? [{ value: output, ...kept }] : [])),
  };
  return `${JSON.stringify(map, null, 2)}\n`;
}
