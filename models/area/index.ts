export * from './area.js';
export * from './mapped.js';
