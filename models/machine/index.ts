export * from './geometry.js';
export * from './machine.js';
