export { looksLikeHdf5 } from './hdf5.js';
export * from './read.js';
