export * from './engine.js';
export { MatmulDatapath } from './matmul.js';
export { canShareTiles, type SharedTiles, serveTiles, shareTiles, TilePoster } from './shared-tiles.js';
