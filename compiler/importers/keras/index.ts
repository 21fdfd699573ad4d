export { looksLikeKerasArchive } from './archive.js';
export type { NamedWeight } from './dataset.js';
export { type KerasModel, looksLikeHdf5 } from './hdf5.js';
export * from './json.js';
export { layerMappings } from './layers.js';
export * from './read.js';
