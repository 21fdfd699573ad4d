export {
  exactPoolRules,
  exactRules,
  expandBy,
  expandedOperators,
  expandOperators,
  sinkIntoPhases,
} from './expand-operators.js';
export * from './flatten-products.js';
export * from './fold-batch-normalization.js';
export * from './fold-constants.js';
export * from './fold-pad.js';
export * from './fuse-functions.js';
export * from './fuse-shuffles.js';
export * from './pass.js';
export * from './passes.js';
export * from './remove-identities.js';
export * from './remove-unused.js';
export { constantInput, freshValue, type Uses, untilStable, usesOf } from './rewrite.js';
export * from './shorten-moves.js';
export * from './unroll-recurrent.js';
