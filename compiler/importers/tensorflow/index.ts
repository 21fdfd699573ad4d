export { looksLikeSavedModel } from '../wire/index.js';
export type { FileLookup } from './checkpoint.js';
export { looksLikeGraphDef } from './detect.js';
export type { NamedTensor, NodesOptions } from './nodes.js';
export { tensorflowMappings } from './operators/index.js';
export * from './read.js';
export * from './saved-model.js';
export { elementOf, packedSize, storableCount, unpack } from './tensor.js';
