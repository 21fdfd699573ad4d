export * from './area.js';
export * from './block-rams.js';
export * from './least-squares.js';
export * from './mapped.js';
