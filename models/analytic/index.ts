export * from './cycles.js';
export * from './durations.js';
export * from './nest.js';
export * from './scale-sim.js';
