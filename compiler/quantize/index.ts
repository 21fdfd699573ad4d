export * from './host.js';
export * from './import-quantized.js';
export * from './quantize.js';
export * from './status.js';
export * from './types.js';
