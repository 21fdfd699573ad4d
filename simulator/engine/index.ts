export * from './counts.js';
export * from './interpret.js';
export * from './kept.js';
export * from './probe.js';
export * from './types.js';
