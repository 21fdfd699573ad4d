export * from './cycles.js';
export * from './nest.js';
