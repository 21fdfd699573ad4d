export * from './affine.js';
export * from './expand.js';
export * from './locate.js';
export * from './parse.js';
export * from './print.js';
export * from './syntax.js';
export * from './types.js';
export { wrongMachine } from './verify/diagnostics.js';
export * from './verify/verify.js';
