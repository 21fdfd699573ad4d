export * from './diagnostics.js';
export * from './emitter.js';
export * from './operators.js';
export * from './strided-slice.js';
export * from './values.js';
export * from './windows.js';
