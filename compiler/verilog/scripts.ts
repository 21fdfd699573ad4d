/**
 * The scripts of a test-bench bundle. In: the Machine (for the head). Out: text. They need `iverilog` or `verilator` on
 * the path, pass plus-arguments on (`sh run_icarus.sh +trace`), and fail unless the bench prints PASS.
 */

import type { Machine } from '../../models/machine/index.js';
import { fileHead } from './emit.js';

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

export function makefile(machine: Machine): string {
  return [
    `${fileHead(machine, '#').trimEnd()}`,
    '# make icarus | verilator | lint | self-test (a wrong expectation must be found) | clean',
    '',
    'RTL := $(filter rtl/%,$(shell cat files.f))',
    '',
    '.PHONY: icarus verilator lint self-test clean',
    '',
    'icarus:',
    '\tsh run_icarus.sh $(ARGS)',
    '',
    'verilator:',
    '\tsh run_verilator.sh $(ARGS)',
    '',
    'lint:',
    '\tverilator --lint-only -Wall --top-module systole_core $(RTL)',
    '',
    'self-test:',
    '\tsh run_icarus.sh',
    '\t! sh run_icarus.sh +corrupt',
    '',
    'clean:',
    '\trm -rf build',
    '',
  ].join('\n');
}
