export { looksLikeOnnx } from '../wire/index.js';
export { onnxMappings } from './operators/index.js';
export * from './read.js';
export { readTensor } from './tensor.js';
