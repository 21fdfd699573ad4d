export * from './assert.js';
export * from './diagnostics.js';
export * from './numeric.js';
export * from './packing.js';
export * from './tensor.js';
