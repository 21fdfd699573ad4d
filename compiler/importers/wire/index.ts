export * from './onnx.js';
export * from './onnx-schema.js';
