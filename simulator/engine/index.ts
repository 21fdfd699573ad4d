export * from './counts.js';
export * from './interpret.js';
export * from './types.js';
