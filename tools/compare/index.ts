export * from './device-file.js';
export * from './kernel-kinds.js';
export * from './kernels.js';
export * from './rows.js';
