export * from './crc32c.js';
export * from './flat-table.js';
export * from './half.js';
export * from './onnx.js';
export * from './onnx-schema.js';
export * from './saved-model.js';
export * from './sorted-table.js';
export * from './tensorflow.js';
