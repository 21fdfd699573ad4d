export * from './program.js';
export * from './table.js';
