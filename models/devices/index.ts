export * from './gpu.js';
export * from './gpu-library.js';
export * from './gpu-matmul.js';
export * from './gpu-rows.js';
export * from './kernel.js';
export * from './matrix-core.js';
export * from './roofline.js';
export * from './row-stationary.js';
