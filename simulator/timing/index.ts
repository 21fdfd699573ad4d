export * from './alone.js';
export * from './breakdown.js';
export * from './causes.js';
export * from './durations.js';
export * from './durations-of.js';
export * from './simulate.js';
export * from './transfer.js';
