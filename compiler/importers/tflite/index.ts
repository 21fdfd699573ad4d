export { looksLikeTflite } from './model.js';
export { tfliteMappings } from './operators.js';
export * from './read.js';
