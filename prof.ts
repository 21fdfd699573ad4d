import { unwrap } from './base/index.js';
import { lower } from './compiler/lower/index.js';
import { schedule } from './compiler/schedule/index.js';
import { machinePresets } from './models/machine/index.js';
import { simulateTiming, layerBreakdown } from './simulator/timing/index.js';
import { resnet } from './test/bench/networks.js';
import * as m from './test/bench/mobile-networks.js';
const nets: any = { resnet18: () => resnet(18), mobilenet: () => m.mobilenetV2(), ic: m.tinyResnet, kws: m.tinyKeywords, ad: m.tinyAnomaly, vww: m.tinyWakeWords };
const [net, mach, quiet] = process.argv.slice(2);
const machine = machinePresets.get(mach!)!;
const g = nets[net!]();
let t0 = performance.now();
const s = unwrap(schedule(g, machine));
let t1 = performance.now();
const program = unwrap(lower(s.dataflow, machine, s.image) as any) as any;
let t2 = performance.now();
const run = simulateTiming(machine, program);
let t3 = performance.now();
const macs = program.layers.reduce((a: number, l: any) => a + l.macs, 0);
console.log(net, mach, 'schedule ms', (t1 - t0).toFixed(0), 'lower', (t2 - t1).toFixed(0), 'timing', (t3 - t2).toFixed(0), 'cycles', run.cycles, 'util', (macs / run.cycles / machine.array.rows / machine.array.columns).toFixed(3), 'instr', program.instructions.length);
if (!quiet) for (const [i, l] of layerBreakdown(machine, program, run).entries()) {
  const p = program.layers[i];
  console.log(p.name.padEnd(14), p.operator.padEnd(20), String(p.macs).padStart(10), String(l.cycles).padStart(8), 'stall', String(l.stallCycles).padStart(7), JSON.stringify(l.busyCycles), ((s.dataflow.layers[i] as any).body.length));
}
