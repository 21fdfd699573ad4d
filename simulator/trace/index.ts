export * from './diagnostics.js';
export * from './place.js';
export * from './signal-filter.js';
export * from './timeline.js';
export * from './vcd.js';
export * from './waits.js';
