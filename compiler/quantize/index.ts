export type { Range } from './calibrate.js';
export * from './host.js';
export * from './host-work.js';
export * from './import-quantized.js';
export * from './quantize.js';
export * from './segments.js';
export * from './status.js';
export * from './types.js';
