export type { RtlStatistics } from './compile.js';
export { type CoreRun, driveCore } from './core-driver.js';
export type { Port } from './design.js';
export * from './diagnostics.js';
export * from './elaborate.js';
export * from './engine.js';
export * from './memory-model.js';
export * from './netlist.js';
export * from './simulator.js';
