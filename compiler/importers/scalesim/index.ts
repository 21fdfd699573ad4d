export { type Cell, cellPlace, type Row, readRows, type SourceText } from './csv.js';
export { looksLikeTopology } from './detect.js';
export * from './read.js';
export * from './topology.js';
