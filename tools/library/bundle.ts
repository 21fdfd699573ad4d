/**
 * What `--out` writes: a folder that a hardware engineer can pick up. Verilog, memory images, a self-checking test bench with
 * the expected results of one real input, scripts for Icarus Verilog and Verilator, the program in three forms, the run record.
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
import { emitTestBench, emitVerilog, type GoldenRegion } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { type RunRecord, renderText } from '../report/index.js';
import { packageVersion } from './files.js';
import type { CompiledNetwork } from './verbs.js';

export interface BundleFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The Verilog of a machine with a file list, nothing of any network. */
export function emit(machine: Machine): BundleFile[] {
  const { files } = emitVerilog(machine);
  return [
    ...files.map(({ path, text }) => ({ path, content: text })),
    { path: 'files.f', content: `${files.map((f) => f.path).join('\n')}\n` },
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
  ];
}

/** Everything of one compiled network: the machine's Verilog, the program, a test bench that runs one real input. */
export function makeBundle({ opened, compiled }: CompiledNetwork, record?: RunRecord): BundleFile[] {
  const { machine, program, dataflow, body, quantized } = compiled;
  const inputs = bodyInputs(quantized, opened.tests[0]!);
  const reference = evaluateGraph(body, inputs, { keep: 'all' });
  const dram = initialDram(program, inputs);
  const golden = goldenRegions(program, reference, dram);
  const cycles = simulateTiming(machine, program).cycles;
  return [
    ...emitTestBench({ machine, program, dram, golden, cycles }).files.map(({ path, text }) => ({
      path,
      content: text,
    })),
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
      content: readme(
        compiled.network.name,
        machine,
        program,
        cycles,
        compiled.diagnostics.map(renderDiagnostic),
      ),
    },
  ];
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

function readme(
  network: string,
  machine: Machine,
  program: Program,
  cycles: number,
  notes: readonly string[],
): string {
  return `# ${network} on ${machine.name}

Made by systole ${packageVersion()}. A ${machine.array.rows} x ${machine.array.columns} int8 weight-stationary systolic array with its program for ${network}.

| folder | what is in it |
| --- | --- |
| rtl/ | the core, Verilog-2005; top module \`systole_core\`; \`files.f\` lists the files in order |
| tb/ | self-checking test bench with a DRAM model; \`dram.hex\` holds one real input, \`golden.hex\` what every layer must store |
| program/ | the ${program.instructions.length} instructions (binary, assembly, dataflow text) and the memory map |
| machine.json | every size of this machine |

## Run it
\`\`\`
make icarus       # Icarus Verilog
make verilator    # Verilator 5
\`\`\`
Both print \`PASS\` when every stored tensor equals the network's integer evaluation; the run takes ${cycles} cycles from start to done.

## Use it
1. Copy the DRAM image to memory at a 4 KiB boundary; write that address to BASE (0x10).
2. Write the address of the program (image offset ${program.programAddress}) to PROGRAM (0x0C), plus BASE.
3. Write 1 to CONTROL (0x00); wait for \`irq_o\` or for bit 1 of STATUS (0x04). Bit 2 is an error; ERROR (0x08) says which.
4. Outputs and inputs lie where program/memory-map.json says, channel-blocked: element (n, c, y, x) at
   \`address + (((n * ceil(C/${machine.array.rows}) + floor(c/${machine.array.rows})) * H + y) * W + x) * pitch + c mod ${machine.array.rows}\`.

Timing model of the DRAM in the test bench: ${machine.memory.readLatency} cycles read latency, ${machine.memory.writeLatency} write latency, a beat every ${machine.memory.cyclesPerBeat} cycle(s), ${machine.memory.outstanding} reads outstanding. Another memory changes the cycles, not the values.
${notes.length > 0 ? `\n## Notes of the compiler\n${notes.map((n) => `- ${n}`).join('\n')}\n` : ''}`;
}
