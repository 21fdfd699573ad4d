export * from './array-energy.js';
export * from './energy.js';
