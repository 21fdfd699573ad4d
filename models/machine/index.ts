export * from './check.js';
export * from './geometry.js';
export * from './hash.js';
export * from './machine.js';
export * from './memories.js';
export * from './presets.js';
