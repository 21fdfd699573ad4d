export { looksLikeGraphDef } from './detect.js';
export { tensorflowMappings } from './operators/index.js';
export * from './read.js';
