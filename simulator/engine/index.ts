export * from './interpret.js';
export * from './types.js';
