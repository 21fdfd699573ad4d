export * from './attributes.js';
export * from './builder.js';
export * from './count.js';
export * from './evaluate.js';
export * from './infer.js';
export * from './operator.js';
export * from './table.js';
export * from './types.js';
