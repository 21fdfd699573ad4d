export * from './cycles.js';
export * from './durations.js';
export * from './nest.js';
