/**
 * The scripts of a test-bench bundle. In: the Machine (for the head). Out: text. They need `iverilog` or `verilator` on
 * the path, pass plus-arguments on (`sh run_icarus.sh +trace`), and fail unless the bench prints PASS.
 */

import type { Machine } from '../../models/machine/index.js';
import { fileHead } from './emit.js';
import { defaultDevices } from './flows.js';

function script(machine: Machine, lines: readonly string[]): string {
  return `#!/bin/sh\n${fileHead(machine, '#')}${lines.join('\n')}\n`;
}

/** The verdict line decides the exit status. */
const verdict = ['cat "$log"', `grep -q '^PASS' "$log"`];

export function icarusScript(machine: Machine): string {
  return script(machine, [
    '# Runs the test bench in Icarus Verilog 11 or later. Arguments: +trace, +stalls=SEED, +corrupt, +limit=CYCLES.',
    'set -e',
    'cd "$(dirname "$0")"',
    'mkdir -p build',
    'log=build/icarus.log',
    'iverilog -g2005 -o build/systole_tb.vvp -s systole_tb -f files.f',
    'vvp -n build/systole_tb.vvp "$@" > "$log"',
    ...verdict,
  ]);
}

export function verilatorScript(machine: Machine): string {
  return script(machine, [
    '# Runs the test bench in Verilator 5.006 or later. Arguments: +trace, +stalls=SEED, +corrupt, +limit=CYCLES.',
    'set -e',
    'cd "$(dirname "$0")"',
    'log=build/verilator.log',
    'mkdir -p build',
    '# The machine itself is free of warnings (make lint); the bench is written for two simulators, not for lint.',
    'verilator --binary --timing -Wno-fatal -Wno-lint -Wno-style -O3 -j 2 --Mdir build/verilator \\',
    '  --top-module systole_tb -f files.f > build/verilator-build.log 2>&1 || { cat build/verilator-build.log; exit 1; }',
    'build/verilator/Vsystole_tb "$@" > "$log"',
    ...verdict,
  ]);
}

/** Targets for the simulators (with a bench) and for the synthesis tools. */
export function makefile(machine: Machine, bench: boolean): string {
  const names = [
    ...(bench ? ['icarus', 'verilator', 'self-test'] : []),
    'lint',
    ...synthesisTargets,
    'clean',
  ];
  return [
    `${fileHead(machine, '#').trimEnd()}`,
    `# make ${names.join(' | ')}`,
    ...(bench ? ['# self-test: a wrong expectation must be found'] : []),
    '',
    'RTL := $(filter rtl/%,$(shell cat files.f))',
    '',
    `.PHONY: ${names.join(' ')}`,
    '',
    ...(bench ? benchRules : []),
    'lint:',
    '\tverilator --lint-only -Wall --top-module systole_core $(RTL)',
    '',
    ...synthesisRules,
    'clean:',
    '\trm -rf build',
    '',
  ].join('\n');
}

const benchRules = [
  'icarus:',
  '\tsh run_icarus.sh $(ARGS)',
  '',
  'verilator:',
  '\tsh run_verilator.sh $(ARGS)',
  '',
  'self-test:',
  '\tsh run_icarus.sh',
  '\t! sh run_icarus.sh +corrupt',
  '',
];

const synthesisTargets = ['ice40', 'ecp5', 'gowin', 'xilinx', 'intel', 'vivado', 'quartus'];

const { ice40, ecp5, gowin } = defaultDevices;
const yosys = (family: string) => [
  `${family}:`,
  '\tmkdir -p build',
  `\tyosys -l build/${family}.log -s synth/${family}.ys`,
];

const synthesisRules = [
  ...yosys('ice40'),
  `\tnextpnr-ice40 ${ice40.nextpnr} --json build/ice40.json --pcf constraints/ice40.pcf --pcf-allow-unconstrained --asc build/ice40.asc`,
  '\ticepack build/ice40.asc build/ice40.bin',
  '',
  ...yosys('ecp5'),
  `\tnextpnr-ecp5 ${ecp5.nextpnr} --json build/ecp5.json --lpf constraints/ecp5.lpf --lpf-allow-unconstrained --textcfg build/ecp5.config`,
  '\tecppack build/ecp5.config build/ecp5.bit',
  '',
  ...yosys('gowin'),
  `\tnextpnr-himbaechel ${gowin.nextpnr} --json build/gowin.json --write build/gowin_routed.json`,
  '',
  ...yosys('xilinx'),
  '',
  ...yosys('intel'),
  '',
  'vivado:',
  '\tvivado -mode batch -source synth/vivado.tcl',
  '',
  'quartus:',
  '\tquartus_sh -t synth/quartus.tcl',
  '',
];
