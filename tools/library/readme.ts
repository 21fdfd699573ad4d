/** The README of a bundle. In: the machine, and what runs on it. Out: Markdown. */

import type { Program } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { packageVersion } from './files.js';

/** What the README of a compiled network tells. */
export interface NetworkReadme {
  readonly network: string;
  readonly machine: Machine;
  readonly program: Program;
  /** Cycles of one run, as predicted and as the test bench checks. */
  readonly cycles: number;
  /** Rendered diagnostics of the compiler. */
  readonly notes: readonly string[];
}

/** README of a machine alone. */
export function machineReadme(machine: Machine): string {
  return `# ${machine.name}

Made by systole ${packageVersion()}. ${arraySentence(machine)}

| path | what is in it |
| --- | --- |
| rtl/ | the core, Verilog-2005; top module \`systole_core\`; \`files.f\` lists the files in order |
${projectRows}
${toolsSection(false)}
${resetSection}`;
}

/** README of a network on a machine. */
export function networkReadme({ network, machine, program, cycles, notes }: NetworkReadme): string {
  const { rows } = machine.array;
  const { readLatency, writeLatency, cyclesPerBeat, outstanding } = machine.memory;
  return `# ${network} on ${machine.name}

Made by systole ${packageVersion()}. ${arraySentence(machine)} With it comes its program for ${network}.

| path | what is in it |
| --- | --- |
| rtl/ | the core, Verilog-2005; top module \`systole_core\`; \`files.f\` lists the files in order |
| tb/ | self-checking test bench with a DRAM model; \`dram.hex\` holds one real input, \`golden.hex\` what every layer must store |
| program/ | the ${program.instructions.length} instructions (binary, assembly, dataflow text) and the memory map |
${projectRows}

## Run it
\`\`\`
make icarus       # Icarus Verilog
make verilator    # Verilator 5
\`\`\`
Both print \`PASS\` when every stored tensor equals the network's integer evaluation; the run takes ${cycles} cycles from start to done.

## Use it
\`driver/systole.h\` does these steps in C (\`systole_probe\`, \`systole_configure\`, \`systole_start\`, \`systole_wait\`).

1. Copy the DRAM image to memory at a 4 KiB boundary; write that address to BASE (0x10).
2. Write the address of the program (image offset ${program.programAddress}) to PROGRAM (0x0C), plus BASE.
3. Write 1 to CONTROL (0x00); wait for \`irq_o\` or for bit 1 of STATUS (0x04). Bit 2 is an error; ERROR (0x08) says which.
4. Outputs and inputs lie where program/memory-map.json says, channel-blocked: element (n, c, y, x) at
   \`address + (((n * ceil(C/${rows}) + floor(c/${rows})) * H + y) * W + x) * pitch + c mod ${rows}\`.

Timing model of the DRAM in the test bench: ${readLatency} cycles read latency, ${writeLatency} write latency, a beat every ${cyclesPerBeat} cycle(s), ${outstanding} reads outstanding. Another memory changes the cycles, not the values.
${toolsSection(true)}
${resetSection}${notes.length > 0 ? `\n## Notes of the compiler\n${notes.map((n) => `- ${n}`).join('\n')}\n` : ''}`;
}

/** What the README of a network with the host in the middle tells. */
export interface SegmentedReadme {
  readonly network: string;
  readonly machine: Machine;
  /** Of each segment. */
  readonly cycles: readonly number[];
  readonly notes: readonly string[];
}

/** README of a network that runs as several programs, the host between them. */
export function segmentedReadme({ network, machine, cycles, notes }: SegmentedReadme): string {
  const total = cycles.reduce((sum, n) => sum + n, 0);
  return `# ${network} on ${machine.name}

Made by systole ${packageVersion()}. ${arraySentence(machine)} With it come the ${cycles.length} programs of ${network}: the host computes what stands between them.

| path | what is in it |
| --- | --- |
| rtl/ | the core, Verilog-2005; top module \`systole_core\`; \`files.f\` lists the files in order |
| segments/N/ | program, memory map, memory images and self-checking test bench of segment N |
| host.json | what the host computes before, between and after the segments, operator by operator |
${projectRows}

## Run it
\`\`\`
sh run_icarus.sh       # Icarus Verilog, every segment
sh run_verilator.sh    # Verilator 5
\`\`\`
Each segment prints \`PASS\` when every stored tensor equals the network's integer evaluation. The segments take ${cycles.join(' + ')} = ${total} cycles.

## Use it
For each segment in turn: do the host's step of host.json (QuantizeLinear and DequantizeLinear change between real values and the stored
integers), put the segment's inputs where its memory-map.json says, start it and wait as driver/systole.h shows. A tensor that an earlier segment
left for a later one is copied from one memory map to the other.
${toolsSection(false)}
${resetSection}${notes.length > 0 ? `\n## Notes of the compiler\n${notes.map((n) => `- ${n}`).join('\n')}\n` : ''}`;
}

/** README of a network that the host computes alone: the machine is there, with nothing to run on it. */
export function hostOnlyReadme({ network, machine, notes }: SegmentedReadme): string {
  return `# ${network} on ${machine.name}

Made by systole ${packageVersion()}. ${arraySentence(machine)} No operator of ${network} runs on it: the host computes all of it, and there is no program.

| path | what is in it |
| --- | --- |
| rtl/ | the core, Verilog-2005; top module \`systole_core\`; \`files.f\` lists the files in order |
| host.json | what the host computes, operator by operator |
${projectRows}
${toolsSection(false)}
${resetSection}${notes.length > 0 ? `\n## Notes of the compiler\n${notes.map((n) => `- ${n}`).join('\n')}\n` : ''}`;
}

function arraySentence({ array, elements, clockMegahertz }: Machine): string {
  const { rows, columns, dataflow } = array;
  return `A ${rows} x ${columns} int${elements.activationBits} ${dataflow} systolic array, constrained to ${clockMegahertz} MHz.`;
}

const projectRows = `| diagram.svg | block diagram |
| registers/ | map of the control registers, for people and as JSON |
| driver/systole.h | C99 driver of the control registers, one header |
| constraints/ | clock constraints: PCF (iCE40), LPF (ECP5), XDC (AMD), SDC (Intel, ASIC) |
| synth/, openroad/ | scripts for Yosys, Vivado, Quartus, OpenROAD-flow-scripts |
| asic/ | memories for an ASIC: macro wrapper, its behavioural model, the shapes to make |
| systole.core | FuseSoC description |
| machine.json | every size of this machine |
| manifest.json | SHA-256 of every file |`;

function toolsSection(bench: boolean): string {
  return `
## Synthesize it
\`\`\`
make ice40 | ecp5 | gowin      # Yosys, nextpnr and the packer, of the core between two shift registers (five pins)
make xilinx | intel            # Yosys, mapped netlist and counts
make vivado | quartus          # the vendor's tools, out of context
make DESIGN_CONFIG=THIS_FOLDER/openroad/config.mk      # in OpenROAD-flow-scripts/flow
fusesoc run --cores-root . --target ${bench ? 'sim' : 'lint'} systole:machine:NAME
\`\`\`
Devices are those of common boards, named at the top of each script. Pins are the board's business: add them to constraints/.
`;
}

const resetSection = `## Clock and reset
One clock, \`clk_i\`. \`rst_i\` is synchronous and active high, and resets control state only (state machines, counters, valid
flags): hold it for two cycles or more. Data registers and memories have no reset and are never read before they are written. From
another clock domain or an asynchronous source, bring the reset in through two registers. Resetting while the masters have bursts under way
breaks AXI: reset the interconnect with the core.
`;
