export * from './flat-table.js';
export * from './half.js';
export * from './onnx.js';
export * from './onnx-schema.js';
export * from './tensorflow.js';
