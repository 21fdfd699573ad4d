export * from './counts.js';
export * from './interpret.js';
export * from './probe.js';
export * from './types.js';
