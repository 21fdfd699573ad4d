export { type KerasModel, looksLikeHdf5, type NamedWeight } from './hdf5.js';
export * from './read.js';
