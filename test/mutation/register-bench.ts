/** The bench of control_registers alone (test/robustness/control_registers_tb.v), as files of a folder. */

import { readFileSync } from 'node:fs';
import { cellTemplates } from '../../compiler/verilog/index.js';

export function registerBench() {
  const bench = readFileSync(new URL('../robustness/control_registers_tb.v', import.meta.url), 'utf8');
  const module = 'rtl/control_registers.v';
  const files = [
    { path: module, text: cellTemplates.get('control_registers.v')! },
    { path: 'rtl/delay_line.v', text: cellTemplates.get('delay_line.v')! },
    { path: 'tb/control_registers_tb.v', text: bench },
  ];
  return { top: 'control_registers_tb', files, sources: files.map((f) => f.path) };
}
