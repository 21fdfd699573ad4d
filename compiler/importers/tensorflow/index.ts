export { tensorflowMappings } from './operators.js';
export * from './read.js';
