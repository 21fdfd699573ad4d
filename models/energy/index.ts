export * from './array-energy.js';
export * from './energy.js';
export * from './switched-array.js';
