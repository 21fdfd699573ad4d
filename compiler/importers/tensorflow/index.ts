export { looksLikeGraphDef } from './detect.js';
export { tensorflowMappings } from './operators.js';
export * from './read.js';
