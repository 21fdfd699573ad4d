export * from './flatten-products.js';
export * from './fold-batch-normalization.js';
export * from './fold-constants.js';
export * from './fold-pad.js';
export * from './pass.js';
export * from './passes.js';
export * from './remove-identities.js';
export * from './remove-unused.js';
export { constantInput, freshValue, type Uses, untilStable, usesOf } from './rewrite.js';
